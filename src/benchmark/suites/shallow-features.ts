/** What shallow learners see of a task: its rows as they are, standardised, as tf-idf weights, or as mSDA features. */
import { openBackend } from "#runtime";
import type { Dataset, DenseRows } from "../../data/dataset.ts";
import { nodeModules } from "../../data/files.ts";
import { classesOf, encodeLabels, labelledRows } from "../../data/labels.ts";
import { fitFeatures, transformRows } from "../../data/preprocess/features.ts";
import { dataError, internalError } from "../../errors.ts";
import type { FeatureRows } from "../shallow/feature-rows.ts";
import { applyMsda } from "../shallow/msda.ts";
import { cachedLayers, cachedMsda, cachedProducts } from "../shallow/msda-cache.ts";
import { zScored } from "../shallow/nearest-neighbour.ts";
import { engineProducts, type Products } from "../shallow/products.ts";
import type { Pair } from "../shallow/reverse-validation.ts";
import type { AtWork, DataSets, UnlabelledTarget } from "../suite.ts";
import { numbersOf } from "./dense-rows.ts";

export interface Seen {
  /** Rows and labels of the source, rows of the target; with products where rows are dense and wide. */
  readonly pair: Pair;
  /** The classes by their index in the pair's labels. */
  readonly classes: readonly string[];
  /** The other rows that were asked for, in their order. */
  readonly others: readonly FeatureRows[];
}

/**
 * @param others more unlabelled rows, such as those to be scored.
 * @param use what is done with them; the engine behind the pair's products lives as long.
 */
export type Features = <R>(
  data: UnlabelledTarget,
  others: readonly Dataset[],
  work: AtWork,
  use: (seen: Seen) => Promise<R>,
) => Promise<R>;

export const asTheyAre: Features = (data, others, _work, use) =>
  use(seen(data, rowsOf(data.target), others.map(rowsOf)));

/** Numbers of zero mean and unit variance, by the source's rows or by each set's own. */
export const standardised =
  (whose: "source" | "perDomain"): Features =>
  (data, others, _work, use) => {
    const source = numbersOf(labelledRows(data.source));
    const scaled = (rows: DenseRows): DenseRows => (whose === "source" ? zScored(rows, source) : zScored(rows));
    return use(seen(data, scaled(numbersOf(data.target)), others.map(numbersOf).map(scaled), scaled(source)));
  };

/** Document frequencies are those of both domains' training rows; rows of length 1. */
export const tfIdf: Features = (data, others, _work, use) => {
  const [source, target] = [rowsOf(labelledRows(data.source)), rowsOf(data.target)];
  const spec = fitFeatures(source, target, { counts: "tf-idf", countScale: 1, standardise: "none" });
  const weighted = (rows: FeatureRows): FeatureRows => transformRows(spec, rows);
  return use(seen(data, weighted(target), others.map(rowsOf).map(weighted), weighted(source)));
};

/** Five layers on the words as they are counted, fitted on both domains' training rows: JMLR 17, section 5.1.2. */
export const denoised: Features = denoisedBy(async ({ source, target, others, products, folder }) => {
  const { fit, apply } = await cachedMsda({ fit: [source, target], apply: others }, products, folder);
  return [...fit, ...apply];
});

/**
 * The same, fitted on more rows: those of all domains that there are, without labels, as Chen et al. 2012 have them. Their
 * features are made anew each time: those of all rows would fill gigabytes.
 */
export const denoisedOn = (rows: (sets: DataSets) => Promise<readonly Dataset[]>): Features =>
  denoisedBy(async ({ source, target, others, products, folder, sets }) => {
    const layers = await cachedLayers({ fit: (await rows(sets)).map(rowsOf) }, products, folder);
    const features: FeatureRows[] = [];
    for (const each of [source, target, ...others]) features.push(await applyMsda(layers, each, products));
    return features;
  });

interface Denoising {
  readonly source: FeatureRows;
  readonly target: FeatureRows;
  readonly others: readonly FeatureRows[];
  readonly products: Products;
  readonly folder: string | undefined;
  readonly sets: DataSets;
}

/** @param featuresOf of the source, the target and the others, in this order. */
function denoisedBy(featuresOf: (asked: Denoising) => Promise<readonly FeatureRows[]>): Features {
  return async (data, others, { cache, sets }, use) => {
    const products = await engineProducts(await openBackend("auto"));
    const folder = cache === undefined ? undefined : nodeModules().path.join(cache, "msda");
    try {
      const rows = {
        source: rowsOf(labelledRows(data.source)),
        target: rowsOf(data.target),
        others: others.map(rowsOf),
      };
      const [source, target, ...applied] = await featuresOf({ ...rows, products, folder, sets });
      if (source === undefined || target === undefined) throw internalError("mSDA has lost rows");
      const { pair, ...rest } = seen(data, target, applied, source);
      const all = await cachedProducts(source, target, products, folder);
      return await use({ pair: { ...pair, products: all }, ...rest });
    } finally {
      await products.dispose();
    }
  };
}

function seen(
  { source }: UnlabelledTarget,
  target: FeatureRows,
  others: readonly FeatureRows[],
  rows = rowsOf(labelledRows(source)),
): Seen {
  const labels = labelledRows(source).labels ?? [];
  const classes = classesOf(labels);
  const labelled = { rows, labels: encodeLabels(labels, classes) };
  return { pair: { source: labelled, target, classes: classes.length }, classes, others };
}

function rowsOf({ rows, origin }: Dataset): FeatureRows {
  if (rows.kind === "dense" || rows.kind === "sparse") return rows;
  throw dataError("shallow-rows", `${origin}: expected rows of features for the shallow learners, got ${rows.kind}`);
}
