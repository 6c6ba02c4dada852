/** How far an adaptation has come, as saved with its checkpoints: enough to go on as if nothing had happened. */
import * as z from "zod";
import { dataError } from "../errors.ts";
import { modelRow } from "./result.ts";

const scores = z.object({
  source: z.number().optional(),
  target: z.number().optional(),
  sourceAtTargetShares: z.number().optional(),
});

/** An evaluated epoch. */
const evaluated = z.object({
  epoch: z.number(),
  step: z.int(),
  validators: z.record(z.string(), z.number()),
  scores,
});

/** The best epoch so far by one criterion, and the file that holds its state. */
const kept = evaluated.extend({ file: z.string() });

/** The most that G_d got right in training, a mean over the steps of a report; null where the method has none. */
const domainAccuracy = z.number().nullable().default(null);

/** Between which sizes the terms of the loss went (`evaluate/health/growth.ts`). */
const terms = z.record(z.string(), z.object({ smallest: z.number(), largest: z.number(), step: z.int() })).default({});

const current = z.object({
  /** Steps done. */
  step: z.int().nonnegative(),
  checkpoint: z.string(),
  last: evaluated.nullable(),
  selected: kept.nullable(),
  oracle: kept.nullable(),
  domainAccuracy,
  terms,
});

const finished = z.object({
  id: z.enum([
    "source-only",
    "adabn",
    "labelled-target",
    "method",
    "target-trained",
    "reverse-source-only",
    "reverse-method",
  ]),
  rows: z.array(modelRow),
  last: evaluated.nullable(),
  selected: kept.nullable(),
  /** The last checkpoint, which holds the last state. */
  checkpoint: z.string().nullable(),
  steps: z.int(),
  stepsPerSecond: z.number(),
  domainAccuracy,
  terms,
  /** Of a reverse training: the share of held-out source rows that it gets wrong. */
  reverseRisk: z.number().optional(),
  /** Why training stopped, where its numbers left the ground. */
  diverged: z.object({ reason: z.string(), remedy: z.string().optional() }).nullable(),
});

export const sessionProgress = z.object({
  version: z.literal(1),
  /** The engine that the run began on: another one gives other bits. */
  device: z.enum(["cpu", "wasm", "reference"]),
  finished: z.array(finished),
  /** The training in progress, or null between two. */
  current: current.nullable(),
  /** Spent so far. */
  seconds: z.number().nonnegative(),
  /** What it went into; missing in the progress of older versions. */
  spent: z.object({ training: z.number(), evaluation: z.number(), rest: z.number() }).optional(),
});

export type Evaluated = z.output<typeof evaluated>;
export type Kept = z.output<typeof kept>;
export type Finished = z.output<typeof finished>;
export type SessionProgress = z.output<typeof sessionProgress>;

/** What a run folder adds to it. */
export const savedProgress = sessionProgress.extend({
  /** Length of metrics.jsonl when this was saved. */
  metricsLength: z.int().nonnegative(),
  /** Hash of the encoded rows: the files may have changed since. */
  data: z.string(),
});
export type SavedProgress = z.output<typeof savedProgress>;

/** Names of the checkpoint files that a progress speaks of. */
export function filesOf(progress: SessionProgress): string[] {
  const names = progress.finished.flatMap(({ checkpoint, selected }) => [checkpoint, selected?.file]);
  if (progress.current !== null) {
    const { checkpoint, selected, oracle } = progress.current;
    names.push(checkpoint, selected?.file, oracle?.file);
  }
  return [...new Set(names.filter((name) => name != null))];
}

export function parseProgress(text: string, origin: string): SavedProgress {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = savedProgress.safeParse(value);
  if (parsed.success) return parsed.data;
  throw dataError("progress", `${origin}: not the progress of a run of this version of dann`, "Start the run anew.");
}

/** A save: the progress, and the files that are new since the last one. Files never change under their name. */
export interface SessionSave {
  readonly progress: SessionProgress;
  readonly files: ReadonlyMap<string, Uint8Array>;
}
