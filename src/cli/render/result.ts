/** A result for people: the table of design 6, the verdict in plain words, and what to do next. */
import type { AdaptResult, ModelRow } from "../../adapt/result.ts";
import { methodRow } from "../../report/models.ts";
import { renderCalibration } from "./calibration.ts";
import { formatSeconds } from "./progress.ts";
import type { Paint } from "./style.ts";
import { renderTable } from "./table.ts";

export function renderResult(result: AdaptResult, paint: Paint): string {
  const { task, verdict, models, chosen } = result;
  const regression = task.kind === "regression";
  const scored = models.some(({ metrics, errors }) => metrics.target !== null || errors?.target != null);
  const metric = regression ? "RMSE" : "accuracy";
  const columns = [
    { title: "model" },
    { title: "epoch", align: "right" as const },
    { title: "source", align: "right" as const },
    { title: "target", align: "right" as const },
    ...(regression ? ["target MAE", "target R2"] : ["target macro F1"]).map((title) => ({
      title,
      align: "right" as const,
    })),
    { title: "" },
  ];
  const rows = models.map((row, index) => [
    row.name,
    row.epoch.toFixed(row.epoch % 1 === 0 ? 0 : 1),
    ...(regression ? errorCells(row) : accuracyCells(row)),
    `${result.from !== undefined && index === 0 ? "what it began with" : remark(row, result.select, regression)}${index === chosen ? ", chosen" : ""}`.replace(
      /^, /,
      "",
    ),
  ]);
  const first = models[0];
  const on =
    first?.scoredOn.source == null
      ? "source: not scored, a refinement has no source rows"
      : `source: ${metric} on ${places[first.scoredOn.source]}`;
  const target = scored
    ? `target: ${metric} on ${[...new Set(models.map(({ scoredOn }) => scoredOn.target))].flatMap((place) => (place === null ? [] : [places[place]])).join("; ")}`
    : "target: not scored, no target labels were given";
  const colour = {
    helped: "green",
    aligned: "cyan",
    "no-gain": "yellow",
    "negative-transfer": "red",
    diverged: "red",
  } as const;
  const distance = result.domainDistance;
  return [
    renderTable(columns, rows, { paint }),
    `${paint("dim", `${on}; ${target}`)}\n`,
    ...(distance === null
      ? []
      : [
          `${paint("dim", `distance of the domains (0 to 2): rows ${distance.before.toFixed(2)}, source-only's features ${distance.sourceOnly.toFixed(2)}, after ${distance.after.toFixed(2)}`)}\n`,
        ]),
    ...calibrationLine(models[chosen], paint),
    ...reverseLine(result, paint),
    "\n",
    `${paint(colour[verdict.code], verdict.text)}\n`,
    ...verdict.remedies.map((remedy) => `  try: ${remedy}\n`),
    ...(result.health ?? []).flatMap(({ code, level, text, remedies }) => [
      `${paint(level === "warning" ? "yellow" : "dim", `${code}: ${text}`)}\n`,
      ...remedies.map((remedy) => `  try: ${remedy}\n`),
    ]),
    ...(result.notApplicable === undefined
      ? []
      : [`${paint("dim", `not applicable to a regression: ${result.notApplicable.join(", ")}`)}\n`]),
    "\n",
    ...(task.sources === undefined
      ? []
      : [
          `sources: ${task.sources.map(({ name, rows }) => `${name} ${rows} rows`).join(", ")}${task.sources.some(({ apart }) => apart) ? "" : " (pooled)"}\n`,
        ]),
    ...(result.from === undefined ? [] : [`from:    ${result.from.model} of ${result.from.run}\n`]),
    `${task.sourceRows} source and ${task.targetRows} target rows${task.labelledTargetRows === undefined ? "" : ` and ${task.labelledTargetRows} labelled ones`}, ${labelsOf(task)}, ${result.steps} steps, seed ${result.seed}, ${result.device} with ${result.threads} ${result.threads === 1 ? "thread" : "threads"}: ${formatSeconds(result.seconds)}${spentOn(result)}\n`,
    ...(result.run === null
      ? []
      : [
          `run:     ${result.run}\n`,
          `predict: dann predict ${result.run} FILE\n`,
          `repeat:  dann adapt --config ${result.run}/config.yaml --out FOLDER\n`,
        ]),
  ].join("");
}

/** What the time went into, in hundredths. */
function spentOn({ seconds, spent }: AdaptResult): string {
  if (spent === undefined || seconds === 0) return "";
  const share = (part: number): string => `${Math.round((100 * part) / seconds)} %`;
  return ` (${share(spent.training)} training, ${share(spent.evaluation)} validators and health)`;
}

const accuracyCells = ({ metrics: { source, target } }: ModelRow): string[] =>
  [source?.accuracy, target?.accuracy, target?.macroF1].map(share);

const errorCells = ({ errors }: ModelRow): string[] =>
  [errors?.source.rmse, errors?.target?.rmse, errors?.target?.mae, errors?.target?.r2].map(number);

/** Of a regression the label's own unit decides how large numbers are. */
export const number = (value: number | null | undefined): string =>
  value == null ? "-" : String(Number(value.toPrecision(4)));

const labelsOf = ({ classes, labels }: AdaptResult["task"]): string =>
  labels === undefined
    ? `${classes.length} classes`
    : `labels of mean ${number(labels.mean)} and deviation ${number(labels.deviation)}`;

const calibrationLine = (row: ModelRow | undefined, paint: Paint): string[] =>
  row?.calibration === undefined ? [] : [`${paint("dim", renderCalibration(row.calibration))}\n`];

/** Who chose, where it was not the verdict. */
function reverseLine({ reverseValidation, models, chosen }: AdaptResult, paint: Paint): string[] {
  if (reverseValidation === undefined) return [];
  const { rows, risks } = reverseValidation;
  const said = `reverse validation on ${rows} held-out source rows: risk ${risks.sourceOnly.toFixed(3)} of source-only, ${risks.method.toFixed(3)} of ${methodRow(models)?.name ?? "the method"}; it chose ${models[chosen]?.name}`;
  return [`${paint("dim", said)}\n`];
}

const places = {
  "source-test": "the source test rows",
  "source-holdout": "held-out source rows",
  "target-test": "the target test rows",
  target: "the adapted rows",
  "target-holdout": "held-out target rows (the row trained on target labels)",
} as const;

/** `0.983`; a dash where nothing was scored. */
export const share = (value: number | undefined): string => (value === undefined ? "-" : value.toFixed(3));

function remark({ selection, selectable }: ModelRow, select = "auto", regression = false): string {
  const how = {
    last: "",
    validator:
      select === "auto" && !regression
        ? "selected without target labels"
        : select === "auto"
          ? "the last epoch"
          : select === "last" || select === "reverse"
            ? "the last epoch, as asked"
            : `selected by ${select}, without target labels`,
    oracle: "best epoch by target labels",
    "target-trained": "trained on target labels",
  }[selection];
  return selectable ? how : `${how} (not selectable)`;
}
