/**
 * The graph that classifies rows of one domain: raw inputs, preprocessing, G_f, G_y. It is made with a store of its
 * own, so its parameters are inputs with the same names as in the training step; export turns them into constants.
 */

import { classify } from "../dann/classify.ts";
import { inputShape, type PreprocessSpec, preprocess, rawInputs } from "../data/preprocess.ts";
import type { Domain } from "../domain.ts";
import { type Graph, inputsOf } from "../graph/graph.ts";
import { flatten, softmax } from "../graph/index.ts";
import { input, type Var } from "../graph/node.ts";
import { optimise } from "../graph/passes.ts";
import type { Network } from "../methods/method.ts";
import type { StateSpec } from "../nn/layer.ts";
import { createStore } from "../nn/scope.ts";

export interface InferenceRequest {
  readonly network: Network;
  readonly preprocess: PreprocessSpec;
  /** Where the rows come from: decides how they are preprocessed. */
  readonly domain: Domain;
  /** Whose running statistics batch normalisation uses: `source` for a network that never saw target rows. */
  readonly statistics: Domain;
}

export interface InferenceGraph {
  /** Outputs `logits` and `probabilities` [N, classes] and `features` [N, width]. */
  readonly graph: Graph;
  /** State that the graph reads, each as an input `state:<name>`. */
  readonly states: readonly StateSpec[];
}

export function inferenceGraph(request: InferenceRequest): InferenceGraph {
  const { network, preprocess: spec, domain, statistics } = request;
  const store = createStore();
  const raw: Record<string, Var> = {};
  for (const [name, type] of Object.entries(rawInputs(spec, "N"))) raw[name] = input(name, type);
  const x = preprocess(spec, raw, domain);
  const { features, logits } = classify(network, x, store.scope({ kind: "inference", domain: statistics }));
  const outputs = { logits, probabilities: softmax(logits, -1), features: flatten(features, 1) };
  const graph = optimise({ name: `${network.name} [N,${inputShape(spec).join(",")}]`, outputs });
  const read = inputsOf(graph);
  return { graph, states: store.states().filter(({ name }) => read.has(`state:${name}`)) };
}
