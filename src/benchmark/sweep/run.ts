/** A sweep, rung by rung, from its settings to its document. */
import { packageVersion } from "../../version.ts";
import type { Job } from "../job.ts";
import type { PoolEvent } from "../pool.ts";
import { type DoneJobs, finishJobs, type JobsRequest } from "../run.ts";
import { orderOf, rankSettings, type SeedScores, scoresOf } from "./choice.ts";
import type { SweepDocument, SweepRow } from "./document.ts";
import { type DataHashes, type PlannedSetting, planSettings, type SweepPlan } from "./plan.ts";
import { rowOf } from "./row.ts";
import type { SweepSetting } from "./space.ts";

export type SweepRung = SweepDocument["rungs"][number];

export interface SweepRequest extends Omit<JobsRequest, "listen"> {
  readonly plan: SweepPlan;
  readonly settings: readonly SweepSetting[];
  readonly rungs: readonly SweepRung[];
  readonly hashes: DataHashes;
  /** Told of each rung's jobs before they are done. */
  readonly follow: (jobs: readonly Job[], rung: number) => (event: PoolEvent) => void;
  /** The command that trains a setting again. */
  readonly commandOf: (words: readonly string[]) => string;
  readonly head: Pick<SweepDocument, "source" | "target" | "search" | "keys" | "command" | "made">;
}

const best = {
  information: "highest mean information maximisation on the target",
  "reverse-risk": "lowest mean risk of reverse validation",
} as const satisfies Record<ReturnType<typeof orderOf>, string>;

const ruleOf = (order: keyof typeof best): string =>
  `${best[order]} among settings of which no seed diverged or was judged worse than source-only, and whose held-out source accuracy is not clearly below the sweep's best source-only; target labels have no say`;

/** Rejects where it was interrupted; jobs that failed are in the document. */
export async function runSweep(request: SweepRequest): Promise<SweepDocument> {
  const { plan, rungs, hashes, head } = request;
  let left: readonly SweepSetting[] = request.settings;
  const rows: SweepRow[] = [];
  let order: keyof typeof best = "information";
  const failures: SweepDocument["failures"] = [];
  for (const [rung, { budget }] of rungs.entries()) {
    const last = rung === rungs.length - 1;
    // The last rung's jobs are those of the settings as they are, and so are their names.
    const words = budget === null || last ? [] : [`${budget.key}=${budget.value}`];
    const planned = await planSettings(left, plan, hashes, words);
    const jobs = planned.flatMap((one) => one.jobs);
    const done = await finishJobs(jobs, { ...request, listen: request.follow(jobs, rung) });
    failures.push(...failuresOf(planned, done));
    const scores = planned.map(({ jobs: own }) => own.map((job) => scoresIn(done, job)));
    const ranked = rankSettings(scores);
    order = orderOf(scores);
    const going = last
      ? []
      : ranked.filter(({ standing }) => standing !== "failed").slice(0, rungs[rung + 1]?.settings ?? 0);
    const measured = ranked
      .filter((one) => !going.includes(one))
      .flatMap(({ index, standing }) => {
        const one = planned[index];
        return one === undefined ? [] : [rowOf(one, standing, rung, done)];
      });
    rows.unshift(...measured);
    // In the order asked for: it decides between equals.
    left = left.filter((_, at) => going.some(({ index }) => index === at));
    if (left.length === 0) break;
  }
  const at = rows[0]?.standing === "eligible" && rows[0].rung === rungs.length - 1 ? 0 : undefined;
  const won = at === undefined ? undefined : request.settings.find(({ name }) => name === rows[at]?.name);
  return {
    schema: 1,
    ...head,
    seeds: [...plan.seeds],
    rungs: [...rungs],
    rule: ruleOf(order),
    settings: rows,
    winner: won === undefined ? null : { setting: 0, command: request.commandOf(won.words) },
    failures,
    version: packageVersion,
  };
}

function scoresIn({ results }: DoneJobs, { id }: Job): SeedScores | undefined {
  const found = results.get(id);
  return found?.kind === "adapt" ? scoresOf(found.result) : undefined;
}

const failuresOf = (planned: readonly PlannedSetting[], { reports }: DoneJobs): SweepDocument["failures"] =>
  planned.flatMap(({ setting, jobs }) =>
    jobs.flatMap(({ id, seed }) => {
      const report = reports.get(id);
      return report?.kind === "failed" ? [{ setting: setting.name, seed, job: id, reason: report.reason }] : [];
    }),
  );
