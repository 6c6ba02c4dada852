/**
 * A job: the smallest thing that is worked out, kept and never worked out twice. Its name is a hash of all that its
 * result depends on, so that the same job of another suite, or of a sweep, finds the result there.
 */

import type { Plain } from "../config/merge.ts";
import type { DataConfig, RecipeConfig } from "../config/schema.ts";
import { cacheKey } from "../data/cache.ts";
import type { PreprocessOptions } from "../data/config.ts";
import { packageVersion } from "../version.ts";

/** Where a worker finds a task. It does not enter a job's name: what counts are the data. */
export type TaskReference =
  | {
      readonly kind: "suite";
      /** A suite by name, or the path of a module that exports one. */
      readonly suite: string;
      readonly task: string;
    }
  /** Data of the user's own, as their resolved configuration names them. */
  | { readonly kind: "files"; readonly data: DataConfig };

interface Common {
  readonly id: string;
  readonly at: TaskReference;
  readonly seed: number;
  /** Hash of the data (`hashData`). */
  readonly data: string;
  /** Name of the setting in its suite. */
  readonly setting: string;
  /** About how long it takes: orders the queue and tells the remaining time. */
  readonly seconds: number;
}

/** Source-only and a method, trained and scored: its folder is a run's. */
export interface AdaptJob extends Common {
  readonly kind: "adapt";
  readonly recipe: RecipeConfig;
  readonly preprocess: PreprocessOptions;
  /** Hash of the files that the recipe names (`hashRecipeFiles`); undefined where it names none. */
  readonly files?: string | undefined;
}

/** A classifier or a measurement that is worked out in one go. */
export interface InOneGoJob extends Common {
  readonly kind: "baseline" | "measurement";
  readonly name: string;
  readonly settings: Plain;
}

export type Job = AdaptJob | InOneGoJob;

export type Unnamed<J> = J extends Job ? Omit<J, "id"> : never;

/** Gives a job its name. */
export function named(job: Unnamed<AdaptJob>): AdaptJob;
export function named(job: Unnamed<Job>): Job;
export function named(job: Unnamed<Job>): Job {
  switch (job.kind) {
    case "adapt": {
      const { kind, recipe, preprocess, data, files } = job;
      return { ...job, id: idOf({ kind, recipe, preprocess, data, files }) };
    }
    case "baseline":
    case "measurement": {
      const { kind, name, settings, seed, data } = job;
      return { ...job, id: idOf({ kind, name, settings, seed, data }) };
    }
    default:
      throw new Error(`unknown kind of job ${String(job satisfies never)}`);
  }
}

/** 128 bits, as 32 characters: the order of keys does not matter. */
export const idOf = (madeOf: object): string => cacheKey(sorted({ ...madeOf, version: packageVersion })).slice(0, 32);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, sorted(part)]));
}
