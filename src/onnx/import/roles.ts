/** What the constants of a file are for: weights that can be trained, running statistics, or settings. */
import type { Tensor } from "../../graph/tensor.ts";
import type { SourceNode } from "./source.ts";

/** Operands that are settings wherever they are written: bounds, scales, ratios. */
const settings: Readonly<Record<string, readonly number[]>> = {
  Clip: [1, 2],
  Pad: [2],
  Resize: [1, 2],
  Dropout: [1],
  OneHot: [1, 2],
  Range: [0, 1, 2],
  // What is compared or counted is never trained.
  NonZero: [0],
  Equal: [0, 1],
  Greater: [0, 1],
  GreaterOrEqual: [0, 1],
  Less: [0, 1],
  LessOrEqual: [0, 1],
};

/** Running mean and variance. */
const statistics: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };

/**
 * Operands that hold weights even where a file writes them as nodes instead of initialisers. Not those of instance
 * normalisation: exporters write group normalisation as one with constant ones and zeros.
 */
const weightOperands: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  MatMul: [1],
  BatchNormalization: [1, 2],
  LayerNormalization: [1, 2],
  PRelu: [1],
};

export interface Roles {
  /** Names of weights, in the order of their first use. */
  readonly parameters: ReadonlySet<string>;
  readonly statistics: ReadonlySet<string>;
  /** The constant behind a name: through nodes that only rename or retype it. */
  readonly root: (name: string) => string;
}

/**
 * The role of each constant by how it is read. A float with at least one axis that some node computes with is a
 * weight; single numbers without axes (an epsilon, a factor) are settings. One constant may be both a weight and a
 * statistic: exporters write equal tensors once.
 */
export function rolesOf(
  nodes: readonly SourceNode[],
  initializers: ReadonlyMap<string, Tensor>,
  constants: ReadonlyMap<string, Tensor>,
): Roles {
  const behind = new Map<string, string>();
  for (const { op, inputs, outputs } of nodes) {
    if (op === "Identity" || op === "Cast") behind.set(outputs[0] ?? "", inputs[0] ?? "");
  }
  const root = (name: string): string => {
    let found = name;
    for (let next = behind.get(found); next !== undefined; next = behind.get(found)) found = next;
    return found;
  };
  const weights = new Set<string>();
  const running = new Set<string>();
  const trains = (tensor: Tensor | undefined): boolean => tensor?.dtype === "float32" && tensor.dims.length > 0;
  for (const { op, inputs } of nodes) {
    if (op === "Identity" || op === "Cast") continue;
    for (const [index, input] of inputs.entries()) {
      const name = root(input);
      const initializer = trains(initializers.get(name));
      if (!initializer && !trains(constants.get(name))) continue;
      if (statistics[op]?.includes(index)) running.add(name);
      else if (initializer ? !settings[op]?.includes(index) : weightOperands[op]?.includes(index)) weights.add(name);
    }
  }
  return { parameters: weights, statistics: running, root };
}
