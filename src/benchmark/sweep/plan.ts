/** From settings to jobs: every configuration is resolved, and so refused, before any data are read. */
import { rowsFor } from "../../adapt/backbone-input.ts";
import { hashData, hashRecipeFiles } from "../../adapt/data-hash.ts";
import { planRun } from "../../adapt/plan-run.ts";
import { isPlain, type Plain } from "../../config/merge.ts";
import type { RunConfig } from "../../config/schema.ts";
import type { PreprocessOptions } from "../../data/config.ts";
import { usageError } from "../../errors.ts";
import { type AdaptJob, named } from "../job.ts";
import type { SweepSetting } from "./space.ts";

export interface SweepPlan {
  readonly seeds: readonly number[];
  /** The engine that jobs run on: others give other bits. */
  readonly device: "cpu" | "wasm";
  /** The configuration that a setting's words make, its paths absolute. */
  readonly resolve: (words: readonly string[]) => Promise<RunConfig>;
}

export interface PlannedSetting {
  readonly setting: SweepSetting;
  /** A job a seed. */
  readonly jobs: readonly AdaptJob[];
}

/** Keys that a sweep does not vary, and where they belong. What a key holds counts as well: `data` is all of the data. */
const own: readonly (readonly [key: string, instead: string])[] = [
  ["train.seed", "give seeds with --seeds"],
  ["seeds", "give seeds with --seeds"],
  ["train.threads", "give threads with --threads: they change rounding alone"],
  ["train.device", "give the engine with --device: it changes rounding alone"],
  ["out", "use dann adapt --out for the winner"],
  ...["source", "target", "sourceLabels", "targetLabels"].map((key) => dataKey(key)),
  ...["targetLabelled", "targetLabelledLabels"].map((key) => dataKey(key)),
  ...["sourceTest", "sourceTestLabels", "targetTest", "targetTestLabels", "cache"].map((key) => dataKey(key)),
  ["evaluate.holdout", "give it with --holdout: settings are compared on the same rows"],
];

function dataKey(key: string): readonly [string, string] {
  return [`data.${key}`, "settings are compared on the same data: give it as for dann adapt"];
}

/** Refuses keys that would compare what cannot be compared. `budget` is the key that successive halving sets itself. */
export function requireVariable(keys: readonly string[], budget: string | undefined): void {
  for (const key of keys) {
    const found = own.find(([one]) => key === one || one.startsWith(`${key}.`) || key.startsWith(`${one}.`));
    if (found !== undefined) throw usageError("sweep-key", `${key}: a sweep does not vary it`, sentence(found[1]));
    if (budget !== undefined && (key === "train.steps" || key === "train.epochs" || key === "train"))
      throw usageError("sweep-key", `${key}: --halving sets ${budget} itself`, "Leave one of them out.");
  }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Hashes of data by what has a say in how they are read, so that they are read once. */
export type DataHashes = Map<string, string>;

/** @param budget words laid over every setting: the steps of a rung. */
export async function planSettings(
  settings: readonly SweepSetting[],
  { seeds, device, resolve }: SweepPlan,
  hashes: DataHashes,
  budget: readonly string[] = [],
): Promise<PlannedSetting[]> {
  const resolved: (readonly [SweepSetting, RunConfig])[] = [];
  for (const setting of settings) resolved.push([setting, await resolve([...setting.words, ...budget])]);
  const planned: PlannedSetting[] = [];
  for (const [setting, config] of resolved) {
    const { data: files, seeds: _s, out: _o, ...recipe } = config;
    const rows = await rowsFor(recipe.network.backbone, files.preprocess);
    const [first = recipe.train.seed] = seeds;
    const data = await hashOf({ ...config, train: { ...recipe.train, seed: first } }, rows.preprocess, hashes);
    const hash = await hashRecipeFiles(recipe);
    const jobs = seeds.map((seed) =>
      named({
        kind: "adapt",
        at: { kind: "files", data: files },
        seed,
        data,
        setting: setting.name,
        // Only what they are to each other counts: steps, or epochs.
        seconds: recipe.train.steps ?? recipe.train.epochs ?? 1,
        recipe: { ...recipe, train: { ...recipe.train, seed, device } },
        preprocess: files.preprocess,
        files: hash,
      }),
    );
    planned.push({ setting, jobs });
  }
  return planned;
}

/** Reads data that were not read before; that they can train anything is seen here, not by every job. */
async function hashOf(config: RunConfig, preprocess: PreprocessOptions, hashes: DataHashes): Promise<string> {
  const { preprocess: _, ...files } = config.data;
  const key = JSON.stringify(sorted({ ...files, imageSize: preprocess.imageSize, imageFit: preprocess.imageFit }));
  const known = hashes.get(key);
  if (known !== undefined) return known;
  const { data } = await planRun(config);
  const hash = hashData(data);
  hashes.set(key, hash);
  return hash;
}

const sorted = (plain: Plain): unknown[] =>
  Object.entries(plain)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, isPlain(value) ? sorted(value) : value]);
