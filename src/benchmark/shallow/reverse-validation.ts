/**
 * Reverse validation (JMLR 17, section 5.1.2; Zhong et al. 2010): a risk for a setting without one target label.
 *
 *   split S and T, nine to one, into S', S_V and T', T_V
 *   eta    learns from S' with labels and T' without, stopped early by S_V
 *   eta_r  learns from T' labelled by eta and S' without labels, stopped early by T_V labelled by eta
 *   risk   the share of S_V that eta_r gets wrong
 *
 * eta_r starts at eta where the learner can start anywhere: the paper found the chosen settings better so.
 */
import { usageError } from "../../errors.ts";
import { type FeatureRows, type LabelledRows, pickRows, range } from "./feature-rows.ts";
import { firstHeldOut, holdOutLast, spanOf } from "./hold-out.ts";
import { pickProducts, type RowProducts } from "./products.ts";

/** One problem for a learner: labelled rows of one domain, rows of the other, labelled rows to stop by. */
export interface LearnerTask<M> {
  readonly source: LabelledRows;
  readonly target: FeatureRows;
  readonly validation: LabelledRows;
  readonly classes: number;
  readonly seed: number;
  /** What was learned in the other direction. */
  readonly start?: M;
  /** Of source, target and validation rows, where the pair has them. */
  readonly products?: RowProducts;
}

export interface Learner<M> {
  learn(task: LearnerTask<M>): M | Promise<M>;
  predict(model: M, rows: FeatureRows): Int32Array;
}

/** One task of the benchmark, without the labels of its target. */
export interface Pair {
  readonly source: LabelledRows;
  readonly target: FeatureRows;
  readonly classes: number;
  /** Of all source rows, then all target rows. */
  readonly products?: RowProducts;
}

export interface ReverseValidation<M> {
  /** eta: the model of the forward direction, the one to use. */
  readonly model: M;
  /** Share of S_V that eta_r gets wrong. */
  readonly risk: number;
  /** Share of S_V that eta gets wrong. */
  readonly sourceRisk: number;
}

/** Splits off the last tenth of either domain's rows, as the authors do: the rows must be in no order. */
export async function reverseValidation<M>(
  learner: Learner<M>,
  pair: Pair,
  seed: number,
): Promise<ReverseValidation<M>> {
  const { source, target, classes, products } = pair;
  const [ownRows, otherRows] = [source.rows.rows, target.rows];
  const [own, other] = [firstHeldOut(ownRows), firstHeldOut(otherRows)];
  const productsOf = (...spans: readonly (readonly [number, number])[]): { products?: RowProducts } =>
    products === undefined
      ? {}
      : {
          products: pickProducts(
            products,
            ownRows + otherRows,
            spans.flatMap(([from, to]) => Array.from(range(from, to))),
          ),
        };

  const { train: known, held } = holdOutLast(source);
  const unlabelled = pickRows(target, range(0, other));
  const model = await learner.learn({
    source: known,
    target: unlabelled,
    validation: held,
    classes,
    seed,
    ...productsOf([0, own], [ownRows, ownRows + other], [own, ownRows]),
  });
  const sourceRisk = wrongShare(learner.predict(model, held.rows), held.labels);
  const labelled = { rows: target, labels: learner.predict(model, target) };
  const first = labelled.labels[0] ?? 0;
  // Of one class alone there is nothing to learn: eta_r says it of every row.
  if (labelled.labels.every((label) => label === first))
    return { model, sourceRisk, risk: wrongShare(new Int32Array(held.rows.rows).fill(first), held.labels) };
  const reverse = await learner.learn({
    source: spanOf(labelled, 0, other),
    target: known.rows,
    validation: spanOf(labelled, other, otherRows),
    classes,
    seed,
    start: model,
    ...productsOf([ownRows, ownRows + other], [0, own], [ownRows + other, ownRows + otherRows]),
  });
  return { model, sourceRisk, risk: wrongShare(learner.predict(reverse, held.rows), held.labels) };
}

/** A setting that was tried. */
export interface Tried<S> {
  readonly setting: S;
  readonly risk: number;
  readonly sourceRisk: number;
}

export interface Selection<S, M> {
  readonly tried: readonly Tried<S>[];
  /** The setting of the lowest risk; of equal risks the one with the lower source risk, then the earlier one. */
  readonly chosen: Tried<S>;
  readonly model: M;
}

export interface SelectionOptions {
  readonly seed: number;
  /** Told the share that is done, behind every setting: minutes may lie between them. Where it rejects, that is the end. */
  readonly progress?: ((share: number) => Promise<void>) | undefined;
}

/** Tries every setting on a pair. Target labels are not asked for: score `model` on what was held back. */
export async function selectByReverseValidation<S, M>(
  settings: readonly S[],
  learnerOf: (setting: S) => Learner<M>,
  pair: Pair,
  { seed, progress }: SelectionOptions,
): Promise<Selection<S, M>> {
  let best: { readonly chosen: Tried<S>; readonly model: M } | undefined;
  const tried: Tried<S>[] = [];
  for (const setting of settings) {
    const { model, risk, sourceRisk } = await reverseValidation(learnerOf(setting), pair, seed);
    const chosen = { setting, risk, sourceRisk };
    tried.push(chosen);
    if (best === undefined || lower(chosen, best.chosen)) best = { chosen, model };
    await progress?.(tried.length / settings.length);
  }
  if (best === undefined)
    throw usageError("settings-empty", "reverse validation: expected at least 1 setting, got none");
  return { tried, ...best };
}

const lower = (a: Tried<unknown>, b: Tried<unknown>): boolean =>
  a.risk < b.risk || (a.risk === b.risk && a.sourceRisk < b.sourceRisk);

function wrongShare(predicted: Int32Array, labels: ArrayLike<number>): number {
  return predicted.filter((label, row) => label !== labels[row]).length / predicted.length;
}
