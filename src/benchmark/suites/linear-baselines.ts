/** Linear classifiers as rows of the tables of feature data: without adaptation, and with source rows by their importance. */
import type { Plain } from "../../config/merge.ts";
import type { FeatureRows } from "../shallow/feature-rows.ts";
import { logSpaced } from "../shallow/jmlr-protocol.ts";
import { predictLinear } from "../shallow/linear.ts";
import { chooseLinear, linearMethods } from "../shallow/linear-methods.ts";
import type { Baseline } from "../suite.ts";
import { type Features, standardised, tfIdf } from "./shallow-features.ts";

interface Rows {
  readonly name: string;
  readonly of: Features;
  /** C to try: of rows of length 1 larger than of standardised columns. */
  readonly costs: readonly number[];
}

/** More rows than this, of either domain, are sampled by the seed. */
const mostRows = 5000;

const titles: Readonly<Record<keyof typeof linearMethods, string>> = {
  "logistic-regression": "logistic regression",
  "linear-svm": "linear SVM",
  "iw-logistic-regression": "importance-weighted logistic regression",
};

function linearBaselines(rows: Rows, seconds: number): Baseline[] {
  return (Object.keys(linearMethods) as (keyof typeof linearMethods)[]).map((name) => ({
    name,
    title: `${titles[name]}, ${rows.name}`,
    settings: { features: rows.name, costs: [...rows.costs], mostRows } satisfies Plain,
    // Order of rows and hold-out are all the chance there is: the table of a method has seeds for its networks.
    seeds: "first",
    seconds,
    predict: async (data, seed, work) =>
      rows.of(data, [data.scored], work, async ({ pair, classes, others }) => {
        const [scored] = others as [FeatureRows];
        const { progress } = work;
        const task = { ...pair, costs: rows.costs, seed, mostRows, progress };
        const { model, cost, risk, weights } = await chooseLinear(linearMethods[name], task);
        return {
          labels: Array.from(predictLinear(model, scored), (label) => classes[label] ?? ""),
          chosen: {
            setting: {
              C: cost,
              ...(weights && { domainC: weights.cost, effectiveRows: Math.round(weights.effectiveRows) }),
            },
            ...{ by: "source-hold-out", risk, tried: rows.costs.length },
          },
        };
      }),
  }));
}

const dense = logSpaced(1e-4, 1, 5);

/** Dense features; tables whose columns are numbers. */
export const linearPerDomain: readonly Baseline[] = linearBaselines(
  { name: "standardised by domain", of: standardised("perDomain"), costs: dense },
  10,
);
export const linearBySource: readonly Baseline[] = linearBaselines(
  { name: "standardised by the source", of: standardised("source"), costs: dense },
  10,
);
export const linearOfWords: readonly Baseline[] = linearBaselines(
  { name: "tf-idf", of: tfIdf, costs: logSpaced(0.1, 100, 7) },
  10,
);

export const linearNote =
  "Linear classifiers: C with the fewest errors (weighted by importance for the importance-weighted one) on a tenth of the source held out by class, then fitted on all rows, at most 5,000 of each domain; several classes one against the rest. Weights: a linear domain classifier, its C by held-out rows of both domains, no row above ten times the mean.";
