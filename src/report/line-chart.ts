/** Curves over training steps: a drawing that needs no script, a legend where there is more than one, and the table. */
import { type Html, html } from "./html.ts";
import { type Look, markerPath } from "./look.ts";
import { linear, type Scale, span } from "./scale.ts";
import { behind, mostRows, spreadOver } from "./table.ts";
import { clipped, coordinate, short } from "./text.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Series {
  readonly name: string;
  readonly look: Look;
  /** What it is one of, where several share a look: the legend names these. Default: the series by itself. */
  readonly family?: string | undefined;
  /** From left to right. */
  readonly points: readonly Point[];
  /** A place on it that is set apart, such as the epoch that was chosen. */
  readonly marked?: Point | undefined;
}

export interface LineChart {
  readonly title: string;
  /** One line of what to look for. */
  readonly hint?: string | undefined;
  readonly series: readonly Series[];
  /** Bounds that the values cannot leave. */
  readonly within?: readonly [low: number, high: number] | undefined;
  /** A level with a meaning, such as chance. */
  readonly reference?: { readonly y: number; readonly label: string } | undefined;
  /** What is read off along x. Default: step. */
  readonly along?: string | undefined;
  /** What is read off upwards, where the title does not say it. */
  readonly up?: string | undefined;
  /** Most points of a drawn curve. Default: 400, as wide as the drawing in pixels of most screens. */
  readonly mostPoints?: number | undefined;
}

/** Below the axis stand its numbers and, a line further down, its name. */
const size = { width: 360, height: 214, left: 44, right: 10, top: 10, bottom: 40 };
/** A line for the name of the other axis, above it. */
const nameHeight = 14;

export function lineChart({
  title,
  hint,
  series,
  within,
  reference,
  along = "step",
  up,
  mostPoints = 400,
}: LineChart): Html {
  const drawn = series.filter(({ points }) => points.length > 0);
  const all = drawn.flatMap(({ points }) => points);
  const levels = reference === undefined ? [] : [reference.y];
  const y = linear(span([...all.map((point) => point.y), ...levels], within), [
    size.height - size.bottom,
    size.top + (up === undefined ? 0 : nameHeight),
  ]);
  const [first, last] = [Math.min(...all.map((p) => p.x)), Math.max(...all.map((p) => p.x))];
  const x = linear(first === last ? [first - 1, last + 1] : [first, last], [size.left, size.width - size.right]);
  return html`<figure class="chart"><figcaption><b>${title}</b>${hint !== undefined && html` <span>${hint}</span>`}</figcaption>
<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${describe(title, drawn)}">${axes(x, y, { along, up })}${
    reference !== undefined &&
    html`<g class="reference"><path d="M${size.left} ${coordinate(y.at(reference.y))}H${size.width - size.right}"/><text x="${size.width - size.right}" y="${coordinate(y.at(reference.y) - 4)}" text-anchor="end">${reference.label}</text></g>`
  }${drawn.map((one) => curve(one, x, y, mostPoints))}</svg>
${drawn.length > 1 && legend(familiesOf(drawn))}${behind(tableOf(drawn, along))}</figure>`;
}

const describe = (title: string, series: readonly Series[]): string =>
  `${title}. ${series
    .map(({ name, points }) => `${name}: from ${short(points[0]?.y ?? 0)} to ${short(points.at(-1)?.y ?? 0)}`)
    .join("; ")}.`;

function axes(x: Scale, y: Scale, { along, up }: Pick<LineChart, "along" | "up">): Html {
  return html`<g class="axis">${y.ticks.map(
    ({ at, label }) =>
      html`<path d="M${size.left} ${coordinate(at)}H${size.width - size.right}"/><text x="${size.left - 6}" y="${coordinate(at + 4)}" text-anchor="end">${label}</text>`,
  )}${x.ticks.map(
    ({ at, label }) =>
      html`<text x="${coordinate(Math.min(at, size.width - size.right - 8))}" y="${size.height - size.bottom + 18}" text-anchor="middle">${label}</text>`,
  )}<text x="${size.width - size.right}" y="${size.height - 8}" text-anchor="end">${along}</text>${
    up !== undefined && html`<text x="${size.left}" y="${size.top + 2}">${up}</text>`
  }</g>`;
}

function curve({ look, points, marked }: Series, x: Scale, y: Scale, mostPoints: number): Html {
  const place = (point: Point): string => `${coordinate(x.at(point.x))} ${coordinate(y.at(point.y))}`;
  const some = spreadOver(points.length, mostPoints).flatMap((at) => points[at] ?? []);
  const line = some.map((point, at) => `${at === 0 ? "M" : "L"}${place(point)}`).join("");
  // A few shapes on the line tell the curves apart where dashes run into each other.
  const shapes = spreadOver(some.length, 6).flatMap((at) => some[at] ?? []);
  const style = html`style="--on:var(${look.colour})"`;
  return html`<g class="line" ${style}><path class="stroke" d="${line}" stroke-dasharray="${look.dash || "none"}"/><path class="shape" d="${shapes
    .map((point) => markerPath(look.marker, x.at(point.x), y.at(point.y), 2.6))
    .join("")}"/>${
    marked !== undefined &&
    html`<circle class="ring" cx="${coordinate(x.at(marked.x))}" cy="${coordinate(y.at(marked.y))}" r="6"/>`
  }</g>`;
}

const familiesOf = (series: readonly Series[]): Series[] =>
  [...new Map(series.map((one) => [one.family ?? one.name, one])).entries()].map(([name, one]) => ({ ...one, name }));

/** Names beside a piece of their line. */
const legend = (items: readonly { readonly name: string; readonly look: Look }[]): Html =>
  html`<ul class="legend">${items.map(
    ({ name, look }) =>
      html`<li><svg viewBox="0 0 28 12" width="28" height="12" aria-hidden="true"><g class="line" style="--on:var(${look.colour})"><path class="stroke" d="M1 6H27" stroke-dasharray="${look.dash || "none"}"/><path class="shape" d="${markerPath(look.marker, 14, 6, 3.2)}"/></g></svg>${clipped(name, 40)}</li>`,
  )}</ul>`;

/** A row a step: series that were measured at other steps have gaps. */
function tableOf(series: readonly Series[], along: string): Parameters<typeof behind>[0] {
  const values = series.map(({ points }) => new Map(points.map(({ x, y }) => [x, y])));
  const steps = [...new Set(values.flatMap((of) => [...of.keys()]))].sort((a, b) => a - b);
  const shown = spreadOver(steps.length, mostRows).flatMap((at) => steps[at] ?? []);
  return {
    columns: [{ title: along }, ...series.map(({ name }) => ({ title: name, align: "right" as const }))],
    rows: shown.map((step) => [
      step,
      ...values.map((of) => {
        const value = of.get(step);
        return value === undefined ? "" : short(value);
      }),
    ]),
    ...(shown.length < steps.length && { caption: `${shown.length} of ${steps.length} measurements, evenly spread` }),
  };
}
