/**
 * The graph that predicts rows of one domain: raw inputs, preprocessing, G_f, G_y. It is made with a store of its
 * own, so its parameters are inputs with the same names as in the training step; export turns them into constants.
 */

import { classify, parts } from "../dann/classify.ts";
import { targetLogit } from "../dann/energy.ts";
import { inputShape, type PreprocessSpec, preprocess, rawInputs } from "../data/preprocess.ts";
import type { Domain } from "../domain.ts";
import { type Graph, inputsOf } from "../graph/graph.ts";
import { add, div, flatten, mul, sigmoid, softmax } from "../graph/index.ts";
import { input, type Var } from "../graph/node.ts";
import { optimise } from "../graph/passes.ts";
import type { Network } from "../methods/method.ts";
import { frozenCopy } from "../nn/frozen-copy.ts";
import type { StateSpec } from "../nn/layer.ts";
import { createStore } from "../nn/scope.ts";
import type { LabelScale } from "../task.ts";

export interface InferenceRequest {
  readonly network: Network;
  readonly preprocess: PreprocessSpec;
  /** Where the rows come from: decides how they are preprocessed, and by what of the network they are read. */
  readonly domain: Domain;
  readonly apart: Apart;
  /** Default `classes`. */
  readonly outputs?: ModelOutputs | undefined;
  /** T of `probabilities` = softmax(logits / T); default 1. `logits` are the network's own at every T. */
  readonly temperature?: number | undefined;
  /** Of a regression: how numbers of the network become labels. Default: it is a classifier. */
  readonly scale?: LabelScale | undefined;
}

/**
 * What a trained network keeps of each domain for itself:
 *
 *   nothing      it never saw the target: all rows are read with the source's statistics
 *   statistics   of batch normalisation, with scale and shift where these are kept by domain
 *   networks     the target's has parted from the source's, which is a frozen copy
 */
export type Apart = "nothing" | "statistics" | "networks";

/** What a model answers: classes alone, or also what the domain classifier says. */
export type ModelOutputs = "classes" | "classes-and-domain";

export interface InferenceGraph {
  /**
   * Outputs `logits` and `probabilities` [N, classes] and `features` [N, width]; with the domain also `domainLogit` and
   * its sigmoid `domain` [N, 1], the probability of "target". A regression has `value` [N, 1], in the label's unit, in
   * the place of logits and probabilities.
   */
  readonly graph: Graph;
  /** State that the graph reads, each as an input `state:<name>`. */
  readonly states: readonly StateSpec[];
}

export function inferenceGraph(request: InferenceRequest): InferenceGraph {
  const { network, preprocess: spec, domain, apart, outputs: wanted = "classes" } = request;
  const store = createStore();
  const raw: Record<string, Var> = {};
  for (const [name, type] of Object.entries(rawInputs(spec, "N"))) raw[name] = input(name, type);
  const x = preprocess(spec, raw, domain);
  const whole = store.scope({ kind: "inference", domain: apart === "nothing" ? "source" : domain });
  const scope = apart === "networks" && domain === "source" ? frozenCopy(whole) : whole;
  const { features, logits } = classify(network, x, scope);
  const outputs: Record<string, Var> = { ...answersOf(logits, request), features: flatten(features, 1) };
  if (wanted === "classes-and-domain") {
    const logits = network.domainClassifier.apply(features, whole.child(parts.domainClassifier));
    const domainLogit = logits.type.shape[1] === 1 ? logits : targetLogit(logits);
    Object.assign(outputs, { domainLogit, domain: sigmoid(domainLogit) });
  }
  const graph = optimise({ name: `${network.name} [N,${inputShape(spec).join(",")}]`, outputs });
  const read = inputsOf(graph);
  return { graph, states: store.states().filter(({ name }) => read.has(`state:${name}`)) };
}

/** What is said of each row, from what G_y gives it. */
function answersOf(said: Var, { temperature = 1, scale }: InferenceRequest): Record<string, Var> {
  if (scale !== undefined) return { value: add(mul(said, scale.deviation), scale.mean) };
  // An uncalibrated graph stays as it was, to the bytes of its file.
  const tempered = temperature === 1 ? said : div(said, temperature);
  return { logits: said, probabilities: softmax(tempered, -1) };
}
