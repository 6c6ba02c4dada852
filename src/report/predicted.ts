/** Predicted numbers against true ones, a mark a row: on the diagonal they are the same. */
import { type Html, html } from "./html.ts";
import { type Look, markerPath, sourceLook, targetLook } from "./look.ts";
import type { PredictedNumbers } from "./run.ts";
import { linear, span } from "./scale.ts";
import { behind, mostRows, spreadOver } from "./table.ts";
import { coordinate, plural, short } from "./text.ts";

const size = { width: 360, height: 340, left: 54, right: 10, top: 10, bottom: 30 };
/** More marks than this cover each other. */
const most = 600;

/** A drawing for each domain whose labels are known, all on the same scale. */
export function predictedBody(numbers: readonly PredictedNumbers[]): Html {
  const bounds = span(numbers.flatMap(({ truth, predicted }) => [...truth, ...predicted]));
  return html`<div class="grid">${numbers.map((one) => plotOf(one, bounds))}</div>`;
}

function plotOf({ domain, truth, predicted }: PredictedNumbers, bounds: readonly [number, number]): Html {
  const look = domain === "source" ? sourceLook : targetLook;
  const x = linear(bounds, [size.left, size.width - size.right]);
  const y = linear(bounds, [size.height - size.bottom, size.top]);
  const [low, high] = bounds;
  const marks = spreadOver(truth.length, most).map((row) =>
    markerPath(look.marker, x.at(truth[row] ?? 0), y.at(predicted[row] ?? 0), 2.2),
  );
  const title = domain === "source" ? "Source" : "Target";
  return html`<figure class="chart"><figcaption><b>${title}</b> <span>${plural(truth.length, "row")}: true across, predicted up</span></figcaption>
<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${title}: predicted against true numbers of ${plural(truth.length, "row")}"><g class="axis">${y.ticks.map(
    ({ at, label }) =>
      html`<path d="M${size.left} ${coordinate(at)}H${size.width - size.right}"/><text x="${size.left - 6}" y="${coordinate(at + 4)}" text-anchor="end">${label}</text>`,
  )}${x.ticks.map(
    ({ at, label }) => html`<text x="${coordinate(at)}" y="${size.height - 10}" text-anchor="middle">${label}</text>`,
  )}</g><g class="reference"><path d="M${coordinate(x.at(low))} ${coordinate(y.at(low))}L${coordinate(x.at(high))} ${coordinate(y.at(high))}"/></g>${marksOf(look, marks)}</svg>${behind(
    {
      columns: ["true", "predicted"].map((name) => ({ title: name, align: "right" as const })),
      rows: spreadOver(truth.length, mostRows).map((row) => [short(truth[row] ?? 0), short(predicted[row] ?? 0)]),
    },
    "Table: some of the rows",
  )}</figure>`;
}

const marksOf = ({ colour }: Look, marks: readonly string[]): Html =>
  html`<g class="dot faint" style="--on:var(${colour})"><path class="full" d="${marks.join("")}"/></g>`;
