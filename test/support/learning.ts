/** What tests of layers, losses and methods share: values for a store's state, evaluation in float64, the error measure. */
import { inputsOf } from "../../src/graph/graph.ts";
import type { Var } from "../../src/graph/node.ts";
import { sizeOf, type Tensor } from "../../src/graph/tensor.ts";
import type { StateSpec } from "../../src/nn/layer.ts";
import type { Store } from "../../src/nn/scope.ts";
import { type Random, random } from "../../src/random.ts";
import { evaluate } from "../../src/runtime/reference.ts";

export const float64 = (dims: readonly number[], values: ArrayLike<number>): Tensor => ({
  dtype: "float64",
  dims,
  data: Float64Array.from(values),
});

export const int64 = (values: readonly number[]): Tensor => ({
  dtype: "int64",
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

export const normals = (dims: readonly number[], source: Random): Tensor =>
  float64(
    dims,
    Array.from({ length: sizeOf(dims) }, () => source.normal()),
  );

/** Values of a state before the first step, drawn as training draws them. */
export const initialValue = (spec: StateSpec, seed: number): Tensor =>
  float64(spec.type.shape, spec.initialise(random(seed).split("initial").split(spec.name)));

/** Feeds for all state of a store; noise is drawn once. */
export function feedsOf(store: Store, seed = 1): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const spec of store.states()) feeds[`state:${spec.name}`] = initialValue(spec, seed);
  for (const [name, { shape, kind, probability = 0.5 }] of store.noises()) {
    const source = random(seed).split("noise").split(name);
    const draw = {
      bernoulli: () => (source.uniform() < probability ? 1 : 0),
      normal: source.normal,
      uniform: source.uniform,
    };
    feeds[`noise:${name}`] = float64(shape, Array.from({ length: sizeOf(shape) }, draw[kind]));
  }
  return feeds;
}

/** Values of variables, in float64. Feeds that the graph does not read are left out. */
export function values(
  outputs: Readonly<Record<string, Var>>,
  feeds: Readonly<Record<string, Tensor>>,
): Record<string, number[]> {
  const graph = { name: "test", outputs };
  const read = inputsOf(graph);
  const used = Object.fromEntries(Object.entries(feeds).filter(([name]) => read.has(name)));
  const fetched = evaluate(graph, used);
  return Object.fromEntries(Object.entries(fetched).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

export const norm = (a: readonly number[]): number => Math.hypot(...chunks(a).map((part) => Math.hypot(...part)));

/** Math.hypot takes its numbers as arguments, and there is a limit to those. */
function chunks(a: readonly number[]): number[][] {
  const parts: number[][] = [[]];
  for (let i = 0; i < a.length; i += 10_000) parts.push(a.slice(i, i + 10_000));
  return parts;
}

/** |a - b| / max(|b|, 1e-3 of the largest norm): true zeros do not count against us (design 7). */
export const relativeError = (a: readonly number[], b: readonly number[], largest: number): number =>
  norm(a.map((value, i) => value - (b[i] ?? Number.NaN))) / Math.max(norm(b), 1e-3 * largest, Number.MIN_VALUE);
