/** The table of models, with what a person may and may not use of it, and its accuracies drawn. */
import { dotChart } from "./dot-chart.ts";
import { type Html, html } from "./html.ts";
import { sourceLook, targetLook } from "./look.ts";
import { labelledTargetName, type ReportedModel, type ReportedResult } from "./run.ts";
import { table } from "./table.ts";
import { percent, share, short } from "./text.ts";

export const placesScored: Readonly<Record<string, string>> = {
  "source-test": "the source test rows",
  "source-holdout": "held-out source rows",
  "target-test": "the target test rows",
  target: "the adapted rows",
  "target-holdout": "held-out target rows",
};

/** The method as selected without target labels; undefined where nothing adapted. */
export const methodRow = <M extends Pick<ReportedModel, "name" | "selection">>(models: readonly M[]): M | undefined =>
  models.find(({ selection, name }) => selection === "validator" && name !== "source-only");

/** What is trained on the labels of both domains, without adaptation; undefined where none of the target were given. */
export const bothLabelsRow = (models: readonly ReportedModel[]): ReportedModel | undefined =>
  models.find(({ name }) => name === labelledTargetName);

/** What a reader compares: source-only and the method, or the model that a refinement began with and what it made of it. */
export function comparedModels({ models, from }: Pick<ReportedResult, "models" | "from">): ReportedModel[] {
  const [start, ...own] = models;
  const rows =
    from === undefined
      ? [models.find(({ name }) => name === "source-only"), bothLabelsRow(models), methodRow(models)]
      : [start, methodRow(own) ?? own.find(({ selection }) => selection === "last")];
  return rows.filter((row) => row !== undefined);
}

/** How a model of a result was come by. */
export function howChosen(
  { models, from, select }: Pick<ReportedResult, "models" | "from" | "select">,
  at: number,
): string {
  const row = models[at];
  if (row === undefined) return "?";
  return from !== undefined && at === 0 ? "the model that it began with" : howTaken(row, select);
}

export function howTaken({ selection, errors }: Pick<ReportedModel, "selection" | "errors">, select = "auto"): string {
  switch (selection) {
    case "last":
      return "last epoch";
    case "validator":
      // Of a regression `auto` is the last epoch.
      if (select === "auto") return errors === undefined ? "selected without target labels" : "the last epoch";
      return select === "last" || select === "reverse"
        ? "the last epoch, as asked"
        : `selected by ${select}, without target labels`;
    case "oracle":
      return "best epoch by target labels";
    case "target-trained":
      return "trained on target labels";
    default:
      throw new Error(`unknown selection ${String(selection satisfies never)}`);
  }
}

/** The same in the width of a drawing. */
const briefly: Readonly<Record<ReportedModel["selection"], string>> = {
  last: "last epoch",
  validator: "selected",
  oracle: "best by target labels",
  "target-trained": "on target labels",
};

/** What stands in the table of a task: a title and a text for each score. */
interface Scored {
  readonly metric: string;
  readonly source: (row: ReportedModel) => number | undefined;
  readonly target: readonly (readonly [title: string, value: (row: ReportedModel) => number | null | undefined])[];
  readonly print: (value: number | null | undefined) => string;
  readonly inWords: (value: number) => string;
  /** What the target's further columns are. */
  readonly besides: string;
}

const ofClasses: Scored = {
  metric: "accuracy",
  source: ({ metrics }) => metrics.source?.accuracy,
  target: [
    ["target", ({ metrics }) => metrics.target?.accuracy],
    ["balanced", ({ metrics }) => metrics.target?.balancedAccuracy],
    ["macro F1", ({ metrics }) => metrics.target?.macroF1],
  ],
  print: share,
  inWords: percent,
  besides: "with its balanced accuracy and macro F1",
};

const ofNumbers: Scored = {
  metric: "error (RMSE)",
  source: ({ errors }) => errors?.source.rmse,
  target: [
    ["target", ({ errors }) => errors?.target?.rmse],
    ["MAE", ({ errors }) => errors?.target?.mae],
    ["R²", ({ errors }) => errors?.target?.r2],
  ],
  print: (value) => (value == null ? "–" : short(value)),
  inWords: short,
  besides: "with its mean absolute error and R²",
};

export function modelsBody(result: ReportedResult): Html {
  const { models, chosen, domainDistance, task, from } = result;
  const scores = task.kind === "regression" ? ofNumbers : ofClasses;
  const { metric, inWords } = scores;
  const [, targetOf] = scores.target[0] ?? [];
  const target = (row: ReportedModel): number | undefined => targetOf?.(row) ?? undefined;
  const scored = models.some((row) => target(row) !== undefined);
  const sourced = models.some((row) => scores.source(row) !== undefined);
  const highest = Math.max(...models.flatMap((row) => [scores.source(row) ?? 0, target(row) ?? 0]));
  const places = (of: (row: ReportedModel) => string | null): string =>
    [...new Set(models.map(of))].flatMap((place) => (place === null ? [] : [placesScored[place] ?? place])).join("; ");
  return html`${table({
    columns: [
      { title: "model" },
      ...(sourced ? [{ title: "source", align: right }] : []),
      ...(scored ? scores.target.map(([title]) => ({ title, align: right })) : []),
      { title: "epoch", align: right },
    ],
    rows: models.map((row, at) => [
      html`${row.name} ${
        at === chosen
          ? html`<span class="badge on">✓ chosen</span>`
          : !row.selectable && html`<span class="badge">not selectable</span>`
      }<br><small>${howChosen(result, at)}</small>`,
      ...(sourced ? [scores.print(scores.source(row))] : []),
      ...(scored ? scores.target.map(([, value]) => scores.print(value(row))) : []),
      short(row.epoch),
    ]),
    marked: chosen,
  })}<p class="note">${sourced && `Source: ${metric} on ${places(({ scoredOn }) => scoredOn.source)}. `}Target: ${
    scored
      ? `${metric} on ${places(({ scoredOn }) => scoredOn.target)}, ${scores.besides}`
      : "not scored, no target labels were given"
  }. Rows marked “not selectable” were made with target labels: they are bounds, not models to use.</p>
<div class="wide"><figure class="plot"><figcaption><b>${titled(metric)}</b> <span>${[sourced && "disc: source", scored && "triangle: target"].filter(Boolean).join(", ")}</span></figcaption>${dotChart(
    {
      title: titled(metric),
      domain: task.kind === "regression" ? [0, highest * 1.06 || 1] : [0, 1],
      rows: models.map((row, at) => ({
        name: row.name,
        note: from !== undefined && at === 0 ? "to begin with" : briefly[row.selection],
        dots: (
          [
            ["source", scores.source(row), sourceLook],
            ["target", target(row), targetLook],
          ] as const
        ).flatMap(([domain, value, look]) =>
          value === undefined ? [] : [{ value, look, label: `${domain} ${inWords(value)}` }],
        ),
      })),
    },
  )}</figure>${domainDistance !== null && distanceFigure(domainDistance)}</div>`;
}

const right = "right" as const;

type Distance = NonNullable<ReportedResult["domainDistance"]>;

const distanceFigure = (domainDistance: Distance): Html =>
  html`<figure class="plot"><figcaption><b>Distance of the domains</b> <span>proxy A-distance: 0 cannot be told apart, 2 always can</span></figcaption>${dotChart(
    {
      title: "Distance of the domains",
      domain: [0, 2],
      rows: distances(domainDistance).map(([name, value, colour]) => ({
        name,
        dots: [{ value, look: { colour, marker: "diamond", dash: "" }, label: short(value) }],
      })),
    },
  )}${table({
    columns: [{ title: "between" }, { title: "distance", align: right }],
    rows: distances(domainDistance).map(([name, value]) => [name, value.toFixed(2)]),
  })}</figure>`;

const titled = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const distances = ({
  before,
  sourceOnly,
  after,
}: Distance): readonly (readonly [name: string, value: number, colour: string])[] => [
  ["input rows", before, "--soft"],
  ["source-only", sourceOnly, "--baseline"],
  ["adapted", after, "--method"],
];
