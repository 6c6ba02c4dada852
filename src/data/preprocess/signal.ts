/** Signals [N, C, T]: standardised by channel over rows and time. */
import type { Domain } from "../../domain.ts";
import { dataError } from "../../errors.ts";
import type { TensorType, Var } from "../../graph/index.ts";
import type { Dim } from "../../graph/tensor.ts";
import type { PreprocessOptions, Standardise } from "../config.ts";
import type { SignalRows } from "../dataset.ts";
import type { Moments, SignalSpec } from "./spec.ts";
import { standardised } from "./standardise.ts";
import { usableScale } from "./statistics.ts";

export function fitSignals(source: SignalRows, target: SignalRows | undefined, options: PreprocessOptions): SignalSpec {
  if (target !== undefined && (source.channels !== target.channels || source.length !== target.length)) {
    throw dataError(
      "signal-shape",
      `expected signals of one shape in both domains, got ${source.channels}x${source.length} in the source and ${target.channels}x${target.length} in the target`,
      "Cut or resample the signals to one length before reading them.",
    );
  }
  const wanted = options.standardise ?? "auto";
  const standardise: Standardise = wanted === "auto" ? "source" : wanted;
  const own = standardise === "none" ? identity(source.channels) : channelMoments(source);
  return {
    kind: "signal",
    channels: source.channels,
    length: source.length,
    ...(source.names && { names: source.names }),
    standardise,
    source: own,
    target: standardise === "perDomain" && target !== undefined ? channelMoments(target) : own,
  };
}

const identity = (channels: number): Moments => ({
  mean: new Array<number>(channels).fill(0),
  scale: new Array<number>(channels).fill(1),
});

function channelMoments(rows: SignalRows): Moments {
  const mean: number[] = [];
  const scale: number[] = [];
  const each = Math.max(1, rows.rows * rows.length);
  for (let channel = 0; channel < rows.channels; channel++) {
    const over = (visit: (value: number) => number): number => {
      let sum = 0;
      for (let row = 0; row < rows.rows; row++) {
        const start = (row * rows.channels + channel) * rows.length;
        for (let t = start; t < start + rows.length; t++) sum += visit(rows.values[t] ?? 0);
      }
      return sum / each;
    };
    const middle = over((value) => value);
    mean.push(middle);
    scale.push(usableScale(Math.sqrt(over((value) => (value - middle) ** 2)), middle));
  }
  return { mean, scale };
}

export const signalInputs = (spec: SignalSpec, rows: Dim): Record<string, TensorType> => ({
  signal: { dtype: "float32", shape: [rows, spec.channels, spec.length] },
});

export const signalGraph = (spec: SignalSpec, signal: Var, domain: Domain): Var =>
  standardised(signal, spec[domain].mean, spec[domain].scale, [1, spec.channels, 1]);
