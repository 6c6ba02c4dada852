/** The numbers of a probe from the named rows of both domains: distance, separating columns, top features. */
import { chanceAccuracy, probeDomains } from "../evaluate/health/probe.ts";
import type { Matrix } from "../evaluate/logistic.ts";
import { type CrossValidated, crossValidate, distanceOf } from "./cross-validation.ts";
import type { ProbeDocument } from "./document.ts";
import { type NamedRows, withoutColumns } from "./features/named.ts";
import { type Separator, separators } from "./separators.ts";

export interface Look {
  readonly apart: ProbeDocument["apart"];
  readonly separators: readonly Separator[];
  readonly withoutSeparators: ProbeDocument["withoutSeparators"];
  readonly top: ProbeDocument["top"];
  /** Of each sampled row, by a classifier that has not seen it. */
  readonly scores: CrossValidated["scores"];
}

/** Features that are named. */
const named = 20;

/** Wide rows cost more, and of 200 a linear classifier is exact enough. */
const rowsFor = (width: number): number => Math.max(200, Math.min(1000, Math.floor(500_000 / Math.max(1, width))));

export function lookAt(rows: NamedRows, seed: number): Look {
  const { validated, apart } = measure(rows, seed);
  const found = separators(rows);
  const rest = withoutColumns(
    rows,
    found.map(({ column }) => column),
  );
  return {
    apart,
    separators: found,
    withoutSeparators: found.length === 0 || rest.features.length === 0 ? null : measure(rest, seed).apart,
    top: topFeatures(rows, validated.weights),
    scores: validated.scores,
  };
}

function measure(rows: NamedRows, seed: number): { validated: CrossValidated; apart: ProbeDocument["apart"] } {
  const most = rowsFor(rows.features.length);
  const validated = crossValidate(rows.source, rows.target, { seed, most });
  const neighbours = probeDomains(rows.source, rows.target, { seed, sample: most });
  const { accuracy, low, high } = validated;
  return {
    validated,
    apart: {
      distance: distanceOf(accuracy),
      low: distanceOf(low),
      high: distanceOf(high),
      accuracy,
      neighbours: neighbours.accuracy,
      chance: low <= 0.5 && neighbours.accuracy <= chanceAccuracy(neighbours.rows),
      rows: validated.rows,
    },
  };
}

function topFeatures({ features, source, target }: NamedRows, weights: Float64Array): ProbeDocument["top"] {
  return Array.from(weights, (weight, j) => ({ weight, j }))
    .filter(({ weight }) => weight !== 0)
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || a.j - b.j)
    .slice(0, named)
    .map(({ weight, j }) => ({
      name: features[j]?.name ?? "",
      weight,
      source: statisticsOf(source, j),
      target: statisticsOf(target, j),
    }));
}

function statisticsOf({ rows, width, values }: Matrix, j: number): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  for (let row = 0; row < rows; row++) sum += values[row * width + j] ?? 0;
  const mean = sum / rows;
  for (let row = 0; row < rows; row++) squares += ((values[row * width + j] ?? 0) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / rows) };
}
