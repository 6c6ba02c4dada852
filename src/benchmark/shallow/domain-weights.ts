/**
 * Importance weights p_T(x) / p_S(x) of source rows by a linear logistic regression that tells the domains apart, w =
 * (n_S / n_T) exp(score) (Bickel, Brueckner and Scheffer 2007), as `evaluate/density-ratio.ts` has them, but for wide and
 * sparse rows, of all of them, and with a C that fits: weights go into training here, not into a score of it.
 */
import { holdOut } from "../../data/splits.ts";
import { domainLabel } from "../../domain.ts";
import { type ImportanceWeights, importanceWeights } from "../../evaluate/calibration/weights.ts";
import { random } from "../../random.ts";
import { type FeatureRows, pickRows, stackRows } from "./feature-rows.ts";
import { fitLinear, type LinearSettings, linearScores } from "./linear.ts";

export interface DomainWeights extends ImportanceWeights {
  /** C of the domain classifier: of those tried the one that makes held-out rows of both domains likeliest. */
  readonly cost: number;
}

/** @param costs C to try. */
export function domainWeights(
  source: FeatureRows,
  target: FeatureRows,
  costs: readonly number[],
  seed: number,
): DomainWeights {
  const all = stackRows(source, target);
  const domains = new Uint8Array(all.rows).fill(domainLabel("target"), source.rows);
  const { train, holdout } = holdOut(domains, random(seed).split("domain-weights"), { fraction: 0.2 });
  const scored = (indices: Int32Array, asked: FeatureRows, cost: number): Float64Array => {
    const own = Array.from(indices, (row) => domains[row] ?? 0);
    const fit = fitLinear(pickRows(all, indices), own, { ...settings, cost }, seed);
    return linearScores({ classes: 2, fits: [fit] }, asked)[0] ?? new Float64Array(asked.rows);
  };
  const held = pickRows(all, holdout);
  const risks = costs.map((cost) => {
    const scores = scored(train, held, cost);
    return scores.reduce((sum, score, i) => sum + logLoss(score, domains[holdout[i] ?? 0] ?? 0), 0);
  });
  const cost = costs[risks.indexOf(Math.min(...risks))] ?? 1;
  const every = Int32Array.from({ length: all.rows }, (_, row) => row);
  const share = source.rows / target.rows;
  const ratios = scored(every, source, cost).map((score) => share * Math.exp(score));
  return { ...importanceWeights(ratios), cost };
}

const settings = { loss: "logistic", maxPasses: 100 } as const satisfies Omit<LinearSettings, "cost">;

/** ln(1 + e^-m), m the score times the sign of the label. */
function logLoss(score: number, label: number): number {
  const margin = label === 1 ? score : -score;
  return Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
}
