/** What layers ask of the shapes they meet: features must be sizes in numbers, rows may be named. */
import { operatorError, type Var } from "../graph/node.ts";

/** Size of an axis that a parameter depends on. */
export function fixedSize(layer: string, x: Var, axis: number): number {
  const size = x.type.shape.at(axis);
  if (typeof size !== "number") throw operatorError(layer, `a size in numbers at axis ${axis}`, x);
  return size;
}

/** The sizes of a training batch, all numbers. */
export function fixedShape(layer: string, x: Var): readonly number[] {
  return x.type.shape.map((_, axis) => fixedSize(layer, x, axis));
}

/** Channels of [N, C, ...]. */
export function channelsOf(layer: string, x: Var): number {
  if (x.type.shape.length < 2) throw operatorError(layer, "rows of channels [N, C, ...]", x);
  return fixedSize(layer, x, 1);
}

/** [C] as [1, C, 1, ...], to broadcast over [N, C, ...] of the given rank. */
export const perChannel = (channels: number, rank: number): number[] =>
  Array.from({ length: rank }, (_, axis) => (axis === 1 ? channels : 1));
