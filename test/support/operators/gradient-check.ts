/**
 * Compares a gradient with finite differences along a random direction, in float64 on the reference interpreter. What
 * an operator gives goes through a curved function with random weights first, so that the gradient that comes back
 * into its rule is not all ones.
 */
import {
  add,
  constant,
  type GradientRules,
  gradients,
  inputsOf,
  isFloat,
  mul,
  reduceSum,
  sin,
  sizeOf,
  type Tensor,
  tensorOf,
  type Var,
} from "../../../src/graph/index.ts";
import { random } from "../../../src/random.ts";
import { evaluate } from "../../../src/runtime/reference.ts";

/** A curved scalar of some results. */
export function curvedSum(results: readonly Var[], seed: string): Var {
  const terms = results.map((result, index) => {
    const dims = result.type.shape as readonly number[];
    const source = random(`${seed}/${index}`);
    const weights = Array.from({ length: sizeOf(dims) }, () => 0.5 + source.uniform());
    const weighted = mul(sin(add(mul(result, 0.7), 0.3)), constant(tensorOf(result.type.dtype, dims, weights)));
    return reduceSum(weighted);
  });
  return terms.reduce(add);
}

export interface Directional {
  readonly input: string;
  readonly found: number;
  readonly expected: number;
  /** |found - expected| relative to the larger of the slope and a thousandth of the gradient's length. */
  readonly error: number;
}

type Feeds = Readonly<Record<string, Tensor>>;

/** The slope of the loss along a random direction of each float input: by `gradients`, and by finite differences. */
export function directionalErrors(
  loss: Var,
  inputs: readonly Var[],
  feeds: Feeds,
  rules?: GradientRules,
): Directional[] {
  const wrt = inputs.filter((variable) => isFloat(variable.type.dtype));
  const derived = gradients(loss, wrt, rules === undefined ? {} : { rules });
  const values = evaluateReading(Object.fromEntries(derived.map((gradient, index) => [`g${index}`, gradient])), feeds);
  return wrt.map((variable, index) => {
    const name = String(variable.node.attributes.name);
    const at = numbers(feeds[name]);
    const source = random(`direction/${name}`);
    const direction = at.map(() => source.normal());
    const gradient = numbers(values[`g${index}`]);
    const found = gradient.reduce((sum, value, i) => sum + value * (direction[i] ?? 0), 0);
    const value = (step: number): number => {
      const moved = at.map((x, i) => x + step * (direction[i] ?? 0));
      const dims = variable.type.shape as readonly number[];
      return Number(evaluateReading({ loss }, { ...feeds, [name]: tensorOf("float64", dims, moved) }).loss?.data[0]);
    };
    // Fourth order: truncation and rounding both stay far below the tolerance.
    const h = 2e-4;
    const expected = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h);
    const size = Math.hypot(...gradient) * Math.hypot(...direction);
    const error = Math.abs(found - expected) / Math.max(Math.abs(expected), 1e-3 * size, 1e-8);
    return { input: name, found, expected, error };
  });
}

/** Evaluates outputs with those of the feeds that they read. */
export function evaluateReading(outputs: Readonly<Record<string, Var>>, feeds: Feeds): Record<string, Tensor> {
  const graph = { name: "check", outputs };
  const read = inputsOf(graph);
  return evaluate(graph, Object.fromEntries(Object.entries(feeds).filter(([name]) => read.has(name))));
}

/** The elements of a tensor. */
export const numbers = (tensor: Tensor | undefined): number[] =>
  Array.from<number | bigint, number>(tensor?.data ?? [], Number);
