/**
 * Whole DANN steps, forward, backward and update, against PyTorch's: the loss and the change of every parameter over
 * three steps. The change, not the value: a step moves a weight by a thousandth, and a wrong one would hide in the
 * weight's own size.
 */
import { describe, expect, it } from "vitest";
import { openBackend } from "#runtime";
import { makeNetwork, type NetworkOptions } from "../../src/dann/networks/registry.ts";
import { gradients } from "../../src/graph/gradients.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { input, type Var } from "../../src/graph/node.ts";
import { optimise } from "../../src/graph/passes.ts";
import { sizeOf, type Tensor } from "../../src/graph/tensor.ts";
import { makeMethod } from "../../src/methods/make.ts";
import type { StateSpec } from "../../src/nn/layer.ts";
import { createStore } from "../../src/nn/scope.ts";
import { makeOptimizer, optimizerConfig } from "../../src/optim/config.ts";
import type { Optimizer } from "../../src/optim/optimizer.ts";
import type { Backend } from "../../src/runtime/backend.ts";
import { referenceBackend } from "../../src/runtime/reference.ts";
import { float64, int64, relativeError } from "../support/learning.ts";
import { draw, projections, readGolden, unpack } from "./golden.ts";

interface Step {
  loss: number;
  labelLoss: number;
  domainLoss: number;
  norms: Record<string, number>;
  change?: Record<string, number[]>;
  running?: Record<string, number[]>;
  projections?: Record<string, number[]>;
  packed?: Record<string, string>;
}

interface Case {
  title: string;
  network: string;
  options: NetworkOptions;
  optimizer: unknown;
  classes: number;
  shape: number[];
  rows: [number, number];
  labels: number[];
  reading: "sum" | "half";
  els: number;
  smoothing: number;
  weight: number;
  lambdas: number[];
  rates: number[];
  parameters: Record<string, { shape: number[]; bound: number; offset: number }>;
  steps: Step[];
}

const { cases } = readGolden<{ cases: Case[] }>("dann-steps.json");

/** The step as one graph; `next:<name>` for each state it changes. */
function stepOf(each: Case): { graph: Graph; states: readonly StateSpec[]; optimizer: Optimizer } {
  const [source, target] = each.rows;
  const request = { inputShape: each.shape, classes: each.classes, rows: { source, target } };
  const store = createStore();
  const segments = [
    { domain: "source", rows: source },
    { domain: "target", rows: target },
  ] as const;
  const float = (name: string, shape: readonly number[]): Var => input(name, { dtype: "float32", shape });
  const method = makeMethod({
    name: "dann",
    domainLoss: each.reading,
    domainWeight: each.weight,
    domainLabelSmoothing: each.els,
    labelSmoothing: each.smoothing,
  });
  const { loss, terms } = method.objective({
    scope: store.scope({ kind: "training", segments }),
    network: makeNetwork(each.network, request, each.options),
    source: {
      domain: "source",
      x: float("source/x", [source, ...each.shape]),
      y: input("source/y", { dtype: "int64", shape: [source] }),
    },
    target: { domain: "target", x: float("target/x", [target, ...each.shape]) },
    lambda: float("lambda", []),
  });
  const optimizer = makeOptimizer(optimizerConfig.parse(each.optimizer));
  const trained = store.states().filter(({ kind }) => kind === "parameter");
  const variables = trained.map(({ name }) => store.variable(name));
  const outputs: Record<string, Var> = { loss, ...terms };
  const [rate, step] = [float("rate", []), float("step", [])];
  gradients(loss, variables, { unreached: "error" }).forEach((gradient, i) => {
    const [spec, value] = [trained[i], variables[i]];
    if (spec === undefined || value === undefined) return;
    const slots = Object.fromEntries(
      optimizer.slots.map((slot) => [slot.name, float(`state:${slot.name}/${spec.name}`, spec.type.shape)]),
    );
    const next = optimizer.update({ value, gradient, slots, rate, step, decay: spec.decay });
    outputs[`next:${spec.name}`] = next.value;
    for (const [slot, after] of Object.entries(next.slots)) outputs[`next:${slot}/${spec.name}`] = after;
  });
  for (const [name, value] of store.statisticUpdates()) outputs[`next:${name}`] = value;
  return { graph: optimise({ name: "golden", outputs }), states: store.states(), optimizer };
}

async function check(each: Case, backend: Backend, steps: number, tolerance: number): Promise<void> {
  const { graph, states, optimizer } = stepOf(each);
  // Running statistics are read by their own update alone, so the graph has them as inputs like parameters.
  const initial: Record<string, Tensor> = {};
  let state: Record<string, Tensor> = {};
  for (const { name, kind, type } of states) {
    if (kind === "statistic") {
      state[name] = float64(type.shape, Array(sizeOf(type.shape)).fill(name.endsWith("variance") ? 1 : 0));
      continue;
    }
    const golden = each.parameters[name];
    expect(type.shape, name).toEqual(golden?.shape);
    initial[name] = draw(`${each.title}/${name}`, type.shape, golden?.bound, golden?.offset);
    state[name] = initial[name];
    for (const slot of optimizer.slots)
      state[`${slot.name}/${name}`] = float64(type.shape, Array(sizeOf(type.shape)).fill(0));
  }
  expect(Object.keys(initial).sort()).toEqual(Object.keys(each.parameters).sort());

  const asFed = (tensor: Tensor): Tensor =>
    backend.device !== "reference" && tensor.dtype === "float64"
      ? { dtype: "float32", dims: tensor.dims, data: Float32Array.from(tensor.data) }
      : tensor;
  const executable = await backend.compile(graph);
  for (const [t, golden] of each.steps.slice(0, steps).entries()) {
    const feeds: Record<string, Tensor> = {
      "source/x": draw(`source ${t}`, [each.rows[0], ...each.shape], 0.5),
      "source/y": int64(each.labels),
      "target/x": draw(`target ${t}`, [each.rows[1], ...each.shape], 0.5, 0.2),
      lambda: float64([], [each.lambdas[t] ?? 0]),
      rate: float64([], [each.rates[t] ?? 0]),
      step: float64([], [t + 1]),
    };
    if (optimizer.name === "sgd") delete feeds.step;
    for (const [name, tensor] of Object.entries(state)) feeds[`state:${name}`] = tensor;
    const fetched = await executable.run(Object.fromEntries(Object.entries(feeds).map(([k, v]) => [k, asFed(v)])));
    const numbers = (name: string): number[] => Array.from(fetched[name]?.data ?? [], Number);
    for (const term of ["loss", "labelLoss", "domainLoss"] as const)
      expect(Math.abs((numbers(term)[0] ?? Number.NaN) / golden[term] - 1), `${term} of step ${t}`).toBeLessThan(
        tolerance,
      );
    const largest = Math.max(...Object.values(golden.norms));
    for (const name of Object.keys(initial)) {
      const change = numbers(`next:${name}`).map((value, i) => value - Number(initial[name]?.data[i]));
      expect(errorOf(golden, name, change, largest), `${name}, step ${t}`).toBeLessThan(tolerance);
    }
    for (const [name, value] of Object.entries(golden.running ?? {}))
      expect(relativeError(numbers(`next:${name}`), value, 1), `${name}, step ${t}`).toBeLessThan(tolerance);
    state = Object.fromEntries(
      Object.keys(state).map((name) => [name, float64(state[name]?.dims ?? [], numbers(`next:${name}`))]),
    );
  }
  await executable.dispose();
}

/** Relative error of a parameter's change, from all its values or from their projections. */
function errorOf(golden: Step, name: string, change: readonly number[], largest: number): number {
  const [whole, packed, projected] = [golden.change?.[name], golden.packed?.[name], golden.projections?.[name]];
  if (whole !== undefined) return relativeError(change, whole, largest);
  if (packed !== undefined) return relativeError(change, unpack(packed), largest);
  if (projected === undefined) throw new Error(`no golden numbers for ${name}`);
  const ours = projections(name, change, projected.length);
  const squares = ours.reduce((sum, value, i) => sum + (value - (projected[i] ?? Number.NaN)) ** 2, 0);
  return Math.sqrt(squares / projected.length) / Math.max(golden.norms[name] ?? 0, 1e-3 * largest);
}

describe("DANN steps against PyTorch", () => {
  for (const each of cases) {
    // The interpreter takes seconds for a step of the large network: one is enough, the engines do all three.
    const steps = each.network === "mnist" ? 1 : 3;
    it(`reference, ${steps} steps: ${each.title}`, () => check(each, referenceBackend(), steps, 1e-6));
    it.each(["cpu", "wasm"] as const)(`%s, 3 steps: ${each.title}`, async (device) =>
      check(each, await openBackend(device), 3, 1e-4),
    );
  }

  it("a factor of two in lambda is noticed", async () => {
    const [, small] = cases;
    if (small === undefined) throw new Error("no case");
    const doubled = { ...small, lambdas: small.lambdas.map((lambda) => 2 * lambda) };
    await expect(check(doubled, referenceBackend(), 3, 1e-4)).rejects.toThrow("featureExtractor");
  });
});
