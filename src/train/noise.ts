/** Random numbers that layers ask for at every step, such as dropout masks: a pure function of (seed, name, step). */
import type { NoiseSpec } from "../nn/layer.ts";
import type { Random } from "../random.ts";

/** Overwrites `values` with a draw of the kind that `spec` names. */
export function drawNoise(spec: NoiseSpec, random: Random, values: Float32Array): void {
  switch (spec.kind) {
    case "bernoulli": {
      // One 32-bit word a value: the probability is met to 2^-32.
      const limit = (spec.probability ?? 0.5) * 2 ** 32;
      for (let i = 0; i < values.length; i++) values[i] = random.uint32() < limit ? 1 : 0;
      return;
    }
    case "normal":
      for (let i = 0; i < values.length; i++) values[i] = random.normal();
      return;
    case "uniform":
      for (let i = 0; i < values.length; i++) values[i] = random.uniform();
      return;
    default:
      spec.kind satisfies never;
  }
}
