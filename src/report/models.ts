/** The table of models, with what a person may and may not use of it, and its accuracies drawn. */
import { dotChart } from "./dot-chart.ts";
import { type Html, html } from "./html.ts";
import { sourceLook, targetLook } from "./look.ts";
import type { ReportedModel, ReportedResult } from "./run.ts";
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
export const methodRow = (models: readonly ReportedModel[]): ReportedModel | undefined =>
  models.find(({ selection, name }) => selection === "validator" && name !== "source-only");

export function howTaken({ selection }: Pick<ReportedModel, "selection">, select = "auto"): string {
  switch (selection) {
    case "last":
      return "last epoch";
    case "validator":
      if (select === "auto") return "selected without target labels";
      return select === "last" ? "the last epoch, as asked" : `selected by ${select}, without target labels`;
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

export function modelsBody({ models, chosen, select, domainDistance }: ReportedResult): Html {
  const scored = models.some(({ metrics }) => metrics.target !== null);
  const right = "right" as const;
  const places = (of: (row: ReportedModel) => string | null): string =>
    [...new Set(models.map(of))].flatMap((place) => (place === null ? [] : [placesScored[place] ?? place])).join("; ");
  return html`${table({
    columns: [
      { title: "model" },
      { title: "source", align: right },
      ...(scored ? ["target", "balanced", "macro F1"].map((title) => ({ title, align: right })) : []),
      { title: "epoch", align: right },
    ],
    rows: models.map((row, at) => [
      html`${row.name} ${
        at === chosen
          ? html`<span class="badge on">✓ chosen</span>`
          : !row.selectable && html`<span class="badge">not selectable</span>`
      }<br><small>${howTaken(row, select)}</small>`,
      share(row.metrics.source.accuracy),
      ...(scored
        ? [row.metrics.target?.accuracy, row.metrics.target?.balancedAccuracy, row.metrics.target?.macroF1].map(share)
        : []),
      short(row.epoch),
    ]),
    marked: chosen,
  })}<p class="note">Source: accuracy on ${places(({ scoredOn }) => scoredOn.source)}. Target: ${
    scored
      ? `accuracy on ${places(({ scoredOn }) => scoredOn.target)}, with its balanced accuracy and macro F1`
      : "not scored, no target labels were given"
  }. Rows marked “not selectable” were made with target labels: they are bounds, not models to use.</p>
<div class="wide"><figure class="plot"><figcaption><b>Accuracy</b> <span>disc: source${scored && ", triangle: target"}</span></figcaption>${dotChart(
    {
      title: "Accuracy",
      domain: [0, 1],
      rows: models.map((row) => ({
        name: row.name,
        note: briefly[row.selection],
        dots: [
          {
            value: row.metrics.source.accuracy,
            look: sourceLook,
            label: `source ${percent(row.metrics.source.accuracy)}`,
          },
          ...(row.metrics.target === null
            ? []
            : [
                {
                  value: row.metrics.target.accuracy,
                  look: targetLook,
                  label: `target ${percent(row.metrics.target.accuracy)}`,
                },
              ]),
        ],
      })),
    },
  )}</figure><figure class="plot"><figcaption><b>Distance of the domains</b> <span>proxy A-distance: 0 cannot be told apart, 2 always can</span></figcaption>${dotChart(
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
  })}</figure></div>`;
}

const distances = ({
  before,
  sourceOnly,
  after,
}: ReportedResult["domainDistance"]): readonly (readonly [name: string, value: number, colour: string])[] => [
  ["input rows", before, "--soft"],
  ["source-only", sourceOnly, "--baseline"],
  ["adapted", after, "--method"],
];
