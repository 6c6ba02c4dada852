/** Runs on one page: their curves on each other, and each run's own report as far as the page may grow. */
import type { ComparedRun } from "./comparison.ts";
import { curvesOf } from "./curves.ts";
import { type Html, html } from "./html.ts";
import { type LineChart, lineChart } from "./line-chart.ts";
import { lookOf } from "./look.ts";
import { comparedModels } from "./models.ts";
import { project } from "./projection/project.ts";
import { nameOf, runSections } from "./run-page.ts";
import { plural } from "./text.ts";
import { verdictCard } from "./verdict.ts";

/** More lines in one drawing are read by nobody. */
const mostCurves = 12;
const mostPoints = 120;

/** Bytes of whole reports of runs on the page, which stays below 3 MB. */
const mostBytes = 1.8e6;

/** The method's curves of each run: a group has a colour and a dash. Undefined where the runs kept no events. */
export function comparedCurves(runs: readonly ComparedRun[]): { lead: string; body: Html } | undefined {
  const shown = spreadOverGroups(runs, mostCurves);
  const groups = [...new Set(runs.map(({ group }) => group))];
  const charts = new Map<string, LineChart>();
  for (const { group, run } of shown) {
    const { training, scores } = curvesOf(run);
    const method = comparedModels(run.result).at(-1)?.name ?? "source-only";
    for (const chart of [...training, ...scores]) {
      const own = chart.series.find(({ name }) => name === method);
      if (own === undefined) continue;
      const before = charts.get(chart.title)?.series ?? [];
      const look = lookOf(groups.indexOf(group));
      const series = [...before, { ...own, name: `${group}, seed ${run.result.seed}`, family: group, look }];
      charts.set(chart.title, { ...chart, series, mostPoints });
    }
  }
  if (charts.size === 0) return undefined;
  return {
    lead: `Of the method, a line a run.${shown.length < runs.length ? ` ${shown.length} of ${runs.length} runs, as many of each group as there is room for.` : ""}`,
    body: html`<div class="grid">${[...charts.values()].map(lineChart)}</div>`,
  };
}

/** The first runs of each group in turn. */
function spreadOverGroups(runs: readonly ComparedRun[], most: number): ComparedRun[] {
  const place = (run: ComparedRun): number => runs.filter(({ group }) => group === run.group).indexOf(run);
  const inTurn = runs.map((run) => ({ run, place: place(run) })).sort((a, b) => a.place - b.place);
  const chosen = new Set(inTurn.slice(0, most).map(({ run }) => run));
  return runs.filter((run) => chosen.has(run));
}

/** Each run behind its name; those for which the page has no room are counted. */
export function runParts(): { add(run: ComparedRun): Promise<void>; body(): Html } {
  const parts: Html[] = [];
  let [bytes, left] = [0, 0];
  return {
    async add(run) {
      if (left === 0) {
        const part = await runPart(run, `run-${parts.length}-`);
        bytes += new TextEncoder().encode(part.text).length;
        if (bytes <= mostBytes) {
          parts.push(part);
          return;
        }
      }
      left++;
    },
    body: () =>
      html`${parts}${
        left > 0 &&
        html`<p class="note">There is no room for ${parts.length === 0 ? "the reports of single runs" : plural(left, "more run")}: dann report RUN makes the report of one.</p>`
      }`,
  };
}

async function runPart({ group, run }: ComparedRun, prefix: string): Promise<Html> {
  const { result, embedding } = run;
  const projected = embedding && (await project(embedding, result.seed, "pca"));
  const sections = runSections(run, projected, prefix);
  return html`<details class="run"><summary>${group}, seed ${result.seed}: ${nameOf(result.run)} (${result.verdict.code})</summary>${verdictCard(result, `${prefix}verdict`)}${sections.map(
    ({ id, title, lead, body }) =>
      html`<div class="part" id="${id}"><h3>${title}</h3>${lead !== undefined && html`<p class="note">${lead}</p>`}${body}</div>`,
  )}</details>\n`;
}
