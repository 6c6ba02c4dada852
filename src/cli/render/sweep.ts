/** Sweeps for people. */
import type { SweepDocument, SweepPlanDocument } from "../../benchmark/sweep/document.ts";
import { sweepGrid } from "../../benchmark/sweep/render.ts";
import type { Paint } from "./style.ts";
import { renderTable } from "./table.ts";

export function renderSweep(sweep: SweepDocument, paint: Paint): string {
  const { heading, rows, remarks } = sweepGrid(sweep);
  const columns = heading.map((title, at) => ({
    title,
    align: at < sweep.keys.length || title === "" || title === "verdicts" ? ("left" as const) : ("right" as const),
  }));
  return [
    renderTable(columns, rows, { paint }),
    ...remarks.map(
      (text) => `${paint(text.startsWith("Failed") || text.startsWith("No winner") ? "red" : "dim", text)}\n`,
    ),
    ...(sweep.winner === null ? [] : [`\nwinner: ${sweep.winner.command}\n`]),
    `repeat: ${sweep.command}\n`,
  ].join("");
}

export function renderSweepPlan({ settings, rungs, seeds, store, workers, threads }: SweepPlanDocument): string {
  const jobs = settings.flatMap((setting) => setting.jobs);
  const left = jobs.filter(({ state }) => state !== "finished").length;
  return [
    ...settings.map(({ name, jobs: own }) => {
      const of = (state: string): number => own.filter((job) => job.state === state).length;
      return `${name}: ${own.length} jobs, ${of("finished")} finished, ${of("begun")} begun\n`;
    }),
    ...(rungs.length === 1
      ? []
      : rungs.map(
          ({ settings: n, budget }, at) =>
            `rung ${at + 1}: ${n} of ${settings.length} settings, ${budget?.key} ${budget?.value}\n`,
        )),
    `${left} of ${jobs.length} jobs to do${rungs.length === 1 ? "" : " in the first rung"}, seeds ${seeds.join(", ")}, on ${workers} ${workers === 1 ? "process" : "processes"} with ${threads} ${threads === 1 ? "thread" : "threads"} each\n`,
    `store: ${store}\n`,
    "nothing was trained or written (--dry-run)\n",
  ].join("");
}
