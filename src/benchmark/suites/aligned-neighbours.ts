/**
 * One nearest neighbour after an alignment in closed form, on numbers standardised by domain: rows of the tables of
 * Long et al. (ICCV 2013) and of the papers that the alignments come from. There is no chance in them.
 */
import type { Matrix } from "ml-matrix";
import type { Plain } from "../../config/merge.ts";
import type { DenseRows } from "../../data/dataset.ts";
import { type Alignment, type DomainRows, mapped, matrixOf } from "../../methods/closed-form/alignment.ts";
import { coral } from "../../methods/closed-form/coral.ts";
import { subspaceAlignment } from "../../methods/closed-form/subspace-alignment.ts";
import { jointDistribution, transferComponents } from "../../methods/closed-form/transfer-components.ts";
import { nearestNeighbour, zScored } from "../shallow/nearest-neighbour.ts";
import type { Baseline } from "../suite.ts";
import { numbersOf } from "./dense-rows.ts";

interface Aligned {
  readonly name: string;
  readonly title: string;
  readonly settings: Plain;
  readonly seconds: number;
  /** Of rows standardised by domain; undefined: as they are. */
  readonly align?: (rows: DomainRows, labels: readonly number[]) => Alignment;
  /** Rows of length 1 before and after, as the authors of these methods have them. Default false. */
  readonly unit?: boolean;
}

function neighbour({ name, title, settings, seconds, align, unit = false }: Aligned): Baseline {
  return {
    ...{ name, title, seconds, settings: { standardise: "perDomain", ...settings } },
    seeds: "first",
    async predict({ source, target, scored }) {
      const labels = source.labels ?? [];
      const own = labels.map((_, row) => row);
      const [from, to, asked] = [source, target, scored].map((part) => zScored(numbersOf(part))) as [
        DenseRows,
        DenseRows,
        DenseRows,
      ];
      if (align === undefined) return named(nearestNeighbour(from, own, asked), labels);
      const shaped = unit ? unitRows : (rows: Matrix): Matrix => rows;
      const rows = { source: shaped(matrixOf(from)), target: shaped(matrixOf(to)) };
      const alignment = align(rows, indicesOf(labels));
      const [learnt, looked] = [
        shaped(mapped(alignment.source, rows.source)),
        shaped(mapped(alignment.target, shaped(matrixOf(asked)))),
      ];
      return named(nearestNeighbour(denseRows(learnt), own, denseRows(looked)), labels);
    },
  };
}

/** Labels of the nearest rows. */
const named = (rows: Int32Array, labels: readonly (string | undefined)[]): { labels: string[] } => ({
  labels: Array.from(rows, (row) => labels[row] ?? ""),
});

function indicesOf(labels: readonly (string | undefined)[]): number[] {
  const classes = [...new Set(labels)];
  return labels.map((label) => classes.indexOf(label));
}

const denseRows = (matrix: Matrix): DenseRows => ({
  kind: "dense",
  rows: matrix.rows,
  width: matrix.columns,
  values: Float32Array.from(matrix.to1DArray()),
});

/** Every row divided by its length. */
function unitRows(rows: Matrix): Matrix {
  const lengths = Array.from({ length: rows.rows }, (_, i) => Math.hypot(...rows.getRow(i)) || 1);
  return rows.clone().divColumnVector(lengths);
}

/** Predictions between the rounds of joint distribution adaptation. */
const byNeighbour = (source: Matrix, labels: ArrayLike<number>, target: Matrix): Int32Array =>
  nearestNeighbour(denseRows(unitRows(source)), labels, denseRows(unitRows(target)));

export const alignedNeighbours: readonly Baseline[] = [
  neighbour({ name: "1-nn", title: "1-NN", settings: {}, seconds: 2 }),
  neighbour({
    ...{ name: "coral", title: "CORAL, 1-NN", settings: { ridge: 1 }, seconds: 15 },
    align: (rows) => coral(rows),
  }),
  neighbour({
    ...{ name: "subspace", title: "subspace alignment, 1-NN", settings: { dimensions: 80 }, seconds: 15 },
    align: (rows) => subspaceAlignment(rows),
  }),
  neighbour({
    ...{ name: "tca", title: "TCA, 1-NN", settings: { dimensions: 100, ridge: 1, unit: true }, seconds: 15 },
    ...{ unit: true, align: (rows) => transferComponents(rows) },
  }),
  neighbour({
    ...{
      name: "jda",
      title: "JDA, 1-NN",
      settings: { dimensions: 100, ridge: 1, rounds: 10, unit: true },
      seconds: 120,
    },
    ...{ unit: true, align: (rows, labels) => jointDistribution(rows, labels, byNeighbour) },
  }),
];

export const alignedNote =
  "1-NN: rows standardised by domain; subspace alignment in at most 80 dimensions, TCA and JDA with linear kernels in at most 100, their rows of length 1 before and after.";
