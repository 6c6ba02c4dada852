/** What a benchmark is made of: tasks, the recipe of each, and the figures that papers print for them. */
import type { AdaptData } from "../adapt/prepare.ts";
import type { Plain } from "../config/merge.ts";
import type { Dataset } from "../data/dataset.ts";

/** Where data sets are. */
export interface DataSets {
  /** The folder of a set by its name, such as `mnist`. Throws `missing-set`, which names the command that gets it. */
  folder(set: string): Promise<string>;
}

/** One adaptation problem. */
export interface Task {
  /** Kebab-case, as `--tasks` takes it. */
  readonly name: string;
  /** For people: `MNIST -> USPS`. */
  readonly title: string;
  /** Tasks of one group are averaged together. Default: all tasks of the suite are one group. */
  readonly group?: string;
  /** Names of the data sets that it reads. */
  readonly needs: readonly string[];
  /** Reads or makes the data. Labels of the target only score. */
  readonly load: (sets: DataSets, seed: number) => Promise<AdaptData>;
  /** Whether the data depend on the seed. Default false: `load` is asked once. */
  readonly perSeed?: boolean;
  /** The recipe: any keys of a run's configuration; of `data` only `preprocess`. */
  readonly config: Plain;
  /** Seconds that one adaptation (source-only, DANN and the bound together) takes on one core, roughly. */
  readonly seconds: number;
  /** What needs no training by gradient: each is a job of its own. Default none. */
  readonly baselines?: readonly Baseline[];
}

/** A classifier that is worked out in one go. Interrupted, it is done anew. */
export interface Baseline {
  /** Its row's name: `1-NN`. */
  readonly name: string;
  /** Names the settings, so that others give another job. */
  readonly settings: Plain;
  /** The class of each row of `scored`. */
  readonly predict: (data: BaselineData, seed: number) => Promise<readonly string[]>;
}

export interface BaselineData {
  /** Labelled. */
  readonly source: Dataset;
  /** Training rows of the target, without labels. */
  readonly target: Dataset;
  /** Rows whose classes are asked for, without labels: test rows of the target, or its training rows. */
  readonly scored: Dataset;
}

/** A variant of all tasks of a suite, laid over their recipes. */
export interface Setting {
  readonly name: string;
  readonly config: Plain;
}

export type Metric = "accuracy" | "balancedAccuracy" | "macroF1";

/** A row of figures that somebody else has published. */
export interface Printed {
  readonly label: string;
  /** Where it is printed, and what has to be known to compare. */
  readonly source: string;
  /** By the task's name. */
  readonly values: Readonly<Record<string, number>>;
}

export interface Suite {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  readonly tasks: readonly Task[];
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** Default: the tasks' recipes as they are. */
  readonly settings?: readonly Setting[];
  /** Default accuracy. */
  readonly metric?: Metric;
  readonly printed: readonly Printed[];
  /** What a reader has to know: protocol, what was tuned on what. */
  readonly notes: readonly string[];
}
