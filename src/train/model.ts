/** The trained classifier as a file: raw rows in, logits and probabilities out, preprocessing and weights inside. */
import { type EncodedRows, gather } from "../data/encode.ts";
import type { PreprocessSpec } from "../data/preprocess.ts";
import type { Domain } from "../domain.ts";
import { internalError, runError, usageError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { optimise } from "../graph/passes.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Network } from "../methods/method.ts";
import { encodeModel } from "../onnx/encode.ts";
import type { Backend, Fetches } from "../runtime/backend.ts";
import { packageVersion } from "../version.ts";
import { bindInputs } from "./bind.ts";
import { inferenceGraph } from "./inference.ts";
import { encodeMetadata } from "./metadata.ts";
import type { State } from "./state.ts";

export interface ModelParts {
  readonly network: Network;
  readonly preprocess: PreprocessSpec;
  readonly state: State;
  /** Whose rows the model is for: decides preprocessing and statistics. */
  readonly domain: Domain;
  /** Whether training read target rows; without them there are only the source's statistics. */
  readonly readsTarget: boolean;
}

export interface ExportRequest extends ModelParts {
  /** Name of each class, in the order of the class indices. */
  readonly classes: readonly string[];
  /** Further texts for the file's metadata; default none. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Bytes of an ONNX file. Inputs: the raw inputs of `rawInputs(preprocess)`, batch size free ("N"). Outputs: `logits`
 * and `probabilities`, float32 [N, classes]. The domain classifier is not in it.
 */
export function exportModel(request: ExportRequest): Uint8Array {
  const { network, preprocess, classes, domain } = request;
  const { graph, feeds } = forward(request);
  const { logits, probabilities } = graph.outputs;
  const width = logits?.type.shape[1];
  if (logits === undefined || probabilities === undefined) throw internalError("the inference graph has no logits");
  if (width !== classes.length)
    throw usageError("class-count", `expected a name for each of ${width} classes, got ${classes.length}`);
  const bound = bindInputs({ name: network.name, outputs: { logits, probabilities } }, feeds);
  const described = { schema: 1, classes, preprocess, domain, network: network.name, version: packageVersion } as const;
  return encodeModel(optimise(bound), { metadata: encodeMetadata(described, request.metadata), producer: "dann" });
}

export interface Verification {
  /** Largest absolute difference of a logit, relative to the largest logit where that is above 1. */
  readonly difference: number;
  /** Rows compared. */
  readonly rows: number;
}

export interface VerifyOptions {
  /** Engine for both sides. */
  readonly backend: Backend;
  /** Engine for the forward pass alone, such as the float64 reference; default: `backend`. */
  readonly reference?: Backend;
  /** Rows compared, from the first; default 256. */
  readonly rows?: number;
  /** Largest difference allowed; default 1e-4. */
  readonly tolerance?: number;
}

/**
 * Runs the bytes of an exported model and the network they were made from on the same rows, and refuses a difference
 * above the tolerance. Call it with the bytes as read back from where they were written.
 */
export async function verifyModel(
  bytes: Uint8Array,
  parts: ModelParts,
  rows: EncodedRows,
  options: VerifyOptions,
): Promise<Verification> {
  const { backend, reference = backend, tolerance = 1e-4 } = options;
  const count = Math.min(rows.rows, options.rows ?? 256);
  const raw = gather(
    rows,
    Int32Array.from({ length: count }, (_, i) => i),
    parts.preprocess,
  );
  const { graph, feeds } = forward(parts);
  const file = await backend.load(bytes);
  const own = await reference.compile(graph);
  try {
    const written = logitsOf(await file.run(raw));
    const expected = logitsOf(await own.run({ ...raw, ...Object.fromEntries(feeds) }));
    const difference = largestDifference(written, expected);
    // Written this way round, a NaN fails.
    if (!(difference <= tolerance))
      throw runError(
        "model-verification",
        `the exported model differs from the trained network: expected at most ${tolerance}, got ${difference} over ${count} rows`,
        "Do not use the file; please report this with the run's config.yaml.",
      );
    return { difference, rows: count };
  } finally {
    await file.dispose();
    await own.dispose();
  }
}

/** The inference graph of trained parts and the feeds that hold their state. */
function forward({ network, preprocess, state, domain, readsTarget }: ModelParts): {
  graph: Graph;
  feeds: ReadonlyMap<string, Tensor>;
} {
  const { graph, states } = inferenceGraph({
    network,
    preprocess,
    domain,
    statistics: readsTarget ? domain : "source",
  });
  const feeds = new Map<string, Tensor>();
  for (const { name } of states) {
    const value = state.get(name);
    if (value === undefined)
      throw usageError("state-missing", `the network needs the state ${name}, which was not given`);
    feeds.set(`state:${name}`, { dtype: "float32", ...value });
  }
  return { graph, feeds };
}

function logitsOf(fetched: Fetches): Float32Array | Float64Array {
  const logits = fetched.logits;
  if (logits?.dtype === "float32" || logits?.dtype === "float64") return logits.data;
  throw internalError("a model ran without giving logits");
}

function largestDifference(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let scale = 1;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs((a[i] ?? 0) - (b[i] ?? 0));
    if (Number.isNaN(d)) return Number.NaN;
    difference = Math.max(difference, d);
    scale = Math.max(scale, Math.abs(b[i] ?? 0));
  }
  return difference / scale;
}
