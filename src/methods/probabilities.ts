/** Softmax probabilities and their entropy, as several losses need them. In nats. */
import { exp, logSoftmax, mul, neg, reduceSum } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";

/** -sum_k p_k log p_k of each row of class logits [N, classes]: [N]. Finite, and 0 for a certain row. */
export function rowEntropy(logits: Var): Var {
  const logs = logSoftmax(logits, -1);
  return neg(reduceSum(mul(exp(logs), logs), { axes: [1] }));
}
