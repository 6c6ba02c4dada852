/** Normalisations of each row by itself: no running statistics, the same in training and inference, in both domains. */
import { floats, instanceNormalization, layerNormalization } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import { ones, zeros } from "./initialisers.ts";
import type { Layer } from "./layer.ts";
import { channelsOf, fixedSize } from "./shapes.ts";

export interface NormOptions {
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
  /** Whether a trained scale and shift follow; default true. */
  readonly affine?: boolean;
}

/** Standardises the features of a row, the last axis (Ba et al. 2016). */
export function layerNorm(options: NormOptions = {}): Layer {
  const { epsilon = 1e-5, affine = true } = options;
  return {
    name: "layer-norm",
    description: "layer norm",
    mixesRows: false,
    apply(x, scope) {
      const width = fixedSize("layer norm", x, -1);
      if (!affine) return layerNormalization(x, filled(width, 1), undefined, { epsilon });
      const scale = scope.parameter("scale", [width], ones, { decay: false });
      const shift = scope.parameter("shift", [width], zeros, { decay: false });
      return layerNormalization(x, scale, shift, { epsilon });
    },
  };
}

/** Standardises each channel of a row over its space or time (Ulyanov et al. 2016): contrast and brightness go. */
export function instanceNorm(options: NormOptions = {}): Layer {
  const { epsilon = 1e-5, affine = true } = options;
  return {
    name: "instance-norm",
    description: "instance norm",
    mixesRows: false,
    apply(x, scope) {
      const channels = channelsOf("instance norm", x);
      if (!affine) return instanceNormalization(x, filled(channels, 1), filled(channels, 0), epsilon);
      const scale = scope.parameter("scale", [channels], ones, { decay: false });
      const shift = scope.parameter("shift", [channels], zeros, { decay: false });
      return instanceNormalization(x, scale, shift, epsilon);
    },
  };
}

const filled = (size: number, value: number): Var => floats([size], new Float32Array(size).fill(value));
