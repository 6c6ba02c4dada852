/** Losses, optimisers and batch normalisation against PyTorch's, and the golden files against their makers. */
import { describe, expect, it } from "vitest";
import { domainLoss, labelLoss } from "../../src/dann/energy.ts";
import { huberLoss } from "../../src/dann/huber-loss.ts";
import { labelPredictor } from "../../src/dann/label-predictor.ts";
import { squaredLoss } from "../../src/dann/squared-loss.ts";
import { gradients } from "../../src/graph/gradients.ts";
import { mul, reduceSum } from "../../src/graph/index.ts";
import { input, type Var } from "../../src/graph/node.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { type BatchNormRegime, batchNorm } from "../../src/nn/batch-norm.ts";
import { createStore } from "../../src/nn/scope.ts";
import { makeOptimizer, optimizerConfig } from "../../src/optim/config.ts";
import { clipByGlobalNorm } from "../../src/optim/optimizer.ts";
import { float64, int64, norm, relativeError, values } from "../support/learning.ts";
import { draw, goldenFiles, makerHash, readGolden } from "./golden.ts";

const float = (name: string, shape: readonly number[]): Var => input(name, { dtype: "float32", shape });

/** Constants of a graph are float32, PyTorch's here float64: more than their rounding is an error. */
const close = (ours: readonly number[] | undefined, golden: readonly number[]): void => {
  expect(ours?.length).toBe(golden.length);
  expect(relativeError(ours ?? [], golden, norm(golden))).toBeLessThan(1e-6);
};

describe("golden files", () => {
  it.each(goldenFiles())("%s was made by the maker as it is now", (name) => {
    const { maker, sha256, versions, seed, date } = readGolden(name);
    expect(sha256).toBe(makerHash(maker));
    expect(versions.torch).toMatch(/^\d/);
    expect(seed).not.toBe("");
    expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });
});

describe("losses", () => {
  interface Losses {
    labels: { smoothing: number; y: number[]; loss: number; gradient: number[] }[];
    domains: {
      reading: "sum" | "half";
      smoothing: number;
      loss: number;
      sourceGradient: number[];
      targetGradient: number[];
    }[];
    squared: { loss: number; gradient: number[] };
    huber: { delta: number; loss: number; gradient: number[] }[];
    binary: { y: number[]; loss: number; gradient: number[] };
  }
  const golden = readGolden<Losses>("losses.json");

  it.each(golden.labels)("label loss, smoothing $smoothing", ({ smoothing, y, loss, gradient }) => {
    const logits = float("z", [5, 4]);
    const ours = labelLoss(logits, input("y", { dtype: "int64", shape: [5] }), { smoothing });
    const [slope] = gradients(ours, [logits]);
    if (slope === undefined) throw new Error("no gradient");
    const found = values({ ours, slope }, { z: draw("class logits", [5, 4], 3), y: int64(y) });
    close(found.ours, [loss]);
    close(found.slope, gradient);
  });

  it("squared error of one output a row", () => {
    const outputs = float("z", [5, 1]);
    const ours = squaredLoss(outputs, float("y", [5]));
    const [slope] = gradients(ours, [outputs]);
    if (slope === undefined) throw new Error("no gradient");
    const found = values({ ours, slope }, { z: draw("outputs", [5, 1], 3), y: draw("numbers", [5], 2) });
    close(found.ours, [golden.squared.loss]);
    close(found.slope, golden.squared.gradient);
  });

  it.each(golden.huber)("Huber's loss, delta $delta", ({ delta, loss, gradient }) => {
    const outputs = float("z", [5, 1]);
    const ours = huberLoss(outputs, float("y", [5]), delta);
    const [slope] = gradients(ours, [outputs]);
    if (slope === undefined) throw new Error("no gradient");
    const feeds = { z: draw("outputs", [5, 1], 3), y: draw("numbers", [5], 2) };
    const found = values({ ours, slope }, feeds);
    close(found.ours, [loss]);
    close(found.slope, gradient);
    // Rows on both sides of delta: each case of the formula is there, but for the widest.
    const pulls = (found.slope ?? []).map((value) => Math.abs(5 * value));
    expect(Math.max(...pulls)).toBeCloseTo(delta, 6);
    expect(Math.min(...pulls)).toBeLessThan(delta);
  });

  it("one logit of a binary head has the sigmoid's cross-entropy", () => {
    const { y, loss, gradient } = golden.binary;
    // What the head makes of its one logit: the network of weight 1 and no bias.
    const store = createStore();
    const scope = store.scope({ kind: "training", segments: [{ domain: "source", rows: 6 }] });
    const logit = float("z", [6, 1]);
    const logits = labelPredictor(2, { task: "binary" }).apply(logit, scope);
    const ours = labelLoss(logits, input("y", { dtype: "int64", shape: [6] }));
    const [slope] = gradients(ours, [logit]);
    if (slope === undefined) throw new Error("no gradient");
    const weights = Object.fromEntries(
      store
        .states()
        .map(({ name, type }) => [
          `state:${name}`,
          float64(type.shape as readonly number[], [name.endsWith("weight") ? 1 : 0]),
        ]),
    );
    expect(Object.keys(weights).sort()).toEqual(["state:logit/bias", "state:logit/weight"]);
    const found = values({ ours, slope }, { z: draw("logit", [6, 1], 5), y: int64(y), ...weights });
    close(found.ours, [loss]);
    close(found.slope, gradient);
  });

  it.each(golden.domains)("domain loss, $reading, smoothing $smoothing", (each) => {
    const [sourceLogits, targetLogits] = [float("s", [5, 1]), float("t", [3, 1])];
    const ours = domainLoss({ sourceLogits, targetLogits }, { reading: each.reading, labelSmoothing: each.smoothing });
    const [ds, dt] = gradients(ours, [sourceLogits, targetLogits]);
    if (ds === undefined || dt === undefined) throw new Error("no gradient");
    const feeds = { s: draw("source logits", [5, 1], 4), t: draw("target logits", [3, 1], 4) };
    const found = values({ ours, ds, dt }, feeds);
    close(found.ours, [each.loss]);
    close(found.ds, each.sourceGradient);
    close(found.dt, each.targetGradient);
  });
});

describe("optimisers", () => {
  interface Optimizers {
    shape: number[];
    rates: number[];
    cases: { title: string; config: unknown; after: number[][] }[];
    clipped: { maxNorm: number; gradients: number[][] }[];
    restricted: { shape: number[]; maxNorm: number; after: number[] }[];
  }
  const golden = readGolden<Optimizers>("optimizers.json");
  const { shape, rates } = golden;

  it.each(golden.cases)("$title", ({ config, after }) => {
    const optimizer = makeOptimizer(optimizerConfig.parse(config));
    const slots = Object.fromEntries(optimizer.slots.map(({ name }) => [name, float(name, shape)]));
    const scalars = { rate: float("rate", []), step: float("step", []) };
    const next = optimizer.update({
      value: float("w", shape),
      gradient: float("g", shape),
      slots,
      ...scalars,
      decay: true,
    });
    let state: Record<string, Tensor> = { w: draw("weight", shape, 0.5) };
    for (const { name, initial } of optimizer.slots) state[name] = float64(shape, Array(6).fill(initial));
    after.forEach((expected, t) => {
      const feeds = { g: draw(`gradient ${t}`, shape), rate: float64([], [rates[t] ?? 0]), step: float64([], [t + 1]) };
      const found = values({ w: next.value, ...next.slots }, { ...state, ...feeds });
      close(found.w, expected);
      state = Object.fromEntries(Object.entries(found).map(([name, data]) => [name, float64(shape, data)]));
    });
  });

  it.each(golden.clipped)("clipping to $maxNorm", ({ maxNorm, gradients: expected }) => {
    const [a, b] = clipByGlobalNorm([float("a", [2, 3]), float("b", [4])], maxNorm);
    if (a === undefined || b === undefined) throw new Error("no gradient");
    const found = values({ a, b }, { a: draw("clip a", [2, 3]), b: draw("clip b", [4]) });
    close(found.a, expected[0] ?? []);
    close(found.b, expected[1] ?? []);
  });

  it.each(golden.restricted)("max-norm of $shape", ({ shape: dims, maxNorm, after }) => {
    // With a rate of zero only the restriction is left.
    const optimizer = makeOptimizer(optimizerConfig.parse({ name: "sgd", momentum: 0, maxNorm }));
    const restricted = (decay: boolean) => {
      const w = float("w", dims);
      const { value } = optimizer.update({ value: w, gradient: w, slots: {}, rate: float("rate", []), step: w, decay });
      return values({ value }, { w: draw("max-norm", dims), rate: float64([], [0]) }).value;
    };
    close(restricted(true), after);
    close(restricted(false), [...draw("max-norm", dims).data].map(Number));
  });
});

describe("batch normalisation", () => {
  interface Case {
    regime: BatchNormRegime;
    rows: [number, number];
    tail: number[];
    y: number[];
    dx: number[];
    affine: Record<string, number[]>;
    running: Record<string, number[]>;
    evaluated: Record<"source" | "target", number[]>;
  }
  const golden = readGolden<{ epsilon: number; momentum: number; cases: Case[] }>("batch-norm.json");

  it.each(golden.cases)("$regime, rows $rows, $tail", (each) => {
    const [source, target] = each.rows;
    const shape = [source + target, ...each.tail];
    const { epsilon, momentum } = golden;
    const layer = batchNorm({ regime: each.regime, epsilon, momentum });
    const store = createStore();
    const x = float("x", shape);
    const segments = [
      { domain: "source", rows: source },
      { domain: "target", rows: target },
    ] as const;
    const y = layer.apply(x, store.scope({ kind: "training", segments }));
    const trained = store.states().filter(({ kind }) => kind === "parameter");
    const loss = reduceSum(mul(y, float("weights", shape)));
    const slopes = gradients(loss, [x, ...trained.map(({ name }) => store.variable(name))]);
    const outputs: Record<string, Var> = { y };
    ["dx", ...trained.map(({ name }) => name)].forEach((name, i) => {
      const slope = slopes[i];
      if (slope !== undefined) outputs[name] = slope;
    });
    for (const [name, value] of store.statisticUpdates()) outputs[name] = value;
    for (const domain of ["source", "target"] as const)
      outputs[`evaluated ${domain}`] = layer.apply(x, store.scope({ kind: "inference", domain }));

    const feeds: Record<string, Tensor> = { x: draw("x", shape, 2, 0.5), weights: draw("weights of y", shape) };
    for (const { name, type } of store.states()) {
      // The makers' names have a blank where a path ends: "source/ scale".
      const [place, leaf] = [name.slice(0, name.lastIndexOf("/") + 1), name.slice(name.lastIndexOf("/") + 1)];
      const drawn = {
        scale: () => draw(`${place} scale`, type.shape, 0.5, 1),
        shift: () => draw(`${place} shift`, type.shape, 0.5),
        mean: () => draw(`${place}mean`, type.shape),
        variance: () => draw(`${place}variance`, type.shape, 0.5, 1),
      }[leaf];
      if (drawn !== undefined) feeds[`state:${name}`] = drawn();
    }
    const found = values(outputs, feeds);
    close(found.y, each.y);
    close(found.dx, each.dx);
    expect(trained.map(({ name }) => name).sort()).toEqual(Object.keys(each.affine).sort());
    for (const [name, slope] of Object.entries(each.affine)) close(found[name], slope);
    for (const [name, value] of Object.entries(each.running)) close(found[name], value);
    close(found["evaluated source"], each.evaluated.source);
    close(found["evaluated target"], each.evaluated.target);
  });
});
