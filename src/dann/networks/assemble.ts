/** The shape that all our networks share: a body, hidden fully connected layers, class logits; and a domain head. */
import { usageError } from "../../errors.ts";
import { type ActivationName, activation } from "../../nn/activations.ts";
import { batchNorm } from "../../nn/batch-norm.ts";
import { dropout } from "../../nn/dropout.ts";
import { type Initialisation, initialisation } from "../../nn/initialisers.ts";
import type { Layer } from "../../nn/layer.ts";
import { linear } from "../../nn/linear.ts";
import { domainClassifier } from "../domain-classifier.ts";
import { featureExtractor } from "../feature-extractor.ts";
import { labelPredictor } from "../label-predictor.ts";
import type { BuiltNetwork, NetworkRequest, SettledOptions } from "./options.ts";

/** What distinguishes one network from another. */
export interface Plan {
  readonly name: string;
  /** Layers of G_f whose output is rows [N, F]: where the paper's figure has the reversal. */
  readonly body: readonly Layer[];
  /** Widths of the hidden fully connected layers behind them. */
  readonly hidden: readonly number[];
  /** Default widths of the domain classifier's hidden layers. */
  readonly domainHidden: readonly number[];
  readonly activation: ActivationName;
  /** Dropout behind each hidden layer. */
  readonly dropout: number;
}

export function assemble(plan: Plan, request: NetworkRequest, options: SettledOptions): Omit<BuiltNetwork, "why"> {
  const start = startOf(options);
  const hidden = hiddenLayers(plan.hidden, plan, options);
  const behind = options.reversalAt === "last-hidden";
  const extractor = featureExtractor(behind ? [...plan.body, ...hidden] : plan.body);
  const predictor = labelPredictor(request.classes, {
    hidden: behind ? [] : hidden,
    initialisation: start,
    task: request.task,
  });
  const classifier = domainClassifier({
    hidden: domainHidden(plan, request, options),
    initialisation: start,
    sources: request.sources ?? 1,
  });
  return {
    name: plan.name,
    featureExtractor: extractor,
    labelPredictor: predictor,
    domainClassifier: classifier,
    description: `G_f: ${extractor.description}\nG_y: ${predictor.description}\nG_d: ${classifier.description}`,
  };
}

/** The initialisation that the options name. */
export const startOf = (options: SettledOptions): Initialisation =>
  initialisation(options.initialiser ?? "glorotUniform");

/** Batch normalisation where the options ask for it: [] or one layer. */
export const normalised = (options: SettledOptions): Layer[] =>
  options.batchNorm === undefined || options.batchNorm === "none" ? [] : [batchNorm({ regime: options.batchNorm })];

/** Whether a layer in front of `normalised` needs a bias: batch normalisation takes any constant off again. */
export const biased = (options: SettledOptions): boolean => normalised(options).length === 0;

/** fc, batch norm, activation, dropout; once for each width. */
export function hiddenLayers(
  widths: readonly number[],
  defaults: Pick<Plan, "activation" | "dropout">,
  options: SettledOptions,
): Layer[] {
  const rate = options.dropout ?? defaults.dropout;
  return widths.flatMap((units, i) => [
    linear(units, { name: `fc${i + 1}`, bias: biased(options), initialisation: startOf(options) }),
    ...normalised(options),
    activation(options.activation ?? defaults.activation),
    ...(rate === 0 ? [] : [dropout(rate)]),
  ]);
}

/**
 * `auto` goes by the rows that the head has to tell apart: a wide head learns a few thousand rows by heart. 64 below
 * 10,000 rows (measured: Amazon reviews 2,000 + 2,000, moons 300 + 300), 128 above (digits).
 */
function domainHidden(plan: Plan, { rows }: NetworkRequest, options: SettledOptions): readonly number[] {
  const asked = options.domainHidden;
  if (asked === undefined) return plan.domainHidden;
  if (asked !== "auto") return asked;
  return [rows.source + rows.target < 10_000 ? 64 : 128];
}

/** Refuses a row of another kind than a network reads. */
export function requireInput(
  network: string,
  request: NetworkRequest,
  rank: number,
  expected: string,
  smallest = 1,
): void {
  const { inputShape } = request;
  if (inputShape.length !== rank)
    throw usageError(
      "network-input",
      `network ${network}: expected ${expected}, got [${inputShape.join(",")}]`,
      "Use --network auto, or one that fits the data.",
    );
  const [, ...spatial] = inputShape;
  if (spatial.some((size) => size < smallest))
    throw usageError(
      "network-input",
      `network ${network}: expected at least ${smallest} along each axis, got [${inputShape.join(",")}]`,
      "Use --network auto, another network, or --image-size to enlarge images.",
    );
}
