/** Values on one line each, some with an interval: accuracies of models, differences of runs. */
import { type Html, html } from "./html.ts";
import { type Look, markerPath } from "./look.ts";
import { linear } from "./scale.ts";
import { clipped, coordinate } from "./text.ts";

export interface Dot {
  readonly value: number;
  readonly look: Look;
  /** What it is, for readers of screens and on pointing. */
  readonly label: string;
  readonly interval?: readonly [low: number, high: number] | undefined;
  /** Single observations behind a mean. */
  readonly faint?: boolean;
}

export interface DotRow {
  readonly name: string;
  /** Below the name, small. */
  readonly note?: string | undefined;
  readonly dots: readonly Dot[];
}

export interface DotChart {
  readonly title: string;
  readonly rows: readonly DotRow[];
  readonly domain: readonly [low: number, high: number];
  /** A level with a meaning, such as no difference. */
  readonly reference?: number | undefined;
}

const size = { width: 360, left: 128, right: 16, top: 6, row: 34, bottom: 22 };

export function dotChart({ title, rows, domain, reference }: DotChart): Html {
  const x = linear(domain, [size.left, size.width - size.right], 4);
  const bottom = size.top + rows.length * size.row;
  const height = bottom + size.bottom;
  const label = `${title}. ${rows.map(({ name, dots }) => `${name}: ${dots.map((dot) => dot.label).join(", ")}`).join("; ")}.`;
  return html`<svg viewBox="0 0 ${size.width} ${height}" role="img" aria-label="${label}"><g class="axis">${x.ticks.map(
    (tick) =>
      html`<path d="M${coordinate(tick.at)} ${size.top}V${bottom}"/><text x="${coordinate(tick.at)}" y="${height - 6}" text-anchor="middle">${tick.label}</text>`,
  )}</g>${
    reference !== undefined &&
    html`<g class="reference"><path d="M${coordinate(x.at(reference))} ${size.top}V${bottom}"/></g>`
  }${rows.map((row, at) => rowOf(row, size.top + (at + 0.5) * size.row, x.at))}</svg>`;
}

function rowOf({ name, note, dots }: DotRow, y: number, at: (value: number) => number): Html {
  const nameAt = note === undefined ? y + 4 : y - 2;
  return html`<g class="row"><path class="rule" d="M${size.left} ${coordinate(y)}H${size.width - size.right}"/><text class="name" x="${size.left - 10}" y="${coordinate(nameAt)}" text-anchor="end">${clipped(name, 17)}</text>${
    note !== undefined &&
    html`<text class="note" x="${size.left - 10}" y="${coordinate(y + 11)}" text-anchor="end">${clipped(note, 22)}</text>`
  }${dots.map(({ value, look, label, interval, faint }) => {
    const radius = faint === true ? 3 : 5;
    return html`<g class="${faint === true ? "dot faint" : "dot"}" style="--on:var(${look.colour})"><title>${label}</title>${
      interval !== undefined &&
      html`<path class="whisker" d="M${coordinate(at(interval[0]))} ${coordinate(y)}H${coordinate(at(interval[1]))}"/>`
    }<path class="${look.marker === "cross" ? "open" : "full"}" d="${markerPath(look.marker, at(value), y, radius)}"/></g>`;
  })}</g>`;
}
