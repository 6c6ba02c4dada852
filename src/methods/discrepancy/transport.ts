/**
 * Optimal transport between the batches' rows, as DeepJDOT uses it (Damodaran et al., ECCV 2018, equation 5):
 *
 *   min_P sum_ij P_ij c_ij,   P of rows summing to 1/Ns and columns to 1/Nt
 *
 * The paper solves it exactly outside the network. Here the plan is the entropic one (Cuturi 2013), by Sinkhorn's
 * iterations in the logarithm inside the step's graph, with a small entropy in relation to the mean cost: close to the exact
 * plan, and the same graph everywhere. As in the paper the plan is a constant to the gradient.
 */
import {
  add,
  div,
  exp,
  log,
  mul,
  neg,
  reduceMax,
  reduceMean,
  reduceSum,
  stopGradient,
  sub,
} from "../../graph/index.ts";
import { operatorError, type Var } from "../../graph/node.ts";

export interface PlanOptions {
  /** Weight of the entropy as a share of the mean cost; default .05. */
  readonly entropy?: number;
  /** Sinkhorn iterations; default 50. */
  readonly iterations?: number;
}

/** The plan [Ns, Nt] for costs [Ns, Nt] of at least 0, without a gradient. Its columns sum to 1/Nt exactly, rows nearly. */
export function transportPlan(costs: Var, options: PlanOptions = {}): Var {
  const { entropy = 0.05, iterations = 50 } = options;
  const [sourceRows, targetRows] = costs.type.shape;
  if (typeof sourceRows !== "number" || typeof targetRows !== "number")
    throw operatorError("transport plan", "costs [Ns, Nt] with numbers of rows", costs);
  const fixed = stopGradient(costs);
  // log of the kernel exp(-c / epsilon); the smallest number keeps equal rows (all costs 0) from 0 / 0.
  const kernel = neg(div(fixed, add(mul(reduceMean(fixed), entropy), 1e-12)));
  let rows: Var | undefined;
  let columns: Var | undefined;
  for (let k = 0; k < iterations; k++) {
    rows = sub(-Math.log(sourceRows), logSumExp(columns === undefined ? kernel : add(kernel, columns), 1));
    columns = sub(-Math.log(targetRows), logSumExp(add(kernel, rows), 0));
  }
  if (rows === undefined || columns === undefined)
    throw operatorError("transport plan", "at least one iteration", costs);
  return exp(add(add(kernel, rows), columns));
}

function logSumExp(x: Var, axis: number): Var {
  const highest = reduceMax(x, { axes: [axis], keepDims: true });
  return add(log(reduceSum(exp(sub(x, highest)), { axes: [axis], keepDims: true })), highest);
}
