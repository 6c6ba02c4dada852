/** Sums over axes as engines do them fast. */
import type { Var } from "../node.ts";
import { squeeze } from "../ops/layout.ts";
import { reduceSum } from "../ops/reduction.ts";

/**
 * Sum over sorted axes, which stay with size 1: one reduction for each run of neighbouring axes, the last run first.
 * [N, C, H, W] to [1, C, 1, 1] takes 0.27 ms in two steps where one takes 0.31 to 1.1 (128x32x24x24, ONNX Runtime 1.30).
 */
export function sumOver(x: Var, axes: readonly number[]): Var {
  const runs: number[][] = [];
  for (const axis of axes) {
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1) === axis - 1) last.push(axis);
    else runs.push([axis]);
  }
  return runs.reduceRight((sum, run) => reduceSum(sum, { axes: run, keepDims: true }), x);
}

/** [N, C, ...] to [C]: what belongs to each channel. */
export function sumPerChannel(x: Var): Var {
  const spatial = [...x.type.shape.keys()].slice(2);
  return reduceSum(reduceSum(x, { axes: spatial }), { axes: [0] });
}

/** Undoes broadcasting: sums a gradient down to the shape of the variable it belongs to. */
export function sumTo(gradient: Var, variable: Var): Var {
  const [from, to] = [gradient.type.shape, variable.type.shape];
  const leading = from.length - to.length;
  const axes = [...from.keys()].filter((axis) => axis < leading || (to[axis - leading] === 1 && from[axis] !== 1));
  return squeeze(sumOver(gradient, axes), [...Array(Math.max(0, leading)).keys()]);
}
