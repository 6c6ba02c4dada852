/** Which classes a model takes for which: a matrix that is a table, so that nothing has to stand behind it. */
import type { Metrics } from "../evaluate/metrics.ts";
import { type Html, html } from "./html.ts";
import { behind, type TableRequest } from "./table.ts";
import { clipped, percent, share } from "./text.ts";

/** Larger ones are read by nobody. */
const mostClasses = 30;
const mostPairs = 10;

interface Pair {
  readonly truth: number;
  readonly prediction: number;
  readonly rows: number;
}

export function confusion(metrics: Pick<Metrics, "confusion" | "perClass">, title: string): Html {
  const { confusion: counts, perClass } = metrics;
  const names = perClass.map((one) => one.class);
  const shown = mostConfused(counts, mostClasses);
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  return html`<figure class="confusion"><figcaption><b>${title}</b>${
    shown.length < names.length &&
    html` <span>${shown.length} of ${names.length} classes: those that are confused most</span>`
  }</figcaption><div class="scroll" tabindex="0" role="region" aria-label="${title}"><table><thead><tr><th scope="col">truth ╲ predicted</th>${shown.map(
    (number) => html`<th scope="col">${clipped(names[number] ?? "", 12)}</th>`,
  )}</tr></thead><tbody>${shown.map(
    (truth) =>
      html`<tr><th scope="row">${clipped(names[truth] ?? "", 18)}</th>${shown.map((prediction) =>
        cell(counts[truth]?.[prediction] ?? 0, totals[truth] ?? 0, truth === prediction),
      )}</tr>`,
  )}</tbody></table></div>${pairsOf(counts, names, totals)}${behind(classTable(perClass), "Table: every class")}</figure>`;
}

/** Coloured by its share of the row's truth; the diagonal is set apart by a frame as well. */
function cell(count: number, total: number, right: boolean): Html {
  const part = total === 0 ? 0 : count / total;
  // Where the colour gets too strong for the page's ink: sooner in the dark.
  const classes = [right && "right", part > 0.6 && "over60", part > 0.8 && "over80"].filter((name) => name !== false);
  return html`<td class="${classes.join(" ")}" style="--part:${Math.round(100 * part)}%">${count === 0 ? "·" : count}</td>`;
}

/** Numbers of the classes with most errors in their row and column, in the order of the classes. */
export function mostConfused(counts: readonly (readonly number[])[], most: number): number[] {
  const errors = counts.map((row, truth) =>
    row.reduce(
      (sum, count, prediction) => sum + (truth === prediction ? 0 : count + (counts[prediction]?.[truth] ?? 0)),
      0,
    ),
  );
  return errors
    .map((count, number) => ({ count, number }))
    .sort((a, b) => b.count - a.count || a.number - b.number)
    .slice(0, most)
    .map(({ number }) => number)
    .sort((a, b) => a - b);
}

function pairsOf(counts: readonly (readonly number[])[], names: readonly string[], totals: readonly number[]): Html {
  const pairs: Pair[] = counts
    .flatMap((row, truth) => row.map((rows, prediction) => ({ truth, prediction, rows })))
    .filter(({ truth, prediction, rows }) => truth !== prediction && rows > 0)
    .sort((a, b) => b.rows - a.rows || a.truth - b.truth || a.prediction - b.prediction);
  if (pairs.length === 0) return html`<p class="note">No row is taken for another class.</p>`;
  return html`<p class="note">Most often: ${pairs
    .slice(0, names.length > 2 ? mostPairs : 2)
    .map(
      ({ truth, prediction, rows }, at) =>
        html`${at > 0 && "; "}<b>${clipped(names[truth] ?? "", 24)}</b> as <b>${clipped(names[prediction] ?? "", 24)}</b> ${rows} (${percent(rows / (totals[truth] || 1))})`,
    )}.</p>`;
}

const classTable = (perClass: Metrics["perClass"]): TableRequest => ({
  columns: [
    { title: "class" },
    ...["rows", "precision", "recall", "F1"].map((title) => ({ title, align: "right" as const })),
  ],
  rows: perClass.map((one) => [one.class, one.support, share(one.precision), share(one.recall), share(one.f1)]),
});
