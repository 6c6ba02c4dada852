/** Unnamed features, dense or sparse: transforms of counts, then standardisation. The model takes the raw rows. */
import type { Domain } from "../../domain.ts";
import { dataError, usageError } from "../../errors.ts";
import { add, div, floats, log, maximum, mul, reduceL2, type TensorType, type Var } from "../../graph/index.ts";
import type { Dim } from "../../graph/tensor.ts";
import type { Counts, PreprocessOptions, Standardise } from "../config.ts";
import type { DenseRows, SparseRows } from "../dataset.ts";
import { sharedFloat32 } from "../shared-memory.ts";
import type { FeaturesSpec, Moments } from "./spec.ts";
import { standardised } from "./standardise.ts";
import { featureMoments, type RowVisitor } from "./statistics.ts";

export type FeatureRows = DenseRows | SparseRows;

export function fitFeatures(
  source: FeatureRows,
  target: FeatureRows | undefined,
  options: PreprocessOptions,
): FeaturesSpec {
  refuseWidths(source, target);
  const counts = resolveCounts(options.counts ?? "auto", source, target);
  const wanted = options.standardise ?? "auto";
  const standardise: Standardise =
    wanted !== "auto" ? wanted : counts === "none" && source.kind === "dense" ? "source" : "none";
  const width = Math.max(source.width, target?.width ?? 0);
  const idf =
    counts === "tf-idf"
      ? inverseDocumentFrequency(width, target === undefined ? [source] : [source, target])
      : undefined;
  const spec: FeaturesSpec = {
    kind: "features",
    width,
    ...(source.kind === "sparse" ? { indexBase: source.indexBase } : {}),
    counts,
    countScale: options.countScale ?? 5,
    ...(idf === undefined ? {} : { idf }),
    standardise,
  };
  if (standardise === "none") return spec;
  const own = moments(spec, source);
  return {
    ...spec,
    source: own,
    target: standardise === "perDomain" && target !== undefined ? moments(spec, target) : own,
  };
}

/** Sparse rows may lack the last features; dense rows have all of theirs. */
function refuseWidths(source: FeatureRows, target: FeatureRows | undefined): void {
  if (target === undefined || source.width === target.width) return;
  const widest = Math.max(source.width, target.width);
  if ([source, target].every((rows) => rows.kind === "sparse" || rows.width === widest)) return;
  throw dataError(
    "feature-width",
    `expected as many features in both domains, got ${source.width} in the source and ${target.width} in the target`,
    "Both files must hold the same features in the same order.",
  );
}

function resolveCounts(wanted: Counts | "auto", source: FeatureRows, target: FeatureRows | undefined): Counts {
  if (wanted === "none") return "none";
  const rows = target === undefined ? [source] : [source, target];
  if (wanted === "auto") {
    return rows.every((each) => each.kind === "sparse" && each.values.every(isCount)) ? "tf-idf" : "none";
  }
  if (wanted !== "l2" && rows.some((each) => each.values.some((value) => value < 0))) {
    throw usageError(
      "counts-negative",
      `counts: ${wanted} expects values of at least 0, got negative ones`,
      "Use `counts: none` or `l2`.",
    );
  }
  return wanted;
}

const isCount = (value: number): boolean => value >= 0 && Number.isInteger(value);

/** ln((1 + n) / (1 + rows with the feature)) + 1 over the training rows of both domains; no label enters. */
function inverseDocumentFrequency(width: number, all: readonly FeatureRows[]): number[] {
  const frequency = new Float64Array(width);
  let rows = 0;
  for (const each of all) {
    rows += each.rows;
    if (each.kind === "sparse") {
      each.indices.forEach((feature, entry) => {
        if (each.values[entry] !== 0) frequency[feature] = (frequency[feature] ?? 0) + 1;
      });
    } else {
      each.values.forEach((value, entry) => {
        const feature = entry % each.width;
        if (value !== 0) frequency[feature] = (frequency[feature] ?? 0) + 1;
      });
    }
  }
  return Array.from(frequency, (found) => Math.log((1 + rows) / (1 + found)) + 1);
}

/** Moments of the rows as they are after `counts`: the same formulas as in the graph, on the host. */
function moments(spec: FeaturesSpec, rows: FeatureRows): Moments {
  const visit = denseRows(rows, spec.width);
  if (spec.counts === "none") return featureMoments(spec.width, rows.rows, visit);
  const row = new Float64Array(spec.width);
  return featureMoments(spec.width, rows.rows, (use) => {
    visit((values) => {
      transformCounts(spec, values, row);
      use(row);
    });
  });
}

/** Visits rows as dense numbers of the given width. */
export function denseRows(rows: FeatureRows, width: number): RowVisitor {
  return (visit) => {
    const row = new Float32Array(width);
    for (let i = 0; i < rows.rows; i++) {
      if (rows.kind === "dense") {
        visit(rows.values.subarray(i * rows.width, (i + 1) * rows.width));
        continue;
      }
      row.fill(0);
      for (let entry = rows.offsets[i] ?? 0; entry < (rows.offsets[i + 1] ?? 0); entry++) {
        row[rows.indices[entry] ?? 0] = rows.values[entry] ?? 0;
      }
      visit(row);
    }
  };
}

/** Row norms below this are of empty rows; they stay zero. */
const smallestNorm = 1e-12;

/** `counts` on one row, on the host. */
function transformCounts(spec: FeaturesSpec, values: ArrayLike<number>, into: Float64Array): void {
  let squares = 0;
  for (let i = 0; i < spec.width; i++) {
    const weight = termWeight(spec, i, values[i] ?? 0);
    into[i] = weight;
    squares += weight * weight;
  }
  const factor = lengthFactor(spec, squares);
  for (let i = 0; i < spec.width; i++) into[i] = (into[i] ?? 0) * factor;
}

/** A value before its row is brought to length; zero for features that training never saw. */
function termWeight(spec: FeaturesSpec, feature: number, value: number): number {
  if (feature >= spec.width) return 0;
  const logged = spec.counts !== "none" && spec.counts !== "l2";
  return (logged ? Math.log1p(value) : value) * (spec.idf?.[feature] ?? 1);
}

const lengthFactor = (spec: FeaturesSpec, squares: number): number =>
  spec.counts === "none" || spec.counts === "log1p" ? 1 : spec.countScale / Math.max(Math.sqrt(squares), smallestNorm);

/** `counts` on all rows at once. Zeros stay zeros, so sparse rows stay sparse. */
export function transformRows(spec: FeaturesSpec, rows: FeatureRows): FeatureRows {
  const values = sharedFloat32(rows.values.length);
  for (let row = 0; row < rows.rows; row++) {
    const [from, to] =
      rows.kind === "sparse"
        ? [rows.offsets[row] ?? 0, rows.offsets[row + 1] ?? 0]
        : [row * rows.width, (row + 1) * rows.width];
    const weight = (entry: number): number =>
      termWeight(spec, rows.kind === "sparse" ? (rows.indices[entry] ?? 0) : entry - from, rows.values[entry] ?? 0);
    let squares = 0;
    for (let entry = from; entry < to; entry++) squares += weight(entry) ** 2;
    const factor = lengthFactor(spec, squares);
    for (let entry = from; entry < to; entry++) values[entry] = weight(entry) * factor;
  }
  return { ...rows, values };
}

export const featureInputs = (spec: FeaturesSpec, rows: Dim): Record<string, TensorType> => ({
  numeric: { dtype: "float32", shape: [rows, spec.width] },
});

export function featureGraph(spec: FeaturesSpec, numeric: Var, domain: Domain): Var {
  const counted = countGraph(spec, numeric);
  const own = spec[domain];
  return own === undefined ? counted : standardised(counted, own.mean, own.scale, [1, spec.width]);
}

function countGraph(spec: FeaturesSpec, x: Var): Var {
  const unitLength = (rows: Var): Var =>
    mul(rows, div(spec.countScale, maximum(reduceL2(rows, { axes: [1], keepDims: true }), smallestNorm)));
  const log1p = (rows: Var): Var => log(add(rows, 1));
  switch (spec.counts) {
    case "none":
      return x;
    case "l2":
      return unitLength(x);
    case "log1p":
      return log1p(x);
    case "log1p-l2":
      return unitLength(log1p(x));
    case "tf-idf":
      // The term frequency is sublinear, as in the reference runs: ln(1 + count).
      return unitLength(mul(log1p(x), floats([1, spec.width], spec.idf ?? [])));
    default:
      throw usageError("counts", `counts: no transform ${spec.counts satisfies never}`);
  }
}
