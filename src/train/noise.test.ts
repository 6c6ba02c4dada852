import { describe, expect, it } from "vitest";
import { random } from "../random.ts";
import { drawNoise } from "./noise.ts";

const draw = (spec: Parameters<typeof drawNoise>[0], step = 0): Float32Array => {
  const values = new Float32Array(20_000);
  drawNoise(spec, random(3).split("noise").split("dropout").split(step), values);
  return values;
};
const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const meanSquare = (values: Float32Array): number => mean(values.map((value) => value * value));

describe("drawNoise", () => {
  it("draws ones with the probability asked for", () => {
    const values = draw({ kind: "bernoulli", probability: 0.2, shape: [20_000] });
    expect(new Set(values)).toEqual(new Set([0, 1]));
    expect(Math.abs(mean(values) - 0.2)).toBeLessThan(0.01);
    expect(mean(draw({ kind: "bernoulli", probability: 1, shape: [20_000] }))).toBe(1);
    expect(mean(draw({ kind: "bernoulli", probability: 0, shape: [20_000] }))).toBe(0);
  });

  it("draws standard normal and uniform values", () => {
    const normal = draw({ kind: "normal", shape: [20_000] });
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(Math.abs(meanSquare(normal) - 1)).toBeLessThan(0.05);
    const uniform = draw({ kind: "uniform", shape: [20_000] });
    expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(meanSquare(uniform) - 1 / 3)).toBeLessThan(0.01);
  });

  it("is a function of the step", () => {
    const spec = { kind: "uniform", shape: [20_000] } as const;
    expect(draw(spec, 7)).toEqual(draw(spec, 7));
    expect(draw(spec, 7)).not.toEqual(draw(spec, 8));
  });
});
