/** How far the probabilities of the models can be believed: temperature, calibration errors, reliability of the chosen one. */
import { type Html, html } from "./html.ts";
import { lineChart, type Series } from "./line-chart.ts";
import { sourceLook, targetLook } from "./look.ts";
import { howTaken } from "./models.ts";
import type { ReliabilityBin, ReportedCalibration, ReportedResult } from "./run.ts";
import { table } from "./table.ts";
import { plural } from "./text.ts";

/** Undefined where no model has a calibration: results of older versions. */
export function calibrationBody({ models, chosen, select }: ReportedResult): Html | undefined {
  const row = models[chosen];
  const calibrated = models.flatMap((model, number) =>
    model.calibration === undefined ? [] : [{ model, number, calibration: model.calibration }],
  );
  if (row?.calibration === undefined) return undefined;
  const right = "right" as const;
  return html`<p>${foundFrom(row.calibration)}</p>${table({
    columns: [
      { title: "model" },
      { title: "temperature", align: right },
      { title: "error on held-out source", align: right },
      { title: "on the target, estimated", align: right },
      { title: "on the target, by its labels", align: right },
    ],
    rows: calibrated.map(({ model, calibration: { temperature, source, estimatedTargetEce, target } }) => [
      html`${model.name}<br><small>${howTaken(model, select)}</small>`,
      temperature.toFixed(2),
      change(source.ece),
      estimatedTargetEce === null ? "–" : change(estimatedTargetEce),
      target === null ? "–" : change(target.ece),
    ]),
    marked: calibrated.findIndex(({ number }) => number === chosen),
  })}<div class="grid">${reliability(row.calibration)}</div><p class="note">${caveat}</p>`;
}

/** What `docs/calibration.md` warns of: the estimate was .14 where labels gave .47. */
const caveat =
  "The estimate weighs source rows by where the target’s rows lie. Where rows that look alike have other labels in the target, no source row can show it, and the true error can be far larger. The error is 0 where a model that says 0.8 is right on 80 % of such rows; of few rows it is mostly noise, which only adds to it.";

const foundFrom = ({ temperature, basis, why, source, weighted }: ReportedCalibration): string =>
  ({
    weighted: `Probabilities are softmax(logits / ${temperature.toFixed(2)}). The temperature is of ${plural(source.rows, "held-out source row")} weighted to the target, worth ${weighted.effectiveRows.toFixed(0)}.`,
    source: `Probabilities are softmax(logits / ${temperature.toFixed(2)}). The temperature is the source’s: ${why}.`,
    none: `Probabilities are the network’s own, temperature 1: ${why}.`,
  })[basis];

const change = ({ before, after }: { readonly before: number; readonly after: number }): string =>
  before === after ? before.toFixed(3) : `${before.toFixed(3)}\u00a0→ ${after.toFixed(3)}`;

/** Accuracy by confidence after the temperature; the diagonal is a model that is as right as it says. */
function reliability({ source, target }: ReportedCalibration): Html | undefined {
  const series: Series[] = [
    { name: "held-out source", look: sourceLook, points: pointsOf(source.bins) },
    { name: "target, by its labels", look: targetLook, points: pointsOf(target?.bins) },
  ].filter(({ points }) => points.length > 0);
  if (series.length === 0) return undefined;
  const lowest = Math.min(...series.flatMap(({ points }) => points.map(({ x }) => x)));
  const diagonal = [lowest, 1].map((both) => ({ x: both, y: both }));
  const exact = { name: "as right as it says", look: { colour: "--soft", marker: "cross", dash: "2 3" } as const };
  return lineChart({
    title: "Reliability",
    hint: "how often it is right, by how sure it is; below the diagonal it is too sure",
    series: [...series, { ...exact, points: diagonal }],
    within: [0, 1],
    along: "confidence",
    up: "accuracy",
  });
}

const pointsOf = (bins: readonly ReliabilityBin[] = []): Series["points"] =>
  bins.map(({ confidence, accuracy }) => ({ x: confidence, y: accuracy }));
