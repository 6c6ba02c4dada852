/** `dann predict`: labels for new rows, streamed, so that the input may be larger than memory. */
import { usageError } from "../../errors.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { PredictDocument } from "../documents.ts";
import { addFlags, readFlags } from "../flags.ts";
import { noteChosen, openModel } from "../model.ts";
import { createOutput } from "../output.ts";
import { predictRows } from "../predict-rows.ts";
import { predictValues } from "../predict-values.ts";
import { abstain, openWriter, type PredictedRows, type PredictionFormat, refuseOwnInput } from "../predictions.ts";
import { renderTable } from "../render/table.ts";

interface PredictOptions {
  readonly out?: string;
  readonly as?: string;
  readonly abstainBelow?: string;
  readonly rawProbabilities?: boolean;
  readonly id?: string;
  readonly device: string;
  readonly threads: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function command(): ReturnType<typeof makeCommand> {
  const predict = makeCommand(
    "predict",
    "label new data with a run or a model: id, label, and a probability a class; or id and value",
  )
    .argument("<model>", "a run's folder, or a model.onnx")
    .argument("<data>", "rows to label: any format that adapt reads, or a folder of images")
    .option("--out <file>", "where to write: .csv, .jsonl or .npz; default: CSV on stdout")
    .option("--as <format>", "csv, jsonl or npz; default: by the name of --out")
    .option(
      "--abstain-below <p>",
      "give no label to rows whose highest probability is below p: label empty, abstained true",
    )
    .option("--raw-probabilities", "probabilities as the network has them, without the model's temperature")
    .option("--device <name>", "engine: auto, cpu or wasm", "auto")
    .option("--threads <n>", "threads inside one operator", "1");
  addFlags(predict, readFlags);
  predict
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .addHelpText(
      "after",
      `
Examples:
  dann predict runs/clinic-a-to-clinic-b-dann-s0 clinic-b.csv --id patient --out labels.csv
  dann predict runs/clinic-a-to-clinic-b-dann-s0 clinic-b.csv --id patient --abstain-below 0.8 --out sure.csv

Probabilities are calibrated (docs/calibration.md). With --abstain-below a column "abstained" (true or false) is
added; the label of such a row is empty, in JSON Lines null.`,
    )
    .action(async (model: unknown, data: unknown, given: unknown) =>
      run(String(model), String(data), given as PredictOptions & Record<string, unknown>),
    );
  return predict as unknown as ReturnType<typeof makeCommand>;
}

async function run(
  modelPath: string,
  dataPath: string,
  given: PredictOptions & Record<string, unknown>,
): Promise<void> {
  const output = createOutput(given);
  const format = formatOf(given);
  if (output.json && given.out === undefined) {
    throw usageError(
      "json-out",
      "--json prints one document about the predictions, which then need a place",
      "Add --out FILE.",
    );
  }
  const threshold = thresholdOf(given.abstainBelow);
  await refuseOwnInput(given.out, dataPath);
  const opened = await openModel(modelPath, given);
  const { model, file, read, id, chosen } = opened;
  noteChosen(output, modelPath, opened);
  if (id !== undefined && given.id === undefined && read.window === undefined)
    output.note(`ids are numbers of rows, from 0; the run's were those of column "${id}": --id ${id}`);
  if (model.task?.kind === "regression") {
    await predictValues({ ...opened, dataPath, format, given, output }).finally(() => model.dispose());
    return;
  }
  const probabilities = given.rawProbabilities === true || model.calibration === undefined ? "raw" : "calibrated";
  if (threshold !== undefined && model.calibration === undefined)
    output.note(`${file}: was not calibrated, --abstain-below looks at the network's own probabilities`);
  try {
    const writer = await openWriter(format, given.out, { classes: model.classes, abstains: threshold !== undefined });
    const counts = new Map(model.classes.map((name) => [name, 0]));
    let abstained = 0;
    const { rows, seconds } = await predictRows<PredictedRows>({
      ...{ model, read, dataPath, given, output, writer, how: { probabilities } },
      told(predicted) {
        const labels = threshold === undefined ? predicted.labels : abstain(predicted, threshold);
        for (const label of labels) {
          if (label === undefined) abstained += 1;
          else counts.set(label, (counts.get(label) ?? 0) + 1);
        }
        return { labels, probabilities: predicted.probabilities };
      },
    });
    const without = threshold === undefined ? undefined : withoutLabel(abstained, rows, threshold);
    if (without !== undefined && given.out === undefined) output.note(without);
    if (given.out === undefined) return;
    const document: PredictDocument = {
      schema: 1,
      model: file,
      chosen,
      data: dataPath,
      out: given.out,
      format,
      rows,
      classes: Object.fromEntries(counts),
      probabilities,
      abstained: threshold === undefined ? null : { below: threshold, rows: abstained },
      seconds,
    };
    output.document(document);
    output.result(
      `${renderTable(
        [{ title: "label" }, { title: "rows", align: "right" }],
        [...counts].map(([name, count]) => [name, String(count)]),
        { paint: output.paint },
      )}${without === undefined ? "" : `${without}\n`}${rows} rows written to ${given.out}\n`,
    );
  } finally {
    await model.dispose();
  }
}

function thresholdOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value > 0 && value <= 1) return value;
  throw usageError(
    "flag-value",
    `--abstain-below: expected a probability above 0 and at most 1, got "${text}"`,
    "Such as --abstain-below 0.8.",
  );
}

const withoutLabel = (abstained: number, rows: number, threshold: number): string =>
  `${abstained} of ${rows} rows have no label: their highest probability is below ${threshold}`;

const formats: readonly PredictionFormat[] = ["csv", "jsonl", "npz"];

function formatOf({ out, as }: PredictOptions): PredictionFormat {
  const named = as ?? (out === undefined ? "csv" : (out.split(".").at(-1) ?? ""));
  const format = formats.find((one) => one === named.toLowerCase());
  if (format === undefined)
    throw usageError(
      "output-format",
      `--${as === undefined ? "out" : "as"}: expected csv, jsonl or npz, got "${named}"`,
      "Name the file .csv, .jsonl or .npz, or say --as.",
    );
  if (format === "npz" && out === undefined)
    throw usageError("output-format", "npz is not text and cannot go to stdout", "Add --out FILE.npz.");
  return format;
}
