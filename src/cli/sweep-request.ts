/** What `dann sweep` is asked for: settings, rungs and seeds from its flags, and the commands that say so again. */
import { rungsOf } from "../benchmark/sweep/halving.ts";
import type { SweepRung } from "../benchmark/sweep/run.ts";
import {
  drawSettings,
  gridOf,
  parseGrid,
  parseSpace,
  requireApart,
  type SweepSetting,
} from "../benchmark/sweep/space.ts";
import { isWhole } from "../config/check.ts";
import { valueAt } from "../config/merge.ts";
import type { Layer } from "../config/resolve.ts";
import { type RunConfig, runConfig } from "../config/schema.ts";
import { usageError } from "../errors.ts";
import { adaptFlags, type ConfigFlag, flagFor } from "./flags.ts";
import type { LayerOptions } from "./layers.ts";
import { wholeNumber } from "./many-jobs.ts";
import { word, wordsOf } from "./words.ts";

export interface SweepOptions extends LayerOptions {
  readonly grid?: readonly string[];
  readonly random?: string;
  readonly space?: readonly string[];
  readonly randomSeed?: string;
  readonly halving?: boolean;
  readonly eta?: string;
  readonly store: string;
  readonly jobs?: string;
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}
export type GivenSweep = SweepOptions & Readonly<Record<string, unknown>>;

export const defaultStore = "runs/sweep";
/** Recipes are settled on other seeds than those that results are shown on (0, 1, 2, …). */
export const tuningSeeds: readonly number[] = [100, 101, 102];

/** A sweep has a folder of its own instead of a run's. */
export const sweepFlags: readonly ConfigFlag[] = adaptFlags.filter(({ key }) => key !== "out");

export interface Asked {
  readonly search: "grid" | "random";
  /** What is varied. */
  readonly keys: readonly string[];
  readonly settings: readonly SweepSetting[];
}

export function settingsOf(given: GivenSweep): Asked {
  const { grid = [], space = [], random } = given;
  if (random === undefined) {
    if (space.length > 0 || given.randomSeed !== undefined)
      throw usageError(
        "missing-argument",
        `--${space.length > 0 ? "space" : "random-seed"}: expected --random N with it`,
      );
    if (grid.length === 0)
      throw usageError(
        "missing-argument",
        "sweep: expected something to vary, got nothing",
        "Give --grid KEY=VALUE,VALUE, or --random N with --space KEY=LOW..HIGH.",
      );
    const axes = grid.map(parseGrid);
    requireApart(axes, "--grid");
    return { search: "grid", keys: axes.map(({ key }) => key), settings: gridOf(axes) };
  }
  if (grid.length > 0)
    throw usageError("sweep-space", "--random: expected --space with it, got --grid", "--space takes lists as well.");
  if (space.length === 0)
    throw usageError("missing-argument", "--random: expected at least one --space KEY=LOW..HIGH to draw from");
  const axes = space.map(parseSpace);
  requireApart(axes, "--space");
  const whole = new Map(axes.map(({ key }) => [key, isWhole(runConfig, key.split("."))]));
  const draws = {
    count: wholeNumber(random, "--random", 1),
    seed: given.randomSeed === undefined ? 0 : wholeNumber(given.randomSeed, "--random-seed", 0),
    isWhole: (key: string) => whole.get(key) ?? false,
  };
  return { search: "random", keys: axes.map(({ key }) => key), settings: drawSettings(axes, draws) };
}

/**
 * What is varied cannot be given as well: every setting would win over it, without a word. A file lies under all, and a
 * flag of more than the key (`--batch`) says what the rest of it is.
 */
export function refuseGiven(keys: readonly string[], layers: readonly Layer[], file: string | undefined): void {
  for (const { origin, config } of layers) {
    if (origin === file) continue;
    const bySet = origin === "--set";
    for (const key of keys) {
      const by = bySet ? origin : sweepFlags.some((flag) => flag.key === key) ? flagFor(key) : undefined;
      if (by === undefined || valueAt(config, key.split(".")) === undefined) continue;
      throw usageError("sweep-key", `${key}: varied, and given by ${by} as well`, "Leave one of them out.");
    }
  }
}

export function rungsFor(given: GivenSweep, settings: number, { train }: RunConfig): SweepRung[] {
  if (given.halving !== true) {
    if (given.eta !== undefined) throw usageError("missing-argument", "--eta: expected --halving with it");
    return [{ settings, budget: null }];
  }
  const eta = given.eta === undefined ? 3 : wholeNumber(given.eta, "--eta", 2);
  if (settings < eta)
    throw usageError("sweep-halving", `--halving: expected at least ${eta} settings (--eta), got ${settings}`);
  const key = train.steps === undefined ? "train.epochs" : "train.steps";
  const full = train.steps ?? train.epochs ?? 1;
  if (full < eta)
    throw usageError(
      "sweep-halving",
      `--halving: expected at least ${eta} in ${key}, got ${full}: it is divided by eta`,
    );
  return rungsOf(settings, eta, full).map(({ settings: n, budget }) => ({
    settings: n,
    budget: { key, value: budget },
  }));
}

export function seedsOf(base: RunConfig, layers: readonly Layer[]): readonly number[] {
  if (base.seeds !== undefined) return base.seeds;
  const asked = layers.some(({ config }) => valueAt(config, ["train", "seed"]) !== undefined);
  return asked ? [base.train.seed] : tuningSeeds;
}

/** The words of this command that are no flags of `dann adapt`. */
export const ownWords = (given: GivenSweep): string[] => [
  ...word("--config", given.config),
  ...(given.set ?? []).flatMap((setting) => ["--set", setting]),
  ...(given.grid ?? []).flatMap((axis) => ["--grid", axis]),
  ...word("--random", given.random),
  ...(given.space ?? []).flatMap((axis) => ["--space", axis]),
  ...word("--random-seed", given.randomSeed),
  ...(given.halving === true ? ["--halving"] : []),
  ...word("--eta", given.eta),
];

/** Those that concern this machine alone. */
export const hereWords = (given: GivenSweep): string[] => [
  ...(given.store === defaultStore ? [] : ["--store", given.store]),
  ...word("--jobs", given.jobs),
  ...word("--out", given.out),
];

/** The words of `dann adapt` that do what a setting's jobs do. */
export function adaptWords(
  given: GivenSweep,
  words: readonly string[],
  seeds: readonly number[],
  base: RunConfig,
): string[] {
  const flags = sweepFlags.filter(({ key }) => key !== "seeds" && key !== "train.seed");
  // A file that names seeds has them in `seeds`, which a single --seed would not replace.
  const single = seeds.length === 1 && base.seeds === undefined;
  return [
    ...wordsOf(flags, given),
    ...word("--config", given.config),
    ...[...(given.set ?? []), ...words].flatMap((setting) => ["--set", setting]),
    ...(single ? ["--seed", String(seeds[0])] : ["--seeds", seeds.join(",")]),
  ];
}
