/**
 * The learners of JMLR 17, table 1, as baselines: one hidden layer without and with the adversary, and the linear support
 * vector machine, on counts and on mSDA features. Settings are chosen by reverse validation.
 *
 * Done for the first seed alone: the linear ones have no chance in them but the order of rows, which moves them within
 * their tolerance; the networks have, but the paper's table is one run a pair, too, and a seed of all pairs takes more than an hour.
 */
import type { Plain } from "../../config/merge.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { FeatureRows } from "../shallow/feature-rows.ts";
import {
  dannSettings,
  linearLearner,
  networkSettings,
  paperCosts,
  paperRates,
  runPair,
  shallowLearner,
  smallGrid,
} from "../shallow/jmlr-protocol.ts";
import type { Learner } from "../shallow/reverse-validation.ts";
import type { ShallowSettings } from "../shallow/shallow-dann.ts";
import type { Baseline, DataSets } from "../suite.ts";
import { asTheyAre, denoised, denoisedOn, type Features } from "./shallow-features.ts";

interface Row<S, M> {
  readonly name: string;
  readonly title: string;
  readonly features: { readonly name: string; readonly of: Features };
  /** Tried in this order. */
  readonly settings: readonly S[];
  readonly learnerOf: (setting: S) => Learner<M>;
  /** A setting for people. */
  readonly shown: (setting: S) => Readonly<Record<string, number>>;
  readonly seconds: number;
}

function baseline<S, M>(row: Row<S, M>): Baseline {
  const { name, title, features, settings, learnerOf, shown, seconds } = row;
  return {
    name,
    title,
    settings: { features: features.name, tried: settings.map(shown) as unknown as Plain },
    seeds: "first",
    seconds,
    predict: (data, seed, work) =>
      features.of(data, [data.scored], work, async ({ pair, classes, others }) => {
        const [scored] = others as [FeatureRows];
        const { progress } = work;
        const { chosen, tried, predicted } = await runPair({ pair, scored, settings, learnerOf, seed, progress });
        return {
          labels: Array.from(predicted, (label) => classes[label] ?? ""),
          chosen: {
            setting: { ...shown(chosen.setting) },
            by: "reverse-validation",
            risk: chosen.risk,
            tried: tried.length,
          },
        };
      }),
  };
}

const counts = { name: "counts", of: asTheyAre };
const msda = { name: "mSDA, 5 layers, corruption 0.5", of: denoised };

const networks = { learnerOf: shallowLearner, shown: ({ hidden }: ShallowSettings) => ({ hidden }) };
const adversaries = { learnerOf: shallowLearner, shown: ({ hidden, lambda }: ShallowSettings) => ({ hidden, lambda }) };
const machines = { learnerOf: (cost: number) => linearLearner("hinge", cost), shown: (C: number) => ({ C }) };

export const shallowBaselines: readonly Baseline[] = [
  baseline({
    ...{ name: "nn-counts", title: "NN, counts", features: counts, seconds: 10 },
    ...{ settings: networkSettings(smallGrid, paperRates.counts), ...networks },
  }),
  baseline({
    ...{ name: "dann-counts", title: "DANN, counts", features: counts, seconds: 110 },
    ...{ settings: dannSettings(smallGrid, paperRates.counts), ...adversaries },
  }),
  baseline({
    ...{ name: "svm-counts", title: "SVM, counts", features: counts, seconds: 15 },
    ...{ settings: paperCosts, ...machines },
  }),
  baseline({
    ...{ name: "nn-msda", title: "NN, mSDA", features: msda, seconds: 90 },
    ...{ settings: networkSettings(smallGrid, paperRates.msda), ...networks },
  }),
  baseline({
    ...{ name: "dann-msda", title: "DANN, mSDA", features: msda, seconds: 330 },
    ...{ settings: dannSettings(smallGrid, paperRates.msda), ...adversaries },
  }),
  baseline({
    ...{ name: "svm-msda", title: "SVM, mSDA", features: msda, seconds: 120 },
    ...{ settings: paperCosts, ...machines },
  }),
];

/** The two that are told apart the most, on mSDA features of all rows that there are, without labels. */
export const onAllRows = (rows: (sets: DataSets) => Promise<readonly Dataset[]>): readonly Baseline[] => {
  const features = { name: "mSDA, 5 layers, corruption 0.5, of all domains", of: denoisedOn(rows) };
  return [
    baseline({
      ...{ name: "dann-msda-all", title: "DANN, mSDA of all domains", features, seconds: 400 },
      ...{ settings: dannSettings(smallGrid, paperRates.msda), ...adversaries },
    }),
    baseline({
      ...{ name: "svm-msda-all", title: "SVM, mSDA of all domains", features, seconds: 200 },
      ...{ settings: paperCosts, ...machines },
    }),
  ];
};
