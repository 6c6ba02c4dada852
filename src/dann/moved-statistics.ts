/** What of a network's state a batch moves though nothing is learnt: running statistics. */
import type { Var } from "../graph/node.ts";
import type { Mode } from "../nn/layer.ts";
import { createStore } from "../nn/scope.ts";
import { type Classifier, classify } from "./classify.ts";

/** Paths of the statistics that rows x [N, ...] in training move. Those that are only carried (fixed moments) are none. */
export function movedStatistics(network: Classifier, x: Var, mode: Mode): string[] {
  const store = createStore();
  classify(network, x, store.scope(mode));
  return [...store.statisticUpdates().keys()];
}
