/** `dann evaluate`: scores of a run or a model on labelled rows. */
import { readingFor } from "../../adapt/inputs.ts";
import { readForModel } from "../../adapt/model-rows.ts";
import { encodeLabels, labelledRows } from "../../data/labels.ts";
import { list } from "../../data/names.ts";
import { labelNumbers, standardisedLabels } from "../../data/number-labels.ts";
import { dataError } from "../../errors.ts";
import { type Metrics, metrics } from "../../evaluate/metrics.ts";
import { predictions } from "../../evaluate/probabilities.ts";
import { type RegressionMetrics, regressionMetrics } from "../../evaluate/regression-metrics.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { EvaluateDocument } from "../documents.ts";
import { addFlags, cacheFlags, readFlags } from "../flags.ts";
import { foldersWith, noteChosen, noteTruncated, openModel, readingWith } from "../model.ts";
import { createOutput } from "../output.ts";
import { number, share } from "../render/result.ts";
import type { Paint } from "../render/style.ts";
import { renderTable, type TableColumn } from "../render/table.ts";

interface EvaluateOptions {
  readonly labels: string;
  readonly device: string;
  readonly threads: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function command(): ReturnType<typeof makeCommand> {
  const evaluate = makeCommand("evaluate", "score a run or a model on labelled data")
    .argument("<model>", "a run's folder, or a model.onnx")
    .argument("<data>", "labelled rows: any format that adapt reads")
    .requiredOption(
      "--labels <column|file>",
      "a column's name or index, a file of labels, or folder: the sub-folders of an image folder",
    )
    .option("--device <name>", "engine: auto, cpu or wasm", "auto")
    .option("--threads <n>", "threads inside one operator", "1");
  addFlags(evaluate, [...readFlags.filter(({ key }) => key !== "data.read.id"), ...cacheFlags]);
  evaluate
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .addHelpText(
      "after",
      "\nExample:\n  dann evaluate runs/clinic-a-to-clinic-b-dann-s0 clinic-b-checked.csv --labels diagnosis",
    )
    .action(async (model: unknown, data: unknown, given: unknown) =>
      run(String(model), String(data), given as EvaluateOptions & Record<string, unknown>),
    );
  return evaluate as unknown as ReturnType<typeof makeCommand>;
}

async function run(
  modelPath: string,
  dataPath: string,
  given: EvaluateOptions & Record<string, unknown>,
): Promise<void> {
  const output = createOutput(given);
  const opened = await openModel(modelPath, given);
  const { model, file, read, chosen } = opened;
  noteChosen(output, modelPath, opened);
  try {
    const options = readingFor(model.task?.kind, readingWith(read, given));
    const dataset = labelledRows(
      await readForModel(dataPath, given.labels, model.preprocess, { read: options, images: foldersWith(given) }),
    );
    for (const note of dataset.notes ?? []) output.note(`${dataPath}: ${note}`);
    if (model.task?.kind === "regression") {
      if (dataset.labels === undefined || dataset.rows.rows === 0)
        throw dataError("no-labels", `${dataPath}: expected labels to score with, got none`);
      const { value = new Float32Array(0), truncated } = await model.predict(dataset);
      noteTruncated(output, dataPath, model, { truncated, rows: value.length });
      const { scale } = model.task;
      const standardised = standardisedLabels(Float64Array.from(value), scale);
      const errors = regressionMetrics(standardisedLabels(labelNumbers(dataset), scale), standardised, scale);
      output.document({
        ...{ schema: 1, model: file, chosen, data: dataPath, unknownClasses: 0, metrics: null, errors },
      } satisfies EvaluateDocument);
      output.result(renderErrors(errors));
      return;
    }
    const truth = encodeLabels(dataset.labels ?? [], model.classes);
    const known = truth.filter((label) => label >= 0).length;
    if (known === 0) {
      const found = [...new Set(dataset.labels ?? [])].filter((label) => label !== undefined);
      throw dataError(
        "label-sets-differ",
        `${dataPath}: expected the classes ${list(model.classes)}, got ${list(found) || "no labels"}`,
        "The labels must be spelled as in training.",
      );
    }
    const { logits, truncated } = await model.predict(dataset);
    noteTruncated(output, dataPath, model, { truncated, rows: truth.length });
    const classes = model.classes.length;
    const said = predictions({ rows: truth.length, classes, values: logits });
    const scores = metrics(truth, said, model.classes);
    const unknownClasses = truth.length - known;
    const document: EvaluateDocument = {
      ...{ schema: 1, model: file, chosen, data: dataPath, unknownClasses, metrics: scores },
    };
    output.document(document);
    output.result(renderScores({ metrics: scores, unknownClasses }, output.paint));
  } finally {
    await model.dispose();
  }
}

const renderErrors = ({ rows, rmse, mae, r2 }: RegressionMetrics): string =>
  `RMSE ${number(rmse)}, MAE ${number(mae)}, R2 ${number(r2)} on ${rows} rows\n`;

function renderScores(
  { metrics: scores, unknownClasses }: { readonly metrics: Metrics; readonly unknownClasses: number },
  paint: Paint,
): string {
  const right = (title: string): TableColumn => ({ title, align: "right" });
  const summary = `accuracy ${share(scores.accuracy)}, balanced accuracy ${share(scores.balancedAccuracy)}, macro F1 ${share(scores.macroF1)} on ${scores.rows} rows\n`;
  const unknown =
    unknownClasses === 0
      ? ""
      : `${unknownClasses} rows are of classes that the model does not know: they count as wrong\n`;
  const perClass = renderTable(
    [{ title: "class" }, right("rows"), right("precision"), right("recall"), right("F1")],
    scores.perClass.map((c) => [c.class, String(c.support), share(c.precision), share(c.recall), share(c.f1)]),
    { paint },
  );
  const names = scores.perClass.map((c) => c.class);
  // Wider than a terminal helps nobody; the document has it all.
  if (names.length > 16) return `${summary}${unknown}\n${perClass}`;
  const confusion = renderTable(
    [{ title: "truth \\ said" }, ...names.map(right)],
    scores.confusion.map((row, c) => [names[c] ?? "", ...row.map(String)]),
    { paint },
  );
  return `${summary}${unknown}\n${perClass}\n${confusion}`;
}
