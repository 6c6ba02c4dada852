/** A registered network behind an imported one: G_f is the backbone and what of the network comes before the features. */
import { backbone, standardisation } from "../dann/backbone.ts";
import { type SettledOptions, settle } from "../dann/networks/options.ts";
import { makeNetwork, type NetworkRequest } from "../dann/networks/registry.ts";
import { type Reading, rowReading } from "../dann/reading.ts";
import { tokenReading } from "../dann/tokens.ts";
import type { TokensSpec } from "../data/preprocess/spec.ts";
import { usageError } from "../errors.ts";
import { input } from "../graph/index.ts";
import type { Network } from "../methods/method.ts";
import type { Layer, Scope } from "../nn/layer.ts";
import { createStore } from "../nn/scope.ts";
import { featureLayers } from "../onnx/features.ts";
import type { ImportedModel } from "../onnx/import.ts";
import { type BackboneFile, openBackbone } from "./backbone-file.ts";
import type { DescribedNetwork } from "./network.ts";
import type { BackboneSource, NetworkSource } from "./plan.ts";
import { sizesFor } from "./text-encoder.ts";

/** A backbone whose weights stay: its features are the same at every step, so they are computed once. */
export interface FrozenBackbone {
  /** Preprocessed rows to vectors [N, width]. */
  readonly extract: Layer;
  readonly width: number;
  /** What is trained on the vectors, after these moments of theirs; undefined: those of the state that it begins with. */
  network(moments: FeatureMoments | undefined): Network;
  /** The same with the backbone in front, on preprocessed rows: it runs at every step. */
  whole(moments: FeatureMoments | undefined): Network;
}

/** Mean and deviation of each feature, over the source's training rows. */
export interface FeatureMoments {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

export interface BackboneNetwork extends DescribedNetwork {
  readonly frozen: FrozenBackbone | undefined;
}

/** In front of the name of the network behind it. */
export const backboneName = "backbone + ";

/** @param tokens how texts are read, where the backbone is an encoder of text. */
export async function networkWithBackbone(
  { name, options, backbone: source }: NetworkSource & { kind: "named" },
  request: NetworkRequest,
  tokens: TokensSpec | undefined,
): Promise<BackboneNetwork> {
  if (source === undefined) throw usageError("backbone", "expected a backbone, got none");
  const { model, features, why, reading } = await openModel(source, tokens, request.inputShape);
  const { batchNorm = "none" }: SettledOptions = settle(options, request);
  const body = backbone({ model, features, reading, train: source.train, batchNorm });
  const width = widthOf(body, request.inputShape);
  const head = makeNetwork(name, { ...request, inputShape: [width] }, options);
  const describe = `G_f: ${body.description}, ${width} features, ${head.description.replace(/^G_f: /, "")}`;
  const said = { description: describe, why: `${why}; then ${head.name}: ${head.why}` };
  const named = backboneName + head.name;
  const behind = (first: readonly Layer[]): Network => ({
    name: named,
    featureExtractor: chained(first, head.featureExtractor),
    labelPredictor: head.labelPredictor,
    domainClassifier: head.domainClassifier,
  });
  if (source.train !== "none") return { ...said, network: behind([body]), frozen: undefined };
  return {
    ...said,
    network: behind([body, standardisation()]),
    frozen: {
      extract: body,
      width,
      network: (moments) => behind([standardisation(moments)]),
      whole: (moments) => behind([body, standardisation(moments)]),
    },
  };
}

/** Layers in front of G_f, each in a scope of its name; G_f's own parameters keep their paths. */
const chained = (first: readonly Layer[], last: Layer): Layer => ({
  name: last.name,
  description: [...first, last].map(({ description }) => description).join(", "),
  mixesRows: [...first, last].some(({ mixesRows }) => mixesRows),
  apply: (x, scope) =>
    last.apply(
      first.reduce((value, layer) => layer.apply(value, scope.child(layer.name)), x),
      scope,
    ),
});

interface OpenedModel {
  readonly model: ImportedModel;
  readonly features: string;
  readonly why: string;
  readonly reading: Reading;
}

async function openModel(
  source: BackboneSource,
  tokens: TokensSpec | undefined,
  inputShape: readonly number[],
): Promise<OpenedModel> {
  const file = await openBackbone(source);
  const sizes = tokens === undefined ? {} : { sizes: sizesFor(file, tokens.length) };
  const chosen = source.features ?? (await defaultFeatures(file, sizes));
  const { name: features, why } =
    typeof chosen === "string" ? { name: chosen, why: `features ${chosen} of ${shortName(file)}, asked for` } : chosen;
  const model = await file.import({ ...sizes, wanted: [features] });
  if (tokens === undefined) return { model, features, why, reading: rowReading(model) };
  const layout = { others: (inputShape[0] ?? 0) - tokens.length, pad: tokens.pad };
  const reading = tokenReading(model, features, layout);
  const mean = reading.pooling === undefined ? "" : "; the mean over the tokens of a text, without padding";
  return { model, features, why: why + mean, reading };
}

/** Without its folder: a run that is resumed from elsewhere says the same of itself. */
const shortName = ({ name }: BackboneFile): string => name.replace(/^.*[/\\]/, "");

async function defaultFeatures(
  file: BackboneFile,
  sizes: Parameters<BackboneFile["import"]>[0],
): Promise<{ name: string; why: string }> {
  const { chosen } = featureLayers(await file.import(sizes));
  if (chosen === undefined)
    throw usageError(
      "backbone-features",
      `${file.name}: expected a tensor that can serve as features, found none`,
      "Name one with --features; dann inspect lists them.",
    );
  return { name: chosen.name, why: `features ${chosen.name} of ${shortName(file)}: ${chosen.why}` };
}

/** Width of the vectors that it makes of rows of this shape. */
function widthOf(body: Layer, shape: readonly number[]): number {
  const scope: Scope = createStore().scope({ kind: "inference", domain: "source" });
  const x = input("x", { dtype: "float32", shape: ["N", ...shape] });
  const [, width] = body.apply(x, scope.child(body.name)).type.shape;
  if (typeof width === "number") return width;
  throw usageError("backbone-features", `expected vectors of a known width, got ${String(width)}`);
}
