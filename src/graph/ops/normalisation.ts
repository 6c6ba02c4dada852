/** Normalisations whose statistics are given or come from the row itself. */
import { apply, type Var } from "../node.ts";

export interface LayerNormalizationOptions {
  /** First normalised axis; it and all after it share one mean and variance. Default -1. */
  readonly axis?: number;
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
}

/** Standardises over the last axes, then scales and shifts (Ba et al. 2016). */
export const layerNormalization = (x: Var, scale: Var, bias?: Var, options: LayerNormalizationOptions = {}): Var =>
  apply("LayerNormalization", bias === undefined ? [x, scale] : [x, scale, bias], {
    axis: options.axis ?? -1,
    epsilon: options.epsilon ?? 1e-5,
  });

/** scale * (x - mean) / sqrt(variance + epsilon) + bias with a number of each per channel of x [N, C, ...]. */
export const batchNormalizationInference = (
  x: Var,
  scale: Var,
  bias: Var,
  mean: Var,
  variance: Var,
  epsilon = 1e-5,
): Var => apply("BatchNormalization", [x, scale, bias, mean, variance], { epsilon });

/** Standardises every channel of every row over its spatial axes, then scales and shifts per channel. */
export const instanceNormalization = (x: Var, scale: Var, bias: Var, epsilon = 1e-5): Var =>
  apply("InstanceNormalization", [x, scale, bias], { epsilon });
