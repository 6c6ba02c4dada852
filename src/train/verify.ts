/**
 * Whether a written model computes what the trained network does. One side is the file in an engine, the other the
 * graph before it was encoded, with the weights of the checkpoint, on a reference that shares no code with the engine.
 */
import { type EncodedRows, gather } from "../data/encode.ts";
import { type PreprocessSpec, preprocessSpec, rawInputs } from "../data/preprocess.ts";
import { internalError, runError } from "../errors.ts";
import { sizeOf, type TensorType } from "../graph/tensor.ts";
import { readModelInfo } from "../onnx/read.ts";
import type { Backend, Feeds, Fetches } from "../runtime/backend.ts";
import { decodeMetadata } from "./metadata.ts";
import { type ModelParts, trainedGraph } from "./model.ts";

/** Largest difference that float32 arithmetic in another order explains with a wide margin. */
export const verifyTolerance = 1e-4;

export interface Verification {
  /** Largest difference over all outputs, each relative to that output's largest value where that is above 1. */
  readonly difference: number;
  /** Rows compared. */
  readonly rows: number;
  /** The largest difference of each output. */
  readonly outputs: Readonly<Record<string, number>>;
}

export interface VerifyOptions {
  /** Engine for the file. */
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
 * above the tolerance, and a description (inputs, outputs, preprocessing) that is not the network's. Call it with the
 * bytes as read back from where they were written.
 */
export async function verifyModel(
  bytes: Uint8Array,
  parts: ModelParts,
  rows: EncodedRows,
  options: VerifyOptions,
): Promise<Verification> {
  const { backend, reference = backend, tolerance = verifyTolerance } = options;
  const expected = await expectedOutputs(parts, rows, reference, options.rows ?? 256);
  const verification = await compareModel(bytes, expected, backend, tolerance);
  checkDescription(bytes, parts);
  return verification;
}

/** What the trained network answers to some rows. */
export interface Expected {
  readonly rows: number;
  /** The raw inputs of these rows. */
  feeds(indices: ArrayLike<number>): Feeds;
  readonly outputs: Fetches;
}

/** The forward pass of the network, without any file; at most `most` rows, from the first. */
export async function expectedOutputs(
  parts: ModelParts,
  rows: EncodedRows,
  reference: Backend,
  most: number,
): Promise<Expected> {
  const count = Math.min(rows.rows, most);
  const feeds = (indices: ArrayLike<number>): Feeds => gather(rows, indices, parts.preprocess);
  const { graph, feeds: state } = trainedGraph(parts);
  const { features: _, ...outputs } = graph.outputs;
  const executable = await reference.compile({ name: graph.name, outputs });
  try {
    const raw = feeds(Array.from({ length: count }, (_, row) => row));
    return { rows: count, feeds, outputs: await executable.run({ ...raw, ...Object.fromEntries(state) }) };
  } finally {
    await executable.dispose();
  }
}

/** Rows that are also run one by one: a batch size that was fixed by mistake shows. */
const singles = 3;

/** Compares a file in one engine with what is expected: all rows as one batch, and the first ones each by itself. */
export async function compareModel(
  bytes: Uint8Array,
  expected: Expected,
  backend: Backend,
  tolerance: number = verifyTolerance,
): Promise<Verification> {
  const { rows } = expected;
  const all = Array.from({ length: rows }, (_, row) => row);
  const largest: Record<string, number> = {};
  const file = await backend.load(bytes);
  try {
    for (const batch of [all, ...all.slice(0, singles).map((row) => [row])]) {
      const written = await file.run(expected.feeds(batch));
      for (const [name, output] of Object.entries(expected.outputs)) {
        const width = numbers(output, name).length / rows;
        const wanted = numbers(output, name).subarray((batch[0] ?? 0) * width, ((batch.at(-1) ?? 0) + 1) * width);
        const found = largestDifference(numbers(written[name], name), wanted, scaleOf(numbers(output, name)));
        largest[name] = Math.max(largest[name] ?? 0, found);
      }
    }
  } finally {
    await file.dispose();
  }
  const difference = Math.max(0, ...Object.values(largest));
  // Written this way round, a NaN fails.
  if (!(difference <= tolerance))
    throw runError(
      "model-verification",
      `the exported model differs from the trained network: expected at most ${tolerance}, got ${difference} over ${rows} rows (${backend.version})`,
      "Do not use the file; please report this with the run's config.yaml.",
    );
  return { difference, rows, outputs: largest };
}

/** Refuses a file that says of itself what the network is not: others feed it by that. */
export function checkDescription(bytes: Uint8Array, parts: ModelParts): void {
  const info = readModelInfo(bytes, "the exported model");
  const { preprocess, domain, network, calibration, task } = decodeMetadata(info.metadata, "the exported model");
  const same = (what: string, found: unknown, wanted: unknown): void => {
    if (JSON.stringify(found) === JSON.stringify(wanted)) return;
    throw runError(
      "model-verification",
      `the exported model does not describe the trained network: its ${what} differ`,
      "Do not use the file; please report this with the run's config.yaml.",
    );
  };
  const { features: _, ...outputs } = trainedGraph(parts).graph.outputs;
  const types = Object.entries(outputs).map(([name, { type }]): [string, TensorType] => [name, type]);
  same("inputs", sorted(info.inputs), sorted(rawInputs(parts.preprocess, "N")));
  same("outputs", sorted(info.outputs), sorted(Object.fromEntries(types)));
  same("preprocessing", canonical(preprocess), canonical(parts.preprocess));
  same("calibration", calibration, parts.calibration);
  same("task", task, parts.task?.kind === "classification" ? undefined : parts.task);
  same("domain and network", [domain, network], [parts.domain, parts.network.name]);
}

const sorted = (types: Readonly<Record<string, TensorType>>): unknown =>
  Object.entries(types)
    .map(([name, { dtype, shape }]) => [name, dtype, shape] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** Without keys that are undefined, in the schema's order. */
const canonical = (spec: PreprocessSpec): PreprocessSpec => preprocessSpec.parse(JSON.parse(JSON.stringify(spec)));

type Floats = Float32Array | Float64Array;

function numbers(tensor: Fetches[string] | undefined, name: string): Floats {
  if (tensor?.dtype !== "float32" && tensor?.dtype !== "float64")
    throw internalError(`a model ran without giving ${name} as floats`);
  if (tensor.data.length !== sizeOf(tensor.dims)) throw internalError(`the output ${name} has not its size`);
  return tensor.data;
}

function scaleOf(values: Floats): number {
  let scale = 1;
  for (const value of values) scale = Math.max(scale, Math.abs(value));
  return scale;
}

function largestDifference(found: Floats, wanted: Floats, scale: number): number {
  if (found.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  for (let i = 0; i < found.length; i++) {
    const d = Math.abs((found[i] ?? 0) - (wanted[i] ?? 0));
    if (Number.isNaN(d)) return Number.NaN;
    difference = Math.max(difference, d);
  }
  return difference / scale;
}
