/**
 * Linear classifiers as baselines of feature data: logistic regression, the linear support vector machine, and logistic
 * regression whose source rows count by their importance in the target (Shimodaira 2000; weights by a domain classifier:
 * Bickel et al. 2007). C is chosen without target labels, by the errors on a tenth of the source that is held out, by class
 * and seed; for weighted rows by weighted errors (importance-weighted cross-validation: Sugiyama et al., JMLR 8, 2007).
 * Then all rows train. Several classes are told one against the rest.
 */
import { holdOut } from "../../data/splits.ts";
import { drawRows, random } from "../../random.ts";
import { type DomainWeights, domainWeights } from "./domain-weights.ts";
import { type FeatureRows, type LabelledRows, pickLabelled, pickRows } from "./feature-rows.ts";
import { type LinearLoss, type LinearModel, linearClassifier, predictLinear } from "./linear.ts";

export interface LinearMethod {
  readonly loss: LinearLoss;
  /** Whether source rows count by their importance in the target. */
  readonly weighting: "none" | "importance";
}

export const linearMethods = {
  "logistic-regression": { loss: "logistic", weighting: "none" },
  "linear-svm": { loss: "hinge", weighting: "none" },
  "iw-logistic-regression": { loss: "logistic", weighting: "importance" },
} as const satisfies Readonly<Record<string, LinearMethod>>;

export interface LinearTask {
  readonly source: LabelledRows;
  readonly target: FeatureRows;
  readonly classes: number;
  /** C to try, in this order: the first of the best is taken. */
  readonly costs: readonly number[];
  readonly seed: number;
  /** Most rows of each domain that are looked at, drawn by the seed. */
  readonly mostRows: number;
  /** Called with the share that is done. */
  readonly progress: (share: number) => Promise<void>;
}

export interface LinearChoice {
  readonly model: LinearModel;
  readonly cost: number;
  /** Share of held-out source rows that are wrong, weighted where rows are. */
  readonly risk: number;
  /** Of `iw-`: what the weights are like. */
  readonly weights: DomainWeights | undefined;
}

export async function chooseLinear({ loss, weighting }: LinearMethod, task: LinearTask): Promise<LinearChoice> {
  const { classes, costs, seed, mostRows, progress } = task;
  const chance = random(seed).split("linear-methods");
  const few = (rows: number): Int32Array => drawRows(rows, mostRows, random(seed).split("at-most"));
  const source = pickLabelled(task.source, few(task.source.rows.rows));
  const target = pickRows(task.target, few(task.target.rows));
  const weights = weighting === "none" ? undefined : domainWeights(source.rows, target, costs, seed);
  const fitted = (labelled: LabelledRows, own: ArrayLike<number> | undefined, cost: number): LinearModel =>
    linearClassifier(
      labelled,
      classes,
      { loss, cost, tolerance: 1e-2, maxPasses: 100, ...(own && { weights: own }) },
      seed,
    );
  const { train, holdout } = holdOut(source.labels, chance.split("hold-out"));
  const [known, held] = [pickLabelled(source, train), pickLabelled(source, holdout)];
  const [ownWeights, heldWeights] = [train, holdout].map(
    (rows) => weights && Array.from(rows, (row) => weights.values[row] ?? 0),
  );
  const tried: { cost: number; risk: number }[] = [];
  for (const cost of costs) {
    const predicted = predictLinear(fitted(known, ownWeights, cost), held.rows);
    tried.push({ cost, risk: wrongShare(predicted, held.labels, heldWeights) });
    await progress(tried.length / (costs.length + 1));
  }
  const lowest = Math.min(...tried.map(({ risk }) => risk));
  const { cost, risk } = tried.find((one) => one.risk === lowest) ?? { cost: costs[0] ?? 1, risk: lowest };
  const model = fitted(source, weights?.values, cost);
  await progress(1);
  return { model, cost, risk, weights };
}

/** Weighted share of the rows that are wrong; weights that are all 0 say nothing, and count alike. */
function wrongShare(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights: readonly number[] | undefined,
): number {
  const sum = weights?.reduce((all, weight) => all + weight, 0) ?? 0;
  const weightOf = (row: number): number => (sum > 0 ? (weights?.[row] ?? 0) / sum : 1 / labels.length);
  return Array.from(predicted).reduce((share, label, row) => share + (label === labels[row] ? 0 : weightOf(row)), 0);
}
