/** A registered network behind an imported one: G_f is the backbone and what of the network comes before the features. */
import { backbone, standardisation } from "../dann/backbone.ts";
import { type SettledOptions, settle } from "../dann/networks/options.ts";
import { makeNetwork, type NetworkRequest } from "../dann/networks/registry.ts";
import { usageError } from "../errors.ts";
import { input } from "../graph/index.ts";
import type { Network } from "../methods/method.ts";
import type { Layer, Scope } from "../nn/layer.ts";
import { createStore } from "../nn/scope.ts";
import { featureLayers } from "../onnx/features.ts";
import { type ImportedModel, importOnnx, type ReadExternal } from "../onnx/import.ts";
import { readBytes } from "../train/read-bytes.ts";
import type { DescribedNetwork } from "./network.ts";
import type { BackboneSource, NetworkSource } from "./plan.ts";

/** A backbone whose weights stay: its features are the same at every step, so they are computed once. */
export interface FrozenBackbone {
  /** Preprocessed rows to vectors [N, width]. */
  readonly extract: Layer;
  readonly width: number;
  /** What is trained on the vectors, after these moments of theirs. */
  network(moments: FeatureMoments): Network;
  /** The same with the backbone in front, on preprocessed rows: it runs at every step. */
  whole(moments: FeatureMoments): Network;
}

/** Mean and deviation of each feature, over the source's training rows. */
export interface FeatureMoments {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

export interface BackboneNetwork extends DescribedNetwork {
  readonly frozen: FrozenBackbone | undefined;
}

export async function networkWithBackbone(
  { name, options, backbone: source }: NetworkSource & { kind: "named" },
  request: NetworkRequest,
): Promise<BackboneNetwork> {
  if (source === undefined) throw usageError("backbone", "expected a backbone, got none");
  const { model, features, why } = await openModel(source);
  const { batchNorm = "none" }: SettledOptions = settle(options, request);
  const body = backbone({ model, features, train: source.train, batchNorm });
  const width = widthOf(body, request.inputShape);
  const head = makeNetwork(name, { ...request, inputShape: [width] }, options);
  const describe = `G_f: ${body.description}, ${width} features, ${head.description.replace(/^G_f: /, "")}`;
  const said = { description: describe, why: `${why}; then ${head.name}: ${head.why}` };
  const named = `backbone + ${head.name}`;
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

async function openModel(source: BackboneSource): Promise<{ model: ImportedModel; features: string; why: string }> {
  const named = typeof source.model === "string" ? source.model : "the backbone";
  const bytes = typeof source.model === "string" ? await readBytes(source.model) : source.model;
  const options = { name: named, ...(await externalOf(source.model)) };
  if (source.features !== undefined) {
    const model = await importOnnx(bytes, { ...options, wanted: [source.features] });
    return { model, features: source.features, why: `features ${source.features} of ${named}, asked for` };
  }
  const { chosen: best } = featureLayers(await importOnnx(bytes, options));
  if (best === undefined)
    throw usageError(
      "backbone-features",
      `${named}: expected a tensor that can serve as features, found none`,
      "Name one with --features; dann inspect lists them.",
    );
  const model = await importOnnx(bytes, { ...options, wanted: [best.name] });
  return { model, features: best.name, why: `features ${best.name} of ${named}: ${best.why}` };
}

/** Data that a model keeps in files beside it can be read where there are files. */
async function externalOf(model: string | Uint8Array): Promise<{ external?: ReadExternal }> {
  if (typeof model !== "string" || typeof process === "undefined" || /^[a-z]+:\/\//.test(model)) return {};
  const { externalData } = await import("../runtime/external-data.ts");
  return { external: externalData(model) };
}

/** Width of the vectors that it makes of rows of this shape. */
function widthOf(body: Layer, shape: readonly number[]): number {
  const scope: Scope = createStore().scope({ kind: "inference", domain: "source" });
  const x = input("x", { dtype: "float32", shape: ["N", ...shape] });
  const [, width] = body.apply(x, scope.child(body.name)).type.shape;
  if (typeof width === "number") return width;
  throw usageError("backbone-features", `expected vectors of a known width, got ${String(width)}`);
}
