/**
 * The label loss of a batch: the source's and, where labels of the target were given for training, theirs beside it,
 *
 *   L_y = mean_source CE + weight mean_labelled-target CE
 *
 * (S+T, the supervised part of semi-supervised adaptation: Saito et al., Semi-supervised Domain Adaptation via Minimax
 * Entropy, ICCV 2019). Each domain has a mean of its own, so a handful of target rows counts as much as the whole source.
 */
import { add, concat, mul, slice } from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import type { LabelledTargetBatch, SourceBatch } from "./method.ts";
import type { ClassLogits, LabelObjective } from "./row.ts";

/** Mean loss of G_y's outputs with the labels of their rows; weights are of rows, by their class. */
export type LabelLoss = (outputs: Var, y: Var, weights?: Var) => Var;

export interface Supervision {
  readonly source: SourceBatch;
  readonly labelledTarget?: LabelledTargetBatch | undefined;
  readonly lossOf: LabelLoss;
  /** How much each source row counts, [Ns]; default all the same. Rows of the target are as the target has them. */
  readonly weights?: Var | undefined;
}

/** @returns the loss of logits [Ns, classes] and [Nt, classes], the last target rows being those with labels. */
export const supervised =
  ({ source, labelledTarget, lossOf, weights }: Supervision): ((logits: ClassLogits) => LabelObjective) =>
  (logits) => {
    const ofSource = lossOf(logits.source, source.y, weights);
    if (labelledTarget === undefined) return { loss: ofSource, terms: { labelLoss: ofSource } };
    const targetLabelLoss = lossOf(lastRows(logits.target(), labelledTarget.y), labelledTarget.y);
    const loss = add(ofSource, mul(targetLabelLoss, labelledTarget.weight));
    return { loss, terms: { labelLoss: loss, targetLabelLoss } };
  };

/** Rows that are adapted to and, behind them, those with labels: to all but the label loss they are one batch. */
export const allOfTarget = (target: Var, labelled: LabelledTargetBatch | undefined): Var =>
  labelled === undefined ? target : concat([target, labelled.x], 0);

function lastRows(all: Var, y: Var): Var {
  const [[rows], [labelled]] = [all.type.shape, y.type.shape];
  if (typeof rows !== "number" || typeof labelled !== "number")
    throw operatorError("label loss", "a target batch with a number of rows", all);
  return slice(all, { axis: 0, start: rows - labelled });
}
