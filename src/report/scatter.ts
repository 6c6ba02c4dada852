/**
 * The features of both domains before and after adaptation. Two questions are put by radio buttons that the style sheet
 * reads: how rows come into the plane, and what the colours tell. A domain keeps its shape in both.
 */
import { type Content, type Html, html } from "./html.ts";
import { lookOf, markerPath, sourceLook, targetLook } from "./look.ts";
import type { Projected, ProjectedEmbedding, Projection, Spot } from "./projection/project.ts";
import { span } from "./scale.ts";
import { behind } from "./table.ts";
import { clipped, coordinate, percent, plural, short } from "./text.ts";

const size = 340;
const edge = 12;
/** Names of more classes would cover the rows. */
const mostNames = 12;

interface Panel {
  readonly title: string;
  readonly way: "pca" | "umap";
  readonly projection: Projection;
}

export interface Drawing {
  readonly classes: readonly string[];
  /** The model before adaptation. */
  readonly before: string;
  /** Tells the buttons of several such drawings on one page apart. */
  readonly id: string;
}

export function scatter(embedding: ProjectedEmbedding, { classes, before: name, id }: Drawing): Html {
  const { before, after } = embedding;
  const panels = [...panelsOf(`Before: ${name}`, before), ...(after ? panelsOf("After adaptation", after) : [])];
  const hasSource = before.pca.spots.some(({ domain }) => domain === "source");
  const byDomain = ["domain", "domain"] as const;
  const byClass = ["class", "class"] as const;
  // Of one domain alone its colour tells nothing.
  const colours = hasSource ? [byDomain, byClass] : [byClass];
  const hasUmap = panels.some(({ way }) => way === "umap");
  return html`<div class="embedding">${
    hasUmap &&
    choice(`${id}-way`, "Plane", [
      ["pca", "Principal components"],
      ["umap", "UMAP"],
    ])
  }${choice(`${id}-colour`, "Colour", colours)}
<div class="panels">${panels.map((panel) => panelOf(panel, classes))}</div>
<div class="by-domain">${domainLegend}</div><div class="by-class">${classLegend(classes, hasSource)}</div>
${behind(groupTable(panels, classes), "Table: where the groups lie")}${points(panels, classes)}</div>`;
}

const panelsOf = (title: string, { pca, umap }: Projected): Panel[] => [
  { title, way: "pca", projection: pca },
  ...(umap === undefined ? [] : [{ title, way: "umap" as const, projection: umap }]),
];

const choice = (name: string, title: string, options: readonly (readonly [value: string, label: string])[]): Html =>
  html`<fieldset class="choice"><legend>${title}</legend>${options.map(
    ([value, label], at) =>
      html`<label><input type="radio" name="${name}" value="${value}"${at === 0 && html` checked`}>${label}</label>`,
  )}</fieldset>`;

function panelOf({ title, way, projection: { spots, shares } }: Panel, classes: readonly string[]): Html {
  const [left, right] = span(spots.map(({ x }) => x));
  const [low, high] = span(spots.map(({ y }) => y));
  const x = (value: number): number => edge + ((value - left) / (right - left)) * (size - 2 * edge);
  const y = (value: number): number => size - edge - ((value - low) / (high - low)) * (size - 2 * edge);
  const of = (domain: Spot["domain"], number: number): Spot[] =>
    spots.filter((spot) => spot.domain === domain && spot.class === number);
  const counts = (["source", "target"] as const).map((domain) => spots.filter((spot) => spot.domain === domain).length);
  const named = (counts[0] ?? 0) > 0 ? "source" : "target";
  const axes = shares === undefined ? "" : `: ${shares.map((part) => percent(part)).join(" and ")} of the variance`;
  const label = `${title}: ${plural(counts[0] ?? 0, "source row")} and ${plural(counts[1] ?? 0, "target row")}`;
  const numbers = [...new Set(spots.map((spot) => spot.class))].sort((a, b) => a - b);
  const group = (domain: Spot["domain"], number: number): Html | undefined => {
    const own = of(domain, number);
    if (own.length === 0) return undefined;
    const path = own.map((spot) =>
      domain === "source"
        ? // A line of no length with round ends is a disc, in a third of the bytes.
          `M${coordinate(x(spot.x))} ${coordinate(y(spot.y))}h0`
        : markerPath("triangle", x(spot.x), y(spot.y), 2.4),
    );
    return html`<path class="${domain}" style="--class:var(--c${number % 8})" d="${path.join("")}"/>`;
  };
  return html`<figure class="${way}"><figcaption><b>${title}</b> <span>${way === "pca" ? "principal components" : "UMAP"}${axes}</span></figcaption><svg viewBox="0 0 ${size} ${size}" role="img" aria-label="${label}"><rect class="frame" width="${size}" height="${size}" rx="6"/>${numbers.map((number) => group("source", number))}${numbers.map((number) => group("target", number))}${
    classes.length <= mostNames &&
    html`<g class="names">${numbers.map((number) => nameOf(of(named, number), classes[number], x, y))}</g>`
  }</svg></figure>`;
}

/** The name of a class at the middle of its source rows, or of those that are taken for it where there are none. */
function nameOf(
  spots: readonly Spot[],
  name: string | undefined,
  x: (value: number) => number,
  y: (value: number) => number,
): Html | undefined {
  if (spots.length === 0 || name === undefined) return undefined;
  const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  return html`<text x="${coordinate(x(middle(spots.map((spot) => spot.x))))}" y="${coordinate(y(middle(spots.map((spot) => spot.y))) + 4)}" text-anchor="middle">${clipped(name, 14)}</text>`;
}

const key = (mark: Content, name: Content): Html => html`<li>${mark}${name}</li>`;

const swatch = (kind: "source" | "target", style: Html): Html =>
  html`<svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path class="${kind}"${style} d="${markerPath(kind === "source" ? sourceLook.marker : targetLook.marker, 6, 6, 3.6)}"/></svg>`;

const domainLegend = html`<ul class="legend dots">${key(swatch("source", html``), "source")}${key(swatch("target", html``), "target")}</ul>`;

const classLegend = (classes: readonly string[], hasSource: boolean): Html =>
  html`<ul class="legend dots">${classes
    .slice(0, 24)
    .map((name, number) =>
      key(swatch("source", html` style="--class:var(${lookOf(number).colour})"`), clipped(name, 30)),
    )}${
    classes.length > 24 && html`<li>… ${classes.length} classes</li>`
  }</ul><p class="note">${hasSource && "Discs: source rows, by their label. "}Triangles: target rows, by what the model takes them for.${
    classes.length > 8 && " Colours come again after 8 classes."
  }</p>`;

function groupTable(panels: readonly Panel[], classes: readonly string[]): Parameters<typeof behind>[0] {
  const right = "right" as const;
  const rows = panels.flatMap(({ title, way, projection: { spots } }) =>
    classes.slice(0, 30).flatMap((name, number) =>
      (["source", "target"] as const).flatMap((domain) => {
        const own = spots.filter((spot) => spot.domain === domain && spot.class === number);
        if (own.length === 0) return [];
        const mean = (of: (spot: Spot) => number): number => own.reduce((sum, spot) => sum + of(spot), 0) / own.length;
        const [x, y] = [mean((spot) => spot.x), mean((spot) => spot.y)];
        const spread = Math.sqrt(mean((spot) => (spot.x - x) ** 2 + (spot.y - y) ** 2));
        return [
          [
            title,
            way === "pca" ? "principal components" : "UMAP",
            domain,
            name,
            own.length,
            short(x),
            short(y),
            short(spread),
          ],
        ];
      }),
    ),
  );
  return {
    columns: [
      { title: "model" },
      { title: "plane" },
      { title: "domain" },
      { title: "class" },
      { title: "rows", align: right },
      { title: "mean x", align: right },
      { title: "mean y", align: right },
      { title: "spread", align: right },
    ],
    rows,
    caption: `Source rows by their label, target rows by the model's prediction.${classes.length > 30 ? " The first 30 classes." : ""}`,
  };
}

/** Every point that is drawn, for other tools. */
function points(panels: readonly Panel[], classes: readonly string[]): Html {
  const cell = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = panels.flatMap(({ title, way, projection: { spots } }) =>
    spots.map((spot) =>
      [
        title.split(":")[0]?.split(" ")[0]?.toLowerCase(),
        way,
        spot.domain,
        cell(classes[spot.class] ?? ""),
        short(spot.x),
        short(spot.y),
      ].join(","),
    ),
  );
  return html`<details class="data"><summary>All points (CSV)</summary><pre class="tall" tabindex="0">${["model,plane,domain,class,x,y", ...lines].join("\n")}</pre></details>`;
}
