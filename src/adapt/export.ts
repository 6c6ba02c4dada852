/**
 * A trained model of a run as a file of its own, verified after writing: what lies on disk is read back and run in
 * every engine that is here, against the float64 reference with the weights of the checkpoint. Node only.
 */
import { openBackend } from "#runtime";
import { writeAtomic } from "../data/atomic.ts";
import type { EncodedRows } from "../data/encode.ts";
import { nodeModules } from "../data/files.ts";
import { randomRows } from "../data/random-rows.ts";
import { DannError, runError, usageError } from "../errors.ts";
import type { TensorType } from "../graph/tensor.ts";
import { makeMethod } from "../methods/make.ts";
import { readModelInfo } from "../onnx/read.ts";
import { random } from "../random.ts";
import type { Backend } from "../runtime/backend.ts";
import { referenceBackend } from "../runtime/reference.ts";
import type { ModelOutputs } from "../train/inference.ts";
import { exportModel, type ModelParts } from "../train/model.ts";
import { tokenizerBeside, tokenizerOf } from "../train/model-tokenizer.ts";
import { decodeSafetensors } from "../train/safetensors.ts";
import type { State } from "../train/state.ts";
import { checkDescription, compareModel, expectedOutputs, verifyTolerance } from "../train/verify.ts";
import { heldOutRows } from "./held-out.ts";
import { runFiles } from "./run-folder.ts";
import { modelOfRun, networkOfRun, openSavedRun, type SavedModel, type SavedRun } from "./saved-run.ts";
import { encodeState } from "./tracker.ts";

export interface ExportOptions {
  /** `chosen`, `last`, `source-only` or the method's name; default `chosen`. */
  readonly model?: string | undefined;
  /** Where the ONNX file goes. */
  readonly out: string;
  /** Where all parameters go as safetensors; default: nowhere. */
  readonly parameters?: string | undefined;
  /** Default `classes`. */
  readonly outputs?: ModelOutputs | undefined;
  /** Whether files that exist are replaced; default `refuse`. */
  readonly existing?: "refuse" | "replace";
  /** Writes a file; default atomically. For tests: a disk that changes what it is given. */
  readonly write?: (path: string, bytes: Uint8Array) => Promise<void>;
}

/** One engine's differences from the reference on one set of rows, or why there are none. */
export type EngineReport =
  | {
      readonly device: "cpu" | "wasm";
      readonly engine: string;
      readonly rows: "held-out" | "random";
      readonly count: number;
      readonly outputs: Readonly<Record<string, number>>;
    }
  | { readonly device: "cpu" | "wasm"; readonly absent: string };

export interface Exported {
  readonly out: string;
  readonly bytes: number;
  readonly model: Pick<SavedModel, "name" | "selection" | "epoch">;
  readonly classes: readonly string[];
  readonly opset: number;
  readonly inputs: Readonly<Record<string, TensorType>>;
  readonly outputs: Readonly<Record<string, TensorType>>;
  readonly metadata: readonly string[];
  readonly tolerance: number;
  readonly verification: readonly EngineReport[];
  /** Why the run's own rows were not used; undefined where they were. */
  readonly withoutData: string | undefined;
  readonly parameters: { readonly path: string; readonly tensors: number } | undefined;
  /** Where the tokenizer of a model of texts was copied to. */
  readonly tokenizer: string | undefined;
}

export async function exportRun(path: string, options: ExportOptions): Promise<Exported> {
  const { out, parameters, outputs = "classes", existing = "refuse", write = writeAtomic } = options;
  const run = await openSavedRun(path);
  const model = await modelOfRun(run, options.model ?? "chosen");
  const { name: method } = run.config.method;
  const tells = makeMethod(run.config.method).tellsDomains;
  if (outputs === "classes-and-domain" && !(tells && model.name === method)) {
    const normalised = run.config.method.domainSpectralNorm === true;
    throw usageError(
      "no-domain-classifier",
      normalised
        ? "--with domain-classifier: that of this run was trained with spectrally normalised weights (method.domainSpectralNorm), which a model does not keep"
        : `--with domain-classifier: ${model.name} was trained without a domain classifier of the features`,
      tells
        ? `Export ${method}: --model ${method}.`
        : `Export a run of dann${normalised ? " without method.domainSpectralNorm" : ""}.`,
    );
  }
  const tokenizer = await tokenizerFor(run, out);
  if (existing === "refuse")
    for (const file of [out, parameters, tokenizer?.path]) if (file !== undefined) await refuseExisting(file);
  const { network } = await networkOfRun(run);
  const { preprocess, classes } = run.metadata;
  const parts: ModelParts = {
    network,
    preprocess,
    state: model.state,
    domain: "target",
    apart: model.apart,
    outputs,
    calibration: model.calibration,
    task: run.metadata.task,
  };
  const heldOut = await heldOutRows(run);
  const rows: [RowSet, EncodedRows][] = [
    ["random", randomRows(preprocess, rowsToCompare(parts), random("export").split(run.config.train.seed))],
  ];
  if (heldOut.kind === "rows") rows.unshift(["held-out", heldOut.rows]);
  const bytes = exportModel({ ...parts, classes, metadata: { "dann.model": JSON.stringify(model.name) } });
  const verification = await placeVerified(out, bytes, write, (written) => verify(written, parts, rows));
  const saved = parameters === undefined ? undefined : await writeParameters(parameters, model.state, write);
  if (tokenizer !== undefined) await write(tokenizer.path, tokenizer.bytes);
  const info = readModelInfo(bytes, out);
  return {
    out,
    bytes: bytes.byteLength,
    model: { name: model.name, selection: model.selection, epoch: model.epoch },
    classes,
    opset: info.opset,
    inputs: info.inputs,
    outputs: info.outputs,
    metadata: Object.keys(info.metadata),
    tolerance: verifyTolerance,
    verification,
    withoutData: heldOut.kind === "rows" ? undefined : heldOut.reason,
    parameters: saved,
    tokenizer: tokenizer?.path,
  };
}

/** The file that the model's tokens are made with, and where it goes. */
async function tokenizerFor(
  { path, metadata }: SavedRun,
  out: string,
): Promise<{ path: string; bytes: Uint8Array } | undefined> {
  const model = nodeModules().path.join(path, runFiles.model);
  const found = await tokenizerOf(metadata, model, undefined);
  return found && { path: tokenizerBeside(out), bytes: found.bytes };
}

type RowSet = "held-out" | "random";

/** The reference takes a tenth of a second and more for an image or a text: a few of them show what there is to see. */
const rowsToCompare = ({ preprocess }: ModelParts): number =>
  preprocess.kind === "image" || (preprocess.kind === "table" && preprocess.tokens !== undefined) ? 4 : 32;

async function verify(
  bytes: Uint8Array,
  parts: ModelParts,
  sets: readonly (readonly [RowSet, EncodedRows])[],
): Promise<EngineReport[]> {
  const reference = referenceBackend();
  const expected = [];
  for (const [rows, encoded] of sets)
    expected.push({ rows, of: await expectedOutputs(parts, encoded, reference, rowsToCompare(parts)) });
  const reports: EngineReport[] = [];
  for (const device of ["cpu", "wasm"] as const) {
    const backend = await openEngine(device);
    if (typeof backend === "string") {
      reports.push({ device, absent: backend });
      continue;
    }
    for (const { rows, of } of expected) {
      const { outputs, rows: count } = await compareModel(bytes, of, backend);
      reports.push({ device, engine: backend.version, rows, count, outputs });
    }
  }
  checkDescription(bytes, parts);
  if (reports.every((report) => "absent" in report))
    throw runError("export-unverified", "the exported model could not be verified: no engine could be loaded");
  return reports;
}

/** An engine, or why it is not here. */
async function openEngine(device: "cpu" | "wasm"): Promise<Backend | string> {
  try {
    return await openBackend(device);
  } catch (cause) {
    if (cause instanceof DannError && cause.kind === "engine") return cause.message;
    throw cause;
  }
}

/** Writes beside the place, reads back, verifies, and only then gives the file its name. */
async function placeVerified<T>(
  path: string,
  bytes: Uint8Array,
  write: NonNullable<ExportOptions["write"]>,
  check: (written: Uint8Array) => Promise<T>,
): Promise<T> {
  const { fs, path: paths } = nodeModules();
  const temporary = paths.join(paths.dirname(path), `.${paths.basename(path)}.${process.pid}.unverified.tmp`);
  try {
    await write(temporary, bytes);
    const checked = await check(new Uint8Array(await fs.readFile(temporary)));
    await fs.rename(temporary, path);
    return checked;
  } finally {
    await fs.rm(temporary, { force: true });
  }
}

/** All parameters and running statistics by name, the domain classifier's as well. */
async function writeParameters(
  path: string,
  state: State,
  write: NonNullable<ExportOptions["write"]>,
): Promise<NonNullable<Exported["parameters"]>> {
  await placeVerified(path, encodeState(state), write, async (written) => {
    const { tensors } = decodeSafetensors(written, path);
    for (const [name, { data }] of state) {
      const found = tensors.get(name)?.data;
      if (found?.length === data.length && data.every((value, i) => Object.is(value, found[i]))) continue;
      throw runError("export-parameters", `${path}: ${name} was not written as it was trained`, "Check the disk.");
    }
  });
  return { path, tensors: state.size };
}

async function refuseExisting(path: string): Promise<void> {
  const there = await nodeModules()
    .fs.stat(path)
    .then(
      () => true,
      () => false,
    );
  if (there)
    throw usageError("file-exists", `${path}: there is a file already`, "Choose another name, or add --force.");
}
