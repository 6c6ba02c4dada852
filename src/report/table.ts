/** Tables, by themselves and behind charts. */
import { type Content, type Html, html } from "./html.ts";

export interface Column {
  readonly title: Content;
  /** Numbers stand to the right. Default: left. */
  readonly align?: "left" | "right";
}

export interface TableRequest {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Content[])[];
  /** For readers of screens, and above the table. */
  readonly caption?: Content;
  /** Row that is set apart. */
  readonly marked?: number;
}

/** A table in a frame that scrolls sideways by itself: the page never does. The first column heads the rows. */
export function table({ columns, rows, caption, marked }: TableRequest): Html {
  const side = (at: number): Html => (columns[at]?.align === "right" ? html` class="r"` : html``);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="table"><table>${
    caption !== undefined && html`<caption>${caption}</caption>`
  }<thead><tr>${columns.map(({ title }, at) => html`<th scope="col"${side(at)}>${title}</th>`)}</tr></thead><tbody>${rows.map(
    (row, number) =>
      html`<tr${number === marked && html` class="marked"`}>${row.map((content, at) =>
        at === 0 ? html`<th scope="row">${content}</th>` : html`<td${side(at)}>${content}</td>`,
      )}</tr>`,
  )}</tbody></table></div>`;
}

/** The same numbers as a chart, folded away behind it. */
export const behind = (request: TableRequest, summary = "Table"): Html =>
  html`<details class="data"><summary>${summary}</summary>${table(request)}</details>`;

/** Most rows of a table behind a chart: more are read by nobody, and each costs bytes. */
export const mostRows = 60;

/** At most `most` numbers from 0 to `count` - 1, evenly spread, first and last among them. */
export function spreadOver(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}
