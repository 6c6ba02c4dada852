/** A probe for people: who, how far apart, by what, and one sentence on what to do. */
import type { ProbeDocument } from "../../probe/document.ts";
import { commandOf } from "../../report/shell.ts";
import type { Paint } from "./style.ts";
import { renderTable } from "./table.ts";

/** Features and classes that a terminal shows; the document has more. */
const shown = { features: 8, classes: 12 } as const;

const measuredBy = {
  columns: "columns",
  features: "features",
  pixels: "numbers of each image (brightness, contrast, fields of a grid)",
  signal: "numbers of each signal",
  backbone: "features of the backbone",
} as const;

/** @param words of the command line, for the command that is suggested. */
export function renderProbe(document: ProbeDocument, words: readonly string[], paint: Paint): string {
  const { source, target, features, apart, withoutSeparators, separators, warnings, recommendation, files } = document;
  return [
    ...warnings.map((text) => `${paint("yellow", "warning")}: ${text}\n`),
    `source    ${describe(source)}\n`,
    `target    ${describe(target)}\n`,
    `distance  ${distance(apart)}, by ${features.width} ${measuredBy[features.kind]}\n`,
    ...separators.map(
      ({ column, accuracy, why }) =>
        `          "${column}" alone tells ${(100 * accuracy).toFixed(1)} % of the rows: ${why}\n`,
    ),
    ...(withoutSeparators === null ? [] : [`          without: ${distance(withoutSeparators)}\n`]),
    ...duplicates(document),
    ...labelShift(document),
    ...(document.top.length === 0 ? [] : ["\n", topTable(document, paint)]),
    "\n",
    `${paint("bold", recommendation.text)}\n`,
    ...recommendation.flags.map((flags) => `  try: ${commandOf("dann", ["adapt", ...replaced(words, flags)])}\n`),
    ...(files.length === 0 ? [] : [`written: ${files.join(", ")}\n`]),
  ].join("");
}

/** A flag that is suggested stands in the place of one that was given. */
function replaced(words: readonly string[], flags: readonly string[]): string[] {
  const at = words.indexOf(flags[0] ?? "");
  return [...(at < 0 ? words : words.filter((_, place) => place !== at && place !== at + 1)), ...flags];
}

const distance = ({ distance: value, low, high, accuracy, neighbours, chance, rows }: ProbeDocument["apart"]): string =>
  `${value.toFixed(2)} of 2 (95 %: ${low.toFixed(2)} to ${high.toFixed(2)}): ${chance ? "no more than chance; " : ""}a line tells ${percent(accuracy)} of ${rows} rows, neighbours ${percent(neighbours)}`;

function describe({ origin, rows, classes, imbalance }: ProbeDocument["source"]): string {
  if (classes === null) return `${origin}: ${rows} rows`;
  const named = classes.slice(0, shown.classes).map(({ name, rows: count }) => `${name} ${count}`);
  const more = classes.length > shown.classes ? ", …" : "";
  const uneven =
    imbalance !== null && imbalance >= 3
      ? `; the largest has ${imbalance.toFixed(1)} times the rows of the smallest`
      : "";
  return `${origin}: ${rows} rows, ${classes.length} classes: ${named.join(", ")}${more}${uneven}`;
}

function duplicates({ duplicates: { exact, near }, target }: ProbeDocument): string[] {
  const pairs = (examples: ProbeDocument["duplicates"]["exact"]["examples"]): string =>
    `such as ${examples
      .slice(0, 3)
      .map((pair) => `${pair.target} (${pair.source} of the source)`)
      .join(", ")}`;
  return [
    exact.rows === 0
      ? "same rows none\n"
      : `same rows ${exact.rows} of ${target.rows} target rows are in the source, ${pairs(exact.examples)}\n`,
    // As near as rows of the target are to one another is no duplicate.
    ...(near.rows <= near.within
      ? []
      : [
          `near rows ${near.rows} of ${near.looked.target} target rows lie within ${near.tolerance} deviations of a source row (of a target row: ${near.within}), ${pairs(near.examples)}\n`,
        ]),
  ];
}

function labelShift({ labelShift: found }: ProbeDocument): string[] {
  if (found === null) return [];
  const { shares, distance: total, low, high, run } = found;
  if (shares === null || total === null || low === null || high === null)
    return [`classes   ${run} cannot tell their shares: a class has no held-out rows, or is never predicted apart\n`];
  const most = [...shares]
    .sort((a, b) => Math.abs(b.target - b.source) - Math.abs(a.target - a.source))
    .slice(0, 4)
    .map((one) => `${one.class} ${percent(one.source)} -> ${percent(one.target)}`);
  return [
    `classes   ${percent(total)} of the rows differ in class (95 %: ${percent(low)} to ${percent(high)}), by ${run}: ${most.join(", ")}\n`,
  ];
}

function topTable({ top }: ProbeDocument, paint: Paint): string {
  const cell = ({ mean, deviation }: { mean: number; deviation: number }): string =>
    `${brief(mean)} ± ${brief(deviation)}`;
  return renderTable(
    [
      { title: "what separates them" },
      { title: "weight", align: "right" },
      { title: "source", align: "right" },
      { title: "target", align: "right" },
    ],
    top.slice(0, shown.features).map((one) => [one.name, one.weight.toFixed(2), cell(one.source), cell(one.target)]),
    { paint },
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const brief = (value: number): string => String(Number(value.toPrecision(3)));
