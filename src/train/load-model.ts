/**
 * Uses a saved model: no network definitions, gradients, optimisers or methods are imported here, so an application
 * that only predicts carries none of them. Works in Node and in browsers.
 */

import { openBackend } from "#runtime";
import type { Dataset, Rows } from "../data/dataset.ts";
import { type EncodedRows, encodeRows, gather } from "../data/encode.ts";
import { dataError, internalError } from "../errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { readModelInfo } from "../onnx/read.ts";
import { softmaxRows } from "../softmax-rows.ts";
import { inferenceBatch } from "./inference-batch.ts";
import { decodeMetadata, type ModelMetadata } from "./metadata.ts";
import { tokenizerOf } from "./model-tokenizer.ts";
import { readBytes } from "./read-bytes.ts";

export interface LoadOptions {
  /** Engine; default `auto`: native where it is installed, else WebAssembly. */
  readonly device?: "auto" | "cpu" | "wasm";
  /** Threads inside one operator; default 1. */
  readonly threads?: number;
  /** Rows that go through the engine at once; default 256, of a model of texts about 4,000 tokens. */
  readonly batch?: number;
  /**
   * Of a model with an encoder of text: its `tokenizer.json`, path, URL or bytes. Default: `NAME.tokenizer.json` or
   * `tokenizer.json` beside the model's file.
   */
  readonly tokenizer?: string | URL | Uint8Array | undefined;
}

export interface Predictions {
  /** The most probable class of each row, by name; none of a regression, which has `value`. */
  readonly labels: readonly string[];
  /** [rows, classes] row-major; of a calibrated model by its temperature, unless raw ones were asked for. */
  readonly probabilities: Float32Array;
  /** [rows, classes] row-major. */
  readonly logits: Float32Array;
  /** Of a regression the number of each row, [rows], in the label's unit; undefined of a classifier. */
  readonly value?: Float32Array | undefined;
  /** Texts that were longer than the model's tokens, so that their ends were not read. */
  readonly truncated: number;
}

export interface ModelPredictOptions {
  /** `calibrated` (default), or `raw`: the softmax of the logits, whatever the model's temperature. */
  readonly probabilities?: "calibrated" | "raw";
}

export interface LoadedModel extends ModelMetadata {
  /** Labels and probabilities, or values, of raw rows, as a reader returns them; columns are matched by name. */
  predict(rows: Rows | Dataset, options?: ModelPredictOptions): Promise<Predictions>;
  dispose(): Promise<void>;
}

/** Opens a `model.onnx`: its path, its URL or its bytes. */
export async function loadModel(model: string | URL | Uint8Array, options: LoadOptions = {}): Promise<LoadedModel> {
  const bytes = model instanceof Uint8Array ? model : await readBytes(model);
  const origin = model instanceof Uint8Array ? "the model" : String(model);
  const metadata = decodeMetadata(readModelInfo(bytes, origin).metadata, origin);
  const place = model instanceof Uint8Array ? undefined : origin;
  const tokenizer = await tokenizerOf(metadata, place, options.tokenizer);
  const backend = await openBackend(options.device ?? "auto");
  const executable = await backend.load(bytes, { threads: options.threads ?? 1 });
  /** All rows in pieces; each output of these names as one array, row-major. */
  const answers = async <Name extends string>(
    encoded: EncodedRows,
    widths: Readonly<Record<Name, number>>,
  ): Promise<Record<Name, Float32Array>> => {
    const names = Object.keys(widths) as Name[];
    const all = Object.fromEntries(
      names.map((name) => [name, new Float32Array(encoded.rows * widths[name])]),
    ) as Record<Name, Float32Array>;
    const size = options.batch ?? (tokenizer === undefined ? 256 : inferenceBatch(metadata.preprocess));
    for (let start = 0; start < encoded.rows; start += size) {
      const indices = Int32Array.from({ length: Math.min(size, encoded.rows - start) }, (_, i) => start + i);
      const out = await executable.run(gather(encoded, indices, metadata.preprocess));
      for (const name of names) all[name].set(floats(out[name]), start * widths[name]);
    }
    return all;
  };
  return {
    ...metadata,
    async predict(given, { probabilities: wanted = "calibrated" } = {}) {
      const encoded: EncodedRows = encodeRows(isDataset(given) ? given.rows : given, metadata.preprocess, tokenizer);
      const truncated = encoded.kind === "table" ? (encoded.truncated ?? 0) : 0;
      if (metadata.task?.kind === "regression") {
        const { value } = await answers(encoded, { value: 1 });
        refuseNotFinite(value, 1);
        const none = new Float32Array(0);
        return { labels: [], probabilities: none, logits: none, value, truncated };
      }
      const count = metadata.classes.length;
      const { logits, probabilities } = await answers(encoded, { logits: count, probabilities: count });
      refuseNotFinite(logits, count);
      if (wanted === "raw" && metadata.calibration !== undefined) probabilities.set(softmaxRows(logits, count));
      return { labels: labelsOf(logits, metadata.classes), probabilities, logits, truncated };
    },
    dispose: () => executable.dispose(),
  };
}

const isDataset = (rows: Rows | Dataset): rows is Dataset => typeof rows.rows === "object";

/** A row that brings NaN or infinity through the network has no answer: the first class would be told as its label. */
function refuseNotFinite(answers: Float32Array, width: number): void {
  const at = answers.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw dataError(
    "not-finite",
    `row ${Math.floor(at / width)} of the ${answers.length / width} given (counted from 0): expected a finite answer of the model, got ${answers[at]}`,
    "Look for values in the row that are not finite or far out of range.",
  );
}

/** The first of the largest logits decides. */
function labelsOf(logits: Float32Array, classes: readonly string[]): string[] {
  const labels: string[] = [];
  for (let start = 0; start < logits.length; start += classes.length) {
    let best = 0;
    for (let i = 1; i < classes.length; i++) if ((logits[start + i] ?? 0) > (logits[start + best] ?? 0)) best = i;
    labels.push(classes[best] ?? "");
  }
  return labels;
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (tensor?.dtype === "float32") return tensor.data;
  throw internalError(`a model answered with ${tensor?.dtype ?? "nothing"}, expected float32`);
}
