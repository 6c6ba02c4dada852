/** What a benchmark is made of: tasks, the recipe of each, and the figures that papers print for them. */
import type { AdaptData } from "../adapt/prepare.ts";
import type { Plain } from "../config/merge.ts";
import type { Dataset } from "../data/dataset.ts";
import type { ChosenSetting } from "./chosen.ts";

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
  /** Classifiers that do not go through `adapt`: each is a job of its own. Default none. */
  readonly baselines?: readonly Baseline[];
  /** What is measured about the task's rows instead of a classifier, each a job of its own. Default none. */
  readonly measurements?: readonly Measurement[];
}

/** What is worked out in one go, and is a row of the table. Interrupted, it is done anew. */
interface InOneGo {
  /** Kebab-case, as `--baselines` takes it. */
  readonly name: string;
  /** Its row, for people: `NN, counts`. */
  readonly title: string;
  /** Names the settings, so that others give another job. */
  readonly settings: Plain;
  /**
   * `first`: done for the first of the seeds alone, for want of chance in it or of time; its row has n = 1. Default
   * `each`.
   */
  readonly seeds?: "each" | "first";
  /** Seconds that it takes on one core, roughly. */
  readonly seconds: number;
}

/** A classifier. */
export interface Baseline extends InOneGo {
  readonly predict: (data: BaselineData, seed: number, work: AtWork) => Promise<Prediction>;
}

export interface Prediction {
  /** The class of each row of `scored`. */
  readonly labels: readonly string[];
  /** The setting that was chosen on the way, where there was a choice. */
  readonly chosen?: ChosenSetting;
}

/** A quantity of both domains' rows; the suite's `metric` says which. */
export interface Measurement extends InOneGo {
  readonly measure: (data: UnlabelledTarget, seed: number, work: AtWork) => Promise<number>;
}

export interface UnlabelledTarget {
  /** Labelled. */
  readonly source: Dataset;
  /** Training rows of the target, without labels. */
  readonly target: Dataset;
}

export interface BaselineData extends UnlabelledTarget {
  /** Rows whose classes are asked for, without labels: test rows of the target, or its training rows. */
  readonly scored: Dataset;
}

/** The surroundings of what is worked out in one go. */
export interface AtWork {
  /** Folder for what can be worked out again; undefined: nothing is kept. */
  readonly cache: string | undefined;
  /** Where data sets are: for rows beside the task's, such as unlabelled ones of other domains. `settings` name them. */
  readonly sets: DataSets;
  /** To be called now and then with the share that is done, 0 to 1. Rejects where the job was interrupted. */
  readonly progress: (share: number) => Promise<void>;
}

/** A variant of all tasks of a suite, laid over their recipes. */
export interface Setting {
  readonly name: string;
  readonly config: Plain;
}

export type Metric = "accuracy" | "balancedAccuracy" | "macroF1";
/** What a table shows: a metric of classifiers, or the proxy A-distance of two sets of rows (0 to 2), as measured. */
export type Quantity = Metric | "proxyDistance";

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
  /** None: nothing is adapted. */
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** Default: the tasks' recipes as they are. */
  readonly settings?: readonly Setting[];
  /** Default accuracy. */
  readonly metric?: Quantity;
  readonly printed: readonly Printed[];
  /** What a reader has to know: protocol, what was tuned on what. */
  readonly notes: readonly string[];
}
