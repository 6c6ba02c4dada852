/**
 * How far apart the domains of Amazon reviews are before and after (JMLR 17, section 5.1.5 and figure 3): proxy A-distance
 * of raw counts, of the hidden features of the network without and with the adversary, and the same behind mSDA.
 */
import { range } from "../shallow/feature-rows.ts";
import { holdOutLast } from "../shallow/hold-out.ts";
import { paperRates } from "../shallow/jmlr-protocol.ts";
import { pickProducts } from "../shallow/products.ts";
import { linearProxyDistance } from "../shallow/proxy-distance.ts";
import type { Pair } from "../shallow/reverse-validation.ts";
import { type ShallowSettings, shallowDann } from "../shallow/shallow-dann.ts";
import { type ShallowModel, shallowFeatures } from "../shallow/shallow-model.ts";
import type { Measurement, Suite, Task } from "../suite.ts";
import { pairTasks } from "./amazon.ts";
import { asTheyAre, denoised, type Features } from "./shallow-features.ts";

/** The paper's: 100 units, and the lambda that was chosen most often for them. */
const units = { hidden: 100 } as const;
const lambda = 10 ** -0.5;

interface Row {
  readonly name: string;
  readonly title: string;
  readonly features: Features;
  /** Hidden features of this network; default: the rows themselves. */
  readonly network?: ShallowSettings;
  readonly seconds: number;
}

const rows: readonly Row[] = [
  { name: "counts", title: "counts", features: asTheyAre, seconds: 10 },
  {
    ...{ name: "nn-counts", title: "hidden features of NN, counts", features: asTheyAre, seconds: 10 },
    network: { ...units, lambda: 0, rate: paperRates.counts, domainRegressor: "none" },
  },
  {
    ...{ name: "dann-counts", title: "hidden features of DANN, counts", features: asTheyAre, seconds: 25 },
    network: { ...units, lambda, rate: paperRates.counts },
  },
  { name: "msda", title: "mSDA", features: denoised, seconds: 60 },
  {
    ...{ name: "nn-msda", title: "hidden features of NN, mSDA", features: denoised, seconds: 60 },
    network: { ...units, lambda: 0, rate: paperRates.msda, domainRegressor: "none" },
  },
  {
    ...{ name: "dann-msda", title: "hidden features of DANN, mSDA", features: denoised, seconds: 120 },
    network: { ...units, lambda, rate: paperRates.msda },
  },
];

const measurement = ({ name, title, features, network, seconds }: Row): Measurement => ({
  ...{ name, title, seconds, seeds: "first" },
  settings: { features: name, ...network },
  measure: (data, seed, work) =>
    features(data, [], work, async ({ pair }) => {
      await work.progress(0.1);
      const { source, target, products } = pair;
      if (network === undefined) return linearProxyDistance(source.rows, target, { seed, products }).distance;
      const model = await learned(pair, network, seed);
      await work.progress(0.8);
      const [own, other] = [shallowFeatures(model, source.rows), shallowFeatures(model, target)];
      return linearProxyDistance(own, other, { seed }).distance;
    }),
});

/** As in table 1: the last tenth of the source's rows decides when to stop. All target rows take part. */
async function learned(
  { source, target, classes, products }: Pair,
  network: ShallowSettings,
  seed: number,
): Promise<ShallowModel> {
  const { train, held } = holdOutLast(source);
  const [known, all] = [train.rows.rows, source.rows.rows];
  const size = all + target.rows;
  // A fit wants them in the order source, target, validation.
  const order = [...range(0, known), ...range(all, size), ...range(known, all)];
  const own = products === undefined ? {} : { products: pickProducts(products, size, order) };
  return (await shallowDann({ source: train, target, validation: held, classes, seed, ...own }, network)).model;
}

const tasks: readonly Task[] = pairTasks.map((pair) => ({
  ...pair,
  config: {},
  seconds: 0,
  measurements: rows.map(measurement),
}));

export const padSuite: Suite = {
  name: "pad",
  title: "proxy A-distance of reviews of books, DVDs, electronics and kitchen goods, before and after",
  tasks,
  methods: [],
  seeds: [0, 1, 2],
  metric: "proxyDistance",
  // The paper's figure has no numbers.
  printed: [],
  notes: [
    "2 (1 - 2 error) of the linear support vector machine, C from 10^-5 to 10^4, that tells the domains best apart on the second halves of their training rows, fitted on the first halves (JMLR 17, section 5.1.5).",
    "Networks: 100 hidden units, the paper's rates; DANN with lambda 0.316, which the paper says was chosen most often. No label of the target is used.",
    "JMLR 17, figure 3, prints no numbers. It shows: DANN's features below raw rows for all pairs, below NN's, and mSDA above raw rows.",
    "Every row is worked out for the first seed alone.",
  ],
};
