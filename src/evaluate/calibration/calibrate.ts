/**
 * The temperature of a model for the target, found without target labels: held-out source rows, weighted by how much
 * more likely their features are in the target, stand for the target's (as CPCS: Park et al., AISTATS 2020, and
 * TransCal: Wang et al., NeurIPS 2020; here what is minimised is the weighted NLL). Where the domains hardly overlap no
 * source row stands for the target's: then the source's own temperature is taken.
 *
 * T is never below 1. A lower one makes the network surer, on the word of source rows; but what goes wrong on the target
 * is that networks are too sure there, and adaptation makes them surer still.
 */
import type { ModelCalibration } from "../../train/metadata.ts";
import { densityRatio } from "../density-ratio.ts";
import type { Matrix } from "../logistic.ts";
import { predictions, type Scores } from "../probabilities.ts";
import { expectedCalibrationError, type ReliabilityBin, reliabilityBins } from "./ece.ts";
import { fitTemperature, scaled } from "./temperature.ts";
import { type ImportanceWeights, importanceWeights } from "./weights.ts";

export interface CalibrationEvidence {
  /** Of held-out source rows. */
  readonly logits: Scores;
  readonly labels: ArrayLike<number>;
  /** What the model makes of these rows, and of the target's. */
  readonly sourceFeatures: Matrix;
  readonly targetFeatures: Matrix;
}

/** A number with the network's own probabilities, and with those of the temperature. */
interface BeforeAfter {
  readonly before: number;
  readonly after: number;
}

export interface Calibration extends ModelCalibration {
  /** Why no better basis could be had; null of the best. */
  readonly why: string | null;
  /** Held-out source rows; T that fits them as they are, null where it cannot be told; their ECE, and the bins of it after. */
  readonly source: {
    readonly rows: number;
    readonly temperature: number | null;
    readonly ece: BeforeAfter;
    readonly bins: readonly ReliabilityBin[];
  };
  /** What weighting leaves (`weights.ts`), and T where it can be told. */
  readonly weighted: {
    readonly overlap: number;
    readonly effectiveRows: number;
    readonly clipped: number;
    readonly temperature: number | null;
  };
  /** ECE of the target as the weighted rows have it; null where they do not stand for it. */
  readonly estimatedTargetEce: BeforeAfter | null;
}

/** Fewer rows fix no temperature: in 15 bins they would be two each. */
const fewest = 30;
/**
 * Fewer wrong rows fix none either: each row that is right wants a lower T, and what holds it up is the wrong ones. With
 * none of them there is no lowest NLL, and with a few T is theirs alone.
 */
const fewestWrong = 5;
/** Below this mean density ratio most of the target lies where the source has no rows. */
const leastOverlap = 0.5;

export function calibrate({ logits, labels, sourceFeatures, targetFeatures }: CalibrationEvidence): Calibration {
  const { rows } = logits;
  const weights = importanceWeights(rows === 0 ? [] : densityRatio(sourceFeatures, targetFeatures));
  const said = predictions(logits);
  const wrong = said.filter((c, row) => c !== labels[row]).length;
  const possible = basisOf(rows, wrong, weights);
  const own = possible.basis === "none" ? null : fitTemperature(logits, labels);
  const weighted = possible.basis === "weighted" ? fitTemperature(logits, labels, weights.values) : null;
  const found = weighted ?? own ?? 1;
  const temperature = Math.max(1, found);
  const decided: typeof possible =
    found < 1
      ? { basis: "none", why: `the temperature that fits is ${found.toFixed(2)}, and a network is not made surer` }
      : possible;
  const ece = (which?: ArrayLike<number>): BeforeAfter => ({
    before: expectedCalibrationError(logits, labels, which),
    after: expectedCalibrationError(scaled(logits, temperature), labels, which),
  });
  return {
    temperature,
    ...decided,
    source: { rows, temperature: own, ece: ece(), bins: reliabilityBins(scaled(logits, temperature), labels) },
    weighted: {
      overlap: weights.overlap,
      effectiveRows: weights.effectiveRows,
      clipped: weights.clipped,
      temperature: weighted,
    },
    estimatedTargetEce: standsForTarget(weights) ? ece(weights.values) : null,
  };
}

const standsForTarget = ({ overlap, effectiveRows }: ImportanceWeights): boolean =>
  overlap >= leastOverlap && effectiveRows >= fewest;

function basisOf(rows: number, wrong: number, weights: ImportanceWeights): Pick<Calibration, "basis" | "why"> {
  if (rows < fewest) return { basis: "none", why: `${rows} source rows are held out, expected at least ${fewest}` };
  if (wrong < fewestWrong)
    return {
      basis: "none",
      why: `${wrong} of ${rows} held-out source rows are classified wrong, expected at least ${fewestWrong}`,
    };
  if (standsForTarget(weights)) return { basis: "weighted", why: null };
  const why =
    weights.overlap < leastOverlap
      ? `the target's features lie where the source has few rows: their mean density ratio is ${weights.overlap.toFixed(2)}, expected at least ${leastOverlap}`
      : `weighted to the target, ${rows} held-out source rows are worth ${weights.effectiveRows.toFixed(1)}, expected at least ${fewest}`;
  return { basis: "source", why };
}
