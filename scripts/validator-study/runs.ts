/** The runs of a benchmark store as the study needs them: scores and target accuracy at every evaluation. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";
import { adaptResult } from "../../src/adapt/result.ts";
import { runFiles } from "../../src/adapt/run-folder.ts";
import type { VerdictCode } from "../../src/adapt/verdict.ts";
import { parseConfig } from "../../src/config/file.ts";
import { dataError } from "../../src/errors.ts";
import type { EpochScores } from "../../src/evaluate/selection.ts";

export interface StudyEpoch extends EpochScores {
  /** Accuracy on labelled target rows: what the validators are compared with, and nothing else. */
  readonly target: number;
}

export interface StudyRun {
  /** The suite: tasks of one family have data of one kind. */
  readonly family: string;
  readonly task: string;
  readonly method: string;
  readonly seed: number;
  /** Evaluations of the method, in order. */
  readonly epochs: readonly StudyEpoch[];
  /** Source-only's accuracy on the sampled source rows at its last evaluation, and how many rows these are. */
  readonly sourceOnly: { readonly sourceOnlyAccuracy: number; readonly rows: number };
  /** Target accuracy of the model that the run chose, less source-only's: both on all rows that score. */
  readonly gain: number;
  /** The same of the method's model as selected, chosen or not; undefined where it diverged. */
  readonly adapted: number | undefined;
  readonly verdict: VerdictCode;
}

export interface StudyRuns {
  readonly runs: readonly StudyRun[];
  /** How many jobs were left out, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

const config = z.object({
  data: z.object({ suite: z.string(), task: z.string() }),
  method: z.object({ name: z.string() }),
  train: z.object({ seed: z.int() }),
  evaluate: z.object({ sample: z.int() }),
});

const epochEvent = z.object({
  type: z.literal("epoch"),
  model: z.string(),
  epoch: z.number(),
  step: z.int(),
  validators: z.record(z.string(), z.number()),
  scores: z.object({ source: z.number().optional(), target: z.number().optional() }),
});
type EpochEvent = z.output<typeof epochEvent>;

/** A ranking of fewer says nothing. */
const fewestEpochs = 3;

/** @param store the folder of `dann benchmark --store`, with `jobs/` in it. */
export function readStudyRuns(store: string): StudyRuns {
  const jobs = join(store, "jobs");
  if (!existsSync(jobs))
    throw dataError(
      "study-store",
      `${store}: expected the store of a benchmark, got no jobs/ in it`,
      "dann benchmark SUITE --store FOLDER makes one.",
    );
  const leftOut: Record<string, number> = {};
  const runs: StudyRun[] = [];
  for (const name of readdirSync(jobs).sort()) {
    const read = readRun(join(jobs, name));
    if (typeof read === "string") leftOut[read] = (leftOut[read] ?? 0) + 1;
    else runs.push(read);
  }
  return { runs: runs.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)), leftOut };
}

const orderOf = ({ family, task, method, seed }: StudyRun): string =>
  [family, task, method, String(seed).padStart(9, "0")].join("\0");

/** A run, or why it is left out. */
function readRun(folder: string): StudyRun | string {
  const text = (name: string): string => readFileSync(join(folder, name), "utf8");
  if (!existsSync(join(folder, runFiles.result))) return "not finished";
  const document: unknown = JSON.parse(text(runFiles.result));
  const parsed = adaptResult.safeParse(document);
  if (!parsed.success) return "no adaptation";
  const { data, method, train, evaluate } = config.parse(parseConfig(text(runFiles.config), folder));
  const events = text(runFiles.metrics)
    .split("\n")
    .filter((line) => line.includes('"epoch"'))
    .flatMap((line): EpochEvent[] => {
      const event = epochEvent.safeParse(JSON.parse(line));
      return event.success ? [event.data] : [];
    });
  const epochs = events.flatMap(({ model, scores, ...event }): StudyEpoch[] =>
    model === method.name && scores.target !== undefined ? [{ ...event, target: scores.target }] : [],
  );
  const baseline = events.findLast(({ model }) => model === "source-only")?.scores.source;
  if (method.name === "source-only" || baseline === undefined) return "source-only alone";
  if (epochs.length === 0) return "no target accuracy";
  if (epochs.length < fewestEpochs) return `fewer than ${fewestEpochs} evaluations`;
  const { models, chosen, verdict } = parsed.data;
  const selected = models.findIndex(({ selection }) => selection === "validator");
  const accuracy = (index: number): number => models[index]?.metrics.target?.accuracy ?? Number.NaN;
  return {
    family: basename(data.suite).replace(/\.[cm]?[jt]s$/, ""),
    task: data.task,
    method: method.name,
    seed: train.seed,
    epochs,
    sourceOnly: {
      sourceOnlyAccuracy: baseline,
      rows: Math.min(evaluate.sample, models[0]?.metrics.source?.rows ?? 0),
    },
    gain: accuracy(chosen) - accuracy(0),
    adapted: selected === -1 ? undefined : accuracy(selected) - accuracy(0),
    verdict: verdict.code,
  };
}
