/**
 * Held-out source loss weighted to the target, w(x) = p_T / p_S in the features: in theory the risk on the target where
 * the label of a feature does not depend on the domain. Three estimates, all of the cross-entropy in nats; lower is
 * better.
 *
 * The ratio is fitted on the rows that it weights: held-out source rows are few. Wide features that separate the
 * domains leave no weight on any source row; then all three are near 0 and say nothing (`density-ratio.ts`).
 */
import type { Validator, ValidatorInput } from "../../train/validator.ts";
import { densityRatio } from "../density-ratio.ts";
import { logSumExp } from "../probabilities.ts";

/** Importance-weighted validation: mean(w L). From 0 up (Sugiyama, Krauledat and Müller, JMLR 8, 2007). */
export const iwcv: Validator = {
  name: "iwcv",
  higherIsBetter: false,
  use: "selection",
  score: onWeighted(weightedMean),
};

/**
 * Deep embedded validation: mean(w L) + eta mean(w) - eta with eta = -Cov(w L, w) / Var(w), the control variate that
 * takes variance out, 0 where all weights are equal. Without bounds (You et al., ICML 2019).
 */
export const dev: Validator = { name: "dev", higherIsBetter: false, use: "selection", score: onWeighted(controlled) };

/** DEV with weights divided by their largest and shifted to the mean 1, so that none explodes (Musgrave et al. 2022). */
export const devn: Validator = { name: "devn", higherIsBetter: false, use: "selection", score: onWeighted(bounded) };

/** The estimates by name, from weights and losses of held-out source rows, whatever the loss. */
export const weightedRisks: Readonly<Record<string, Estimate>> = { iwcv: weightedMean, dev: controlled, devn: bounded };

type Estimate = (weights: Float64Array, losses: Float64Array) => number | null;

function onWeighted(estimate: Estimate): Validator["score"] {
  return (input) => {
    if (input.sourceLabels.length === 0 || input.targetLogits.length === 0) return null;
    const value = estimate(weightsOf(input), lossesOf(input));
    return value === null || !Number.isFinite(value) ? null : value;
  };
}

function weightedMean(weights: Float64Array, losses: Float64Array): number {
  return mean(product(weights, losses));
}

function bounded(weights: Float64Array, losses: Float64Array): number | null {
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  if (largest === 0) return null;
  const scaled = weights.map((weight) => weight / largest);
  const shift = 1 - mean(scaled);
  return controlled(
    scaled.map((weight) => weight + shift),
    losses,
  );
}

function controlled(weights: Float64Array, losses: Float64Array): number {
  const weighted = product(weights, losses);
  const variance = covariance(weights, weights);
  // A variance that is rounding alone would make eta out of noise.
  const eta = variance < 1e-20 ? 0 : -covariance(weighted, weights) / variance;
  return mean(weighted) + eta * mean(weights) - eta;
}

/** One fit serves the three of them. */
const fitted = new WeakMap<ValidatorInput, Float64Array>();

function weightsOf(input: ValidatorInput): Float64Array {
  const known = fitted.get(input);
  if (known !== undefined) return known;
  const { featureWidth: width, sourceFeatures, targetFeatures, classes } = input;
  const weights = densityRatio(
    { rows: input.sourceLabels.length, width, values: sourceFeatures },
    { rows: input.targetLogits.length / classes, width, values: targetFeatures },
  );
  fitted.set(input, weights);
  return weights;
}

/** Cross-entropy of each held-out source row. */
const lossesOf = ({ sourceLogits, sourceLabels, classes }: ValidatorInput): Float64Array =>
  Float64Array.from(sourceLabels, (label, row) => {
    const logits = sourceLogits.subarray(row * classes, (row + 1) * classes);
    return logSumExp(logits) - (logits[label] ?? 0);
  });

const product = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value * (b[i] as number));
const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function covariance(a: Float64Array, b: Float64Array): number {
  const [first, second] = [mean(a), mean(b)];
  return mean(a.map((value, i) => (value - first) * ((b[i] as number) - second)));
}
