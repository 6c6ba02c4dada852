/**
 * A validator scores a model without target labels: it is how an epoch is chosen and how the method is compared with
 * source-only. Its input has no target labels to look at.
 */
import type { Scores } from "../probabilities.ts";

/** What a model says about a fixed sample of rows that it is judged on. */
export interface Evidence {
  /** Held-out source rows: probabilities and the true classes. */
  readonly source: { readonly probabilities: Scores; readonly labels: ArrayLike<number> };
  /** Target rows: probabilities. There is no field for labels. */
  readonly target: { readonly probabilities: Scores };
}

export interface Validator {
  /** Kebab-case, as in `result.json`. */
  readonly name: string;
  /** One sentence: what a high score means and when it misleads. */
  readonly description: string;
  /** Higher is better, always. */
  score(evidence: Evidence): number;
}
