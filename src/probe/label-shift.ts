/**
 * Whether the classes have other shares in the target, by the model of a finished run: what it says of the run's own
 * held-out source rows, and of the target's (BBSE, `evaluate/health/label-shift.ts`).
 */
import { heldOutRows } from "../adapt/held-out.ts";
import { runFiles } from "../adapt/run-folder.ts";
import { openSavedRun } from "../adapt/saved-run.ts";
import type { Dataset } from "../data/dataset.ts";
import { type EncodedRows, encodeRows, gather } from "../data/encode.ts";
import { nodeModules } from "../data/files.ts";
import type { PreprocessSpec } from "../data/preprocess.ts";
import { dataError, internalError, usageError } from "../errors.ts";
import { type LabelShift, labelShift } from "../evaluate/health/label-shift.ts";
import { predictions } from "../evaluate/probabilities.ts";
import type { Backend, Executable } from "../runtime/backend.ts";
import { classIndices } from "../task.ts";
import { inferenceBatch } from "../train/inference-batch.ts";
import { tokenizerOf } from "../train/model-tokenizer.ts";

export interface RunLabelShift {
  readonly run: string;
  readonly classes: readonly string[];
  /** Null where it cannot be worked out: a class without held-out rows, or one that is never predicted apart. */
  readonly shift: LabelShift | null;
}

export async function labelShiftOfRun(path: string, target: Dataset, backend: Backend): Promise<RunLabelShift> {
  const run = await openSavedRun(path);
  if (run.metadata.task?.kind === "regression")
    throw usageError(
      "probe-regression",
      `--run: expected the run of a classifier, because shares of classes are estimated, got a regression (${path})`,
      "Leave --run out.",
    );
  const heldOut = await heldOutRows(run);
  if (heldOut.kind === "none")
    throw dataError(
      "run-rows",
      `${path}: its held-out source rows are needed to estimate shares of classes: ${heldOut.reason}`,
      "Give a run whose files are as they were, or leave --run out.",
    );
  const { preprocess, classes } = run.metadata;
  const file = nodeModules().path.join(path, runFiles.model);
  const tokenizer = await tokenizerOf(run.metadata, file, undefined);
  const encoded = encodeRows(target.rows, preprocess, tokenizer);
  const executable = await backend.load(new Uint8Array(await nodeModules().fs.readFile(file)), { threads: 1 });
  try {
    const said = (rows: EncodedRows): Promise<Int32Array> => classify(executable, rows, preprocess, classes.length);
    const shift = labelShift({
      classes,
      sourceLabels: classIndices(heldOut.labels),
      sourcePredictions: await said(heldOut.rows),
      targetPredictions: await said(encoded),
    });
    return { run: path, classes, shift };
  } finally {
    await executable.dispose();
  }
}

async function classify(
  executable: Executable,
  encoded: EncodedRows,
  spec: PreprocessSpec,
  classes: number,
): Promise<Int32Array> {
  const said = new Int32Array(encoded.rows);
  const size = inferenceBatch(spec);
  for (let start = 0; start < encoded.rows; start += size) {
    const indices = Int32Array.from({ length: Math.min(size, encoded.rows - start) }, (_, i) => start + i);
    const { logits } = await executable.run(gather(encoded, indices, spec));
    if (logits?.dtype !== "float32") throw internalError("a model ran without giving float32 logits");
    said.set(predictions({ rows: indices.length, classes, values: logits.data }), start);
  }
  return said;
}
