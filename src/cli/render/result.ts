/** A result for people: the table of design 6, the verdict in plain words, and what to do next. */
import type { AdaptResult, ModelRow } from "../../adapt/result.ts";
import { renderCalibration } from "./calibration.ts";
import { formatSeconds } from "./progress.ts";
import type { Paint } from "./style.ts";
import { renderTable } from "./table.ts";

export function renderResult(result: AdaptResult, paint: Paint): string {
  const { task, verdict, models, chosen } = result;
  const scored = models.some(({ metrics }) => metrics.target !== null);
  const columns = [
    { title: "model" },
    { title: "epoch", align: "right" as const },
    { title: "source", align: "right" as const },
    { title: "target", align: "right" as const },
    { title: "target macro F1", align: "right" as const },
    { title: "" },
  ];
  const rows = models.map((row, index) => [
    row.name,
    row.epoch.toFixed(row.epoch % 1 === 0 ? 0 : 1),
    share(row.metrics.source?.accuracy),
    share(row.metrics.target?.accuracy),
    share(row.metrics.target?.macroF1),
    `${result.from !== undefined && index === 0 ? "what it began with" : remark(row, result.select)}${index === chosen ? ", chosen" : ""}`.replace(
      /^, /,
      "",
    ),
  ]);
  const first = models[0];
  const on =
    first?.scoredOn.source == null
      ? "source: not scored, a refinement has no source rows"
      : `source: accuracy on ${places[first.scoredOn.source]}`;
  const target = scored
    ? `target: accuracy on ${[...new Set(models.map(({ scoredOn }) => scoredOn.target))].flatMap((place) => (place === null ? [] : [places[place]])).join("; ")}`
    : "target: not scored, no target labels were given";
  const colour = { helped: "green", "no-gain": "yellow", "negative-transfer": "red", diverged: "red" } as const;
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
    "\n",
    `${paint(colour[verdict.code], verdict.text)}\n`,
    ...verdict.remedies.map((remedy) => `  try: ${remedy}\n`),
    ...(result.health ?? []).flatMap(({ code, level, text, remedies }) => [
      `${paint(level === "warning" ? "yellow" : "dim", `${code}: ${text}`)}\n`,
      ...remedies.map((remedy) => `  try: ${remedy}\n`),
    ]),
    "\n",
    ...(task.sources === undefined
      ? []
      : [
          `sources: ${task.sources.map(({ name, rows }) => `${name} ${rows} rows`).join(", ")}${task.sources.some(({ apart }) => apart) ? "" : " (pooled)"}\n`,
        ]),
    ...(result.from === undefined ? [] : [`from:    ${result.from.model} of ${result.from.run}\n`]),
    `${task.sourceRows} source and ${task.targetRows} target rows, ${task.classes.length} classes, ${result.steps} steps, seed ${result.seed}, ${result.device} with ${result.threads} ${result.threads === 1 ? "thread" : "threads"}: ${formatSeconds(result.seconds)}\n`,
    ...(result.run === null
      ? []
      : [
          `run:     ${result.run}\n`,
          `predict: dann predict ${result.run} FILE\n`,
          `repeat:  dann adapt --config ${result.run}/config.yaml --out FOLDER\n`,
        ]),
  ].join("");
}

const calibrationLine = (row: ModelRow | undefined, paint: Paint): string[] =>
  row?.calibration === undefined ? [] : [`${paint("dim", renderCalibration(row.calibration))}\n`];

const places = {
  "source-test": "the source test rows",
  "source-holdout": "held-out source rows",
  "target-test": "the target test rows",
  target: "the adapted rows",
  "target-holdout": "held-out target rows (the row trained on target labels)",
} as const;

/** `0.983`; a dash where nothing was scored. */
export const share = (value: number | undefined): string => (value === undefined ? "-" : value.toFixed(3));

function remark({ selection, selectable }: ModelRow, select = "auto"): string {
  const how = {
    last: "",
    validator:
      select === "auto"
        ? "selected without target labels"
        : select === "last"
          ? "the last epoch, as asked"
          : `selected by ${select}, without target labels`,
    oracle: "best epoch by target labels",
    "target-trained": "trained on target labels",
  }[selection];
  return selectable ? how : `${how} (not selectable)`;
}
