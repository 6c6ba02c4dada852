/**
 * Adaptations that are healthy, or broken on purpose in a known way, on made-up data: what a look at each should find.
 * Settled on seeds from 100 up; the table is of other seeds.
 */
import { type AdaptOptions, blobs, type Dataset, moons } from "dann";
import { moonsRecipe } from "../../src/benchmark/moons.ts";
import { selectDataset } from "../../src/data/select.ts";

export interface Case {
  readonly name: string;
  /** What was done, for people. */
  readonly what: string;
  /** Findings or a verdict that say so. */
  readonly expects: readonly string[];
  /** Warnings on it are false alarms. */
  readonly healthy?: true;
  readonly options: (seed: number) => Omit<AdaptOptions, "thread">;
}

const evaluate = { targetTrained: false, adabn: false, evaluations: 5, holdout: 0.3 } as const;

const of = (
  pair: { readonly source: Dataset; readonly target: Dataset },
  seed: number,
  train: AdaptOptions["train"] = {},
  rest: Partial<AdaptOptions> = {},
): Omit<AdaptOptions, "thread"> => ({ ...pair, evaluate, ...rest, train: { steps: 300, seed, ...train } });

const moved = (seed: number): ReturnType<typeof blobs> => blobs({ rows: 300, classes: 4, width: 4, shift: 4, seed });

const plain = { name: "mlp", options: { batchNorm: "none" } } as const;

export const cases: readonly Case[] = [
  {
    name: "moved blobs",
    what: "four blobs in four dimensions, moved by their distance from the origin",
    expects: ["aligned"],
    healthy: true,
    options: (seed) => of(moved(seed), seed),
  },
  {
    name: "turned blobs",
    what: "three blobs in eight dimensions, turned by 40 degrees and moved by half their distance",
    expects: [],
    healthy: true,
    options: (seed) => of(blobs({ rows: 400, classes: 3, width: 8, rotation: 40, shift: 2, seed }), seed),
  },
  {
    name: "benchmark's moons",
    what: "moons turned by 35 degrees, with the recipe of the benchmark",
    expects: [],
    healthy: true,
    options: benchmarkMoons,
  },
  {
    name: "turned moons",
    what: "moons turned by 20 degrees, preset modern: statistics by domain do not turn them, and alignment harms",
    expects: [],
    options: (seed) => of(moons({ rows: 300, rotation: 20, seed }), seed),
  },
  {
    name: "dead",
    what: "moved blobs; the domain classifier's learning rate is 0",
    expects: ["discriminator-never-learned"],
    options: (seed) => of(moved(seed), seed, { partRates: { domainClassifier: 0 } }, { network: plain }),
  },
  {
    name: "unfollowed",
    what: "far moved blobs; lambda is 0, so the features do not follow",
    expects: ["discriminator-dominates"],
    options: (seed) =>
      of(
        blobs({ rows: 300, classes: 4, width: 4, shift: 12, seed }),
        seed,
        { lambda: { name: "constant", value: 0 } },
        { network: plain },
      ),
  },
  {
    name: "alike",
    what: "four blobs; the target is of the same distribution",
    expects: ["domains-near"],
    healthy: true,
    options: (seed) => of(blobs({ rows: 300, classes: 4, width: 4, shift: 0, seed }), seed),
  },
  {
    name: "far",
    what: "four blobs near the origin; the target is moved by 40 times its noise, lambda is .01",
    expects: ["domains-far", "prediction-collapse"],
    options: far,
  },
  {
    name: "uneven",
    what: "moons turned by 10 degrees; of the target's second class every fifth row is left",
    expects: ["label-shift"],
    options: (seed) => {
      const { source, target } = moons({ rows: 300, rotation: 10, seed });
      return of({ source, target: uneven(target) }, seed);
    },
  },
  {
    name: "harmed",
    what: "uneven, with lambda 3",
    expects: ["negative-transfer"],
    options: (seed) => {
      const { source, target } = moons({ rows: 300, rotation: 10, seed });
      return of({ source, target: uneven(target) }, seed, { lambda: { name: "constant", value: 3 } });
    },
  },
  {
    name: "open-classes",
    what: "three blobs in eight dimensions; the target has two more, and is moved by a fifth of their distance",
    expects: ["open-classes"],
    options: (seed) => {
      const { source, target } = blobs({ rows: 400, classes: 5, width: 8, spread: 10, shift: 2, seed });
      return of({ source: rowsWhere(source, (label) => Number(label) < 3), target }, seed);
    },
  },
  {
    name: "collapsed",
    what: "moved blobs; lambda is 1,000, the domain classifier learns at a hundredth of the rate",
    expects: ["feature-collapse"],
    options: (seed) =>
      of(
        moved(seed),
        seed,
        {
          lambda: { name: "constant", value: 1000 },
          partRates: { domainClassifier: 0.01 },
          optimizer: { name: "sgd", momentum: 0.9 },
          rate: { name: "constant", value: 0.02 },
          gradientClip: 5,
        },
        { network: plain },
      ),
  },
  {
    name: "exploding-terms",
    what: "moved blobs with values in the ten thousands; nothing is standardised",
    expects: ["exploding-terms"],
    options: (seed) => {
      const pair = blobs({ rows: 300, classes: 4, width: 4, spread: 30_000, noise: 7500, shift: 30_000, seed });
      return of(pair, seed, {}, { network: plain, preprocess: { standardise: "none" } });
    },
  },
  {
    name: "exploded",
    what: "moved blobs; the domain loss weighs a million, the gradient is not clipped",
    expects: ["diverged"],
    options: (seed) =>
      of(
        moved(seed),
        seed,
        { optimizer: { name: "sgd", momentum: 0.9 }, rate: { name: "constant", value: 0.05 } },
        { network: plain, method: { name: "dann", domainWeight: 1e6 } },
      ),
  },
];

/** The settings of `src/benchmark/suites/moons.ts`. */
function benchmarkMoons(seed: number): Omit<AdaptOptions, "thread"> {
  const { data, network, train } = moonsRecipe;
  const { steps, batch, optimizer, rate, lambda } = train;
  return of(
    moons({ ...data, seed }),
    seed,
    { steps, batch, optimizer, rate, lambda },
    {
      network,
      method: { name: "dann", domainLoss: "half", domainLabelSmoothing: 0 },
      preprocess: { standardise: "source" },
    },
  );
}

/** Standardised with the source's statistics: its own would bring it back. */
function far(seed: number): Omit<AdaptOptions, "thread"> {
  return of(
    blobs({ rows: 300, classes: 4, width: 4, spread: 2, shift: 40, seed }),
    seed,
    { lambda: { name: "constant", value: 0.01 } },
    { preprocess: { standardise: "source" }, network: plain },
  );
}

const firstOf = ({ labels = [] }: Dataset): string => [...new Set(labels.map(String))].sort()[0] ?? "";

/** All rows of the first class, every fifth of the others. */
const uneven = (dataset: Dataset): Dataset =>
  rowsWhere(dataset, (label, row) => label === firstOf(dataset) || row % 5 === 0);

function rowsWhere(dataset: Dataset, keep: (label: string | undefined, row: number) => boolean): Dataset {
  const { labels = [] } = dataset;
  return selectDataset(
    dataset,
    labels.flatMap((label, row) => (keep(label, row) ? [row] : [])),
  );
}
