/**
 * Batch normalisation (Ioffe and Szegedy 2015) for batches of two domains. What "the batch" is decides whether
 * adaptation works (design 2), so the choice has four names and no default.
 *
 *   y = scale (x - mean) / sqrt(variance + epsilon) + shift, per channel of [N, C, ...];
 *   training: mean and (biased) variance of rows of this batch; running <- (1 - momentum) running + momentum batch,
 *   with the unbiased variance, as in PyTorch. Inference: the running statistics.
 *
 * | regime         | rows that give the moments in training | running statistics | scale and shift | inference      |
 * | perDomain      | each domain its own                    | one set a domain   | one a domain    | the row's domain |
 * | perDomainStats | each domain its own                    | one set a domain   | shared          | the row's domain |
 * | joint          | the whole mixed batch                  | one set            | shared          | the same for all |
 * | source         | the source's rows, for every row       | one set            | shared          | the same for all |
 *
 * In `source` the gradient flows through the source's moments from rows of both domains.
 */
import type { Domain } from "../domain.ts";
import { usageError } from "../errors.ts";
import {
  add,
  batchNormalizationInference,
  concat,
  div,
  mul,
  reduceMean,
  reshape,
  slice,
  sqrt,
  square,
  sub,
} from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import { sizeOf } from "../graph/tensor.ts";
import { given, ones, zeros } from "./initialisers.ts";
import type { Layer, Scope, Segment } from "./layer.ts";
import { channelsOf, fixedShape, perChannel } from "./shapes.ts";

export type BatchNormRegime = "perDomain" | "perDomainStats" | "joint" | "source";

export const batchNormRegimes: readonly BatchNormRegime[] = ["perDomain", "perDomainStats", "joint", "source"];

export interface BatchNormOptions {
  /** Whose statistics, scale and shift; see the table above. */
  readonly regime: BatchNormRegime;
  /** Weight of the new batch in the running statistics; default 0.1. */
  readonly momentum?: number;
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
  /** Where a layer of a trained network goes on from; every domain starts there. Default: scale 1, shift 0, N(0, 1). */
  readonly initial?: BatchNormValues;
}

/** One value a channel each. */
export interface BatchNormValues {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** Mean and biased variance per channel, in a shape that broadcasts to what they normalise. */
interface Moments {
  readonly mean: Var;
  readonly variance: Var;
}

interface Affine {
  readonly scale: Var;
  readonly shift: Var;
}

export function batchNorm(options: BatchNormOptions): Layer {
  const { regime, momentum = 0.1, epsilon = 1e-5, initial } = options;
  if (!(momentum > 0 && momentum <= 1))
    throw usageError("batch-norm", `batch norm: expected a momentum in (0, 1], got ${momentum}`);
  return {
    name: "norm",
    description: `batch norm ${regime}`,
    mixesRows: true,
    apply(x, scope) {
      const { mode } = scope;
      const settings = { regime, momentum, epsilon, initial };
      if (mode.kind === "training") return training(x, mode.segments, settings, scope);
      const channels = channelsOf("batch norm", x);
      const { scale, shift } = affineOf(settings, mode.domain, channels, scope);
      const { mean, variance } = runningOf(settings, mode.domain, channels, scope);
      return batchNormalizationInference(x, scale, shift, mean, variance, epsilon);
    },
  };
}

type Settings = Required<Omit<BatchNormOptions, "initial">> & { readonly initial: BatchNormValues | undefined };

function training(x: Var, segments: readonly Segment[], settings: Settings, scope: Scope): Var {
  const [rows] = fixedShape("batch norm", x);
  const expected = segments.reduce((sum, segment) => sum + segment.rows, 0);
  if (rows !== expected)
    throw usageError("batch-norm", `batch norm: expected the ${expected} rows of the batch, got ${rows}`);
  const { regime, epsilon } = settings;
  switch (regime) {
    case "perDomain":
    case "perDomainStats":
      return eachDomain(x, runsOf(segments), settings, scope);
    case "joint":
    case "source": {
      const basis = regime === "joint" ? x : sourceRows(x, segments);
      const channels = channelsOf("batch norm", x);
      const moments = momentsOf(basis, 0);
      updateRunning(moments, { channels, values: valuesOf(basis) }, settings, "source", scope);
      const { scale, shift } = affineOf(settings, "source", channels, scope);
      const shape = perChannel(channels, x.type.shape.length);
      return standardise(x, moments, { scale: reshape(scale, shape), shift: reshape(shift, shape) }, epsilon);
    }
    default:
      throw usageError("batch-norm", `unknown batch norm regime ${String(regime satisfies never)}`);
  }
}

/** Every run of rows by its own moments. */
function eachDomain(x: Var, runs: readonly Segment[], settings: Settings, scope: Scope): Var {
  const equal = runs.every(({ rows }) => rows === runs[0]?.rows);
  if (equal) return equalRuns(x, runs, settings, scope);
  let start = 0;
  const parts = runs.map((run) => {
    const part = slice(x, { axis: 0, start, end: start + run.rows });
    start += run.rows;
    return equalRuns(part, [run], settings, scope);
  });
  return concat(parts, 0);
}

/**
 * Runs of equally many rows as one tensor [runs, rows, C, ...]: the reshape is free, where slices and a concatenation
 * would copy the batch twice, forwards and again backwards.
 */
function equalRuns(x: Var, runs: readonly Segment[], settings: Settings, scope: Scope): Var {
  const shape = fixedShape("batch norm", x);
  const [total = 0, channels = 0] = shape;
  const rows = total / runs.length;
  const grouped = runs.length > 1;
  const view = grouped ? reshape(x, [runs.length, rows, ...shape.slice(1)]) : x;
  const moments = momentsOf(view, grouped ? 1 : 0);
  const one = perChannel(channels, shape.length);
  const affines = runs.map(({ domain }, i) => {
    const pick = (all: Var): Var => (grouped ? slice(all, { axis: 0, start: i, end: i + 1 }) : all);
    const own = { mean: pick(moments.mean), variance: pick(moments.variance) };
    updateRunning(own, { channels, values: valuesOf(x) / runs.length }, settings, domain, scope);
    const { scale, shift } = affineOf(settings, domain, channels, scope);
    return { scale: reshape(scale, grouped ? [1, ...one] : one), shift: reshape(shift, grouped ? [1, ...one] : one) };
  });
  const [first] = affines;
  if (first === undefined) throw usageError("batch-norm", "batch norm: expected at least one domain in the batch");
  const shared = settings.regime !== "perDomain" || !grouped;
  const affine = shared
    ? first
    : {
        scale: concat(
          affines.map(({ scale }) => scale),
          0,
        ),
        shift: concat(
          affines.map(({ shift }) => shift),
          0,
        ),
      };
  const y = standardise(view, moments, affine, settings.epsilon);
  return grouped ? reshape(y, shape) : y;
}

/**
 * Moments over the rows' axis and all axes after the channels', which follow the rows. Space first, rows second:
 * reductions over trailing axes are the ones that engines do fast, and what is left for the second is small.
 */
function momentsOf(x: Var, rowAxis: number): Moments {
  const spatial = x.type.shape.map((_, axis) => axis).slice(rowAxis + 2);
  const mean = (v: Var): Var =>
    reduceMean(reduceMean(v, { axes: spatial, keepDims: true }), { axes: [rowAxis], keepDims: true });
  const centre = mean(x);
  return { mean: centre, variance: mean(square(sub(x, centre))) };
}

const standardise = (x: Var, { mean, variance }: Moments, { scale, shift }: Affine, epsilon: number): Var =>
  add(mul(sub(x, mean), div(scale, sqrt(add(variance, epsilon)))), shift);

/** Adjoining segments of one domain (a batch and its augmented copy) are one run with one set of moments. */
function runsOf(segments: readonly Segment[]): Segment[] {
  const runs: Segment[] = [];
  for (const { domain, rows } of segments) {
    const last = runs.at(-1);
    if (last?.domain === domain) runs[runs.length - 1] = { domain, rows: last.rows + rows };
    else runs.push({ domain, rows });
  }
  return runs;
}

function sourceRows(x: Var, segments: readonly Segment[]): Var {
  let start = 0;
  const parts = segments.flatMap(({ domain, rows }) => {
    const part = { axis: 0, start, end: start + rows };
    start += rows;
    return domain === "source" ? [slice(x, part)] : [];
  });
  const [first] = parts;
  if (first === undefined)
    throw usageError("batch-norm", "batch norm: the regime source needs source rows in the batch, got none");
  return parts.length === 1 ? first : concat(parts, 0);
}

/** Values a channel in a batch [N, C, ...]. */
const valuesOf = (x: Var): number => sizeOf(fixedShape("batch norm", x)) / channelsOf("batch norm", x);

/** @param counted how many channels there are, and how many values each moment was taken over. */
function updateRunning(
  batch: Moments,
  { channels, values }: { readonly channels: number; readonly values: number },
  settings: Settings,
  domain: Domain,
  scope: Scope,
): void {
  const { regime, momentum } = settings;
  if (values < 2)
    throw usageError(
      "batch-norm",
      "batch norm: expected more than one value a channel, got 1",
      "Use at least two rows of each domain in a batch.",
    );
  const place = statisticsPlace(regime, domain, scope);
  const running = runningOf(settings, domain, channels, scope);
  const blend = (old: Var, now: Var): Var => add(mul(old, 1 - momentum), mul(reshape(now, [channels]), momentum));
  place.updateStatistic("mean", blend(running.mean, batch.mean));
  place.updateStatistic("variance", blend(running.variance, mul(batch.variance, values / (values - 1))));
}

const statisticsPlace = (regime: BatchNormRegime, domain: Domain, scope: Scope): Scope =>
  regime === "perDomain" || regime === "perDomainStats" ? scope.child(domain) : scope;

function runningOf({ regime, initial }: Settings, domain: Domain, channels: number, scope: Scope): Moments {
  const place = statisticsPlace(regime, domain, scope);
  return {
    mean: place.statistic("mean", [channels], initial?.mean ?? 0),
    variance: place.statistic("variance", [channels], initial?.variance ?? 1),
  };
}

function affineOf({ regime, initial }: Settings, domain: Domain, channels: number, scope: Scope): Affine {
  const place = regime === "perDomain" ? scope.child(domain) : scope;
  const [scale, shift] = [initial && given(initial.scale), initial && given(initial.shift)];
  return {
    scale: place.parameter("scale", [channels], scale ?? ones, { decay: false }),
    shift: place.parameter("shift", [channels], shift ?? zeros, { decay: false }),
  };
}
