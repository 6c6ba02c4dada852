/** The report of several runs: what came out first, then tables, spreads, curves on each other, and each run by itself. */

import { comparedCurves, runParts } from "./compared-runs.ts";
import type { ComparedRun, ReportedComparison, ReportedDifference } from "./comparison.ts";
import { type Dot, dotChart } from "./dot-chart.ts";
import { type Html, html } from "./html.ts";
import { sourceLook, targetLook } from "./look.ts";
import { page, type Section } from "./page.ts";
import { span } from "./scale.ts";
import { table } from "./table.ts";
import { plural, sentence, share, signed } from "./text.ts";
import { verdictTones } from "./verdict.ts";

/** @param read gives a run of the comparison: one after the other, and features go once they are drawn. */
export async function compareReport(
  comparison: ReportedComparison,
  read: (run: string) => Promise<ComparedRun["run"]>,
): Promise<string> {
  const runs: ComparedRun[] = [];
  const parts = runParts();
  for (const group of comparison.groups)
    for (const { run: path } of group.runs) {
      const run = await read(path);
      await parts.add({ group: group.name, run });
      runs.push({ group: group.name, run: { ...run, embedding: undefined } });
    }
  const curves = comparedCurves(runs);
  const sections: readonly (Section | false)[] = [
    { id: "groups", title: "Groups", body: groupsBody(comparison) },
    ...comparison.tables
      .filter(({ title }) => title !== "Runs" && title !== "Paired differences")
      .map((one, at) => ({ id: `table-${at}`, title: one.title, body: tableOf(one) })),
    comparison.comparisons.length > 0 && {
      id: "differences",
      title: "Paired differences",
      body: differencesBody(comparison),
    },
    curves !== undefined && { id: "curves", title: "Curves", lead: curves.lead, body: curves.body },
    { id: "runs", title: "Each run", body: parts.body() },
    { id: "command", title: "Repeat this comparison", body: html`<pre class="wrap">${comparison.command}</pre>` },
  ];
  return page({
    title: "dann compare",
    subtitle: `${plural(runs.length, "run")} in ${plural(comparison.groups.length, "group")}, ${metricNames[comparison.metric]}`,
    opening: opening(comparison),
    sections: sections.filter((section) => section !== false),
    version: comparison.version,
  });
}

const metricNames = { accuracy: "accuracy", balancedAccuracy: "balanced accuracy", macroF1: "macro F1" } as const;

/** The differences in words, or what one group alone has. */
function opening({ groups, comparisons, metric }: ReportedComparison): Html {
  const lines =
    comparisons.length > 0
      ? comparisons.map((one) =>
          one.refused !== null
            ? `${one.of} is not compared with ${one.to}: ${one.refused}`
            : `${one.of} against ${one.to}: ${differenceText("target", one.target)}${one.target === null ? differenceText("source", one.source) : ""}`,
        )
      : groups.map(({ name, runs }) => `${name}: ${verdictsOf(runs)}`);
  return html`<section id="verdict" class="verdict neutral"><h2>What came out</h2><ul>${lines.map(
    (line) => html`<li>${sentence(line)}.</li>`,
  )}</ul><div class="tiles">${groups.slice(0, 8).map(({ name, source, target }) => {
    const shown = target ?? source;
    return html`<div class="tile"><b>${share(shown?.mean)}${shown?.se != null && html` <small>± ${shown.se.toFixed(3)}</small>`}</b><span>${name}: ${metricNames[metric]} on the ${target === null ? "source" : "target"}, n = ${shown?.n ?? 0}</span></div>`;
  })}</div></section>`;
}

function differenceText(domain: "source" | "target", value: ReportedDifference | null): string {
  if (value === null) return domain === "target" ? "" : "nothing is paired";
  const ends =
    value.low === null || value.high === null ? "" : ` (95 %: ${signed(value.low)} to ${signed(value.high)})`;
  const clear = value.low !== null && value.high !== null && (value.low > 0 || value.high < 0);
  const says =
    value.n < 2 ? "one seed shows nothing" : clear ? "the interval leaves out 0" : "cannot be told from no difference";
  return `${signed(value.mean)} on the ${domain}${ends} over ${plural(value.n, "shared seed")}: ${says}`;
}

const verdictsOf = (runs: ReportedComparison["groups"][number]["runs"]): string =>
  Object.entries(verdictTones)
    .map(([code, { title }]) => ({ title, times: runs.filter(({ verdict }) => verdict === code).length }))
    .filter(({ times }) => times > 0)
    .map(({ title, times }) => `${title.toLowerCase()} in ${times} of ${plural(runs.length, "run")}`)
    .join(", ");

function groupsBody({ groups, tables, remarks, metric }: ReportedComparison): Html {
  const runs = tables.find(({ title }) => title === "Runs");
  const values = groups.flatMap((group) => group.runs.flatMap((run) => [run.source ?? [], run.target ?? []].flat()));
  const dots = (group: (typeof groups)[number], domain: "source" | "target"): Dot[] => {
    const look = domain === "source" ? sourceLook : targetLook;
    const mean = group[domain];
    return [
      ...group.runs.flatMap((run) => {
        const value = run[domain];
        return value === null
          ? []
          : [{ value, look, label: `${domain}, seed ${run.seed}: ${share(value)}`, faint: true }];
      }),
      ...(mean === null
        ? []
        : [
            {
              value: mean.mean,
              look,
              label: `${domain}: ${share(mean.mean)}`,
              interval: mean.se === null ? undefined : ([mean.mean - mean.se, mean.mean + mean.se] as const),
            },
          ]),
    ];
  };
  return html`${runs && tableOf(runs)}${remarks.map((text) => html`<p class="note">${text}</p>`)}<figure class="plot"><figcaption><b>${sentence(
    metricNames[metric],
  )}</b><span>large: mean with its standard error; small: single runs</span></figcaption>${dotChart({
    title: metricNames[metric],
    domain: span(values, [0, 1]),
    rows: groups.flatMap((group) =>
      (["target", "source"] as const)
        .map((domain) => ({
          name: group.name,
          note: `${domain}, n = ${group[domain]?.n ?? 0}`,
          dots: dots(group, domain),
        }))
        .filter((row) => row.dots.length > 0),
    ),
  })}</figure>${table({
    columns: [
      { title: "run" },
      { title: "group" },
      { title: "seed" },
      { title: "source", align: "right" },
      { title: "target", align: "right" },
      { title: "verdict" },
    ],
    rows: groups.flatMap(({ name, runs: own }) =>
      own.map((run) => [run.run, name, run.seed, share(run.source), share(run.target), run.verdict]),
    ),
  })}`;
}

function differencesBody({ comparisons, tables }: ReportedComparison): Html {
  const paired = tables.find(({ title }) => title === "Paired differences");
  const shown = comparisons.filter(({ refused }) => refused === null);
  const dot = (domain: "source" | "target", value: ReportedDifference | null): Dot[] =>
    value === null
      ? []
      : [
          {
            value: value.mean,
            look: domain === "source" ? sourceLook : targetLook,
            label: `${domain}: ${signed(value.mean)}`,
            interval: value.low === null || value.high === null ? undefined : ([value.low, value.high] as const),
          },
        ];
  const rows = shown.flatMap(({ of, to, source, target }) => [
    ...(target === null
      ? []
      : [{ name: `${of} − ${to}`, note: `target, n = ${target.n}`, dots: dot("target", target) }]),
    ...(source === null
      ? []
      : [{ name: `${of} − ${to}`, note: `source, n = ${source.n}`, dots: dot("source", source) }]),
  ]);
  const ends = rows.flatMap(({ dots }) => dots.flatMap(({ value, interval }) => [value, ...(interval ?? [])]));
  return html`${paired && tableOf(paired)}${
    rows.length > 0 &&
    html`<figure class="plot"><figcaption><b>Difference</b><span>mean with its 95 % interval; the line is no difference</span></figcaption>${dotChart({ title: "Difference", domain: span([0, ...ends]), reference: 0, rows })}</figure>`
  }`;
}

const tableOf = ({ heading, rows }: ReportedComparison["tables"][number]): Html =>
  table({ columns: heading.map((title) => ({ title })), rows });
