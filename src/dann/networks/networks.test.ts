import { describe, expect, it } from "vitest";
import { feedsOf, norm, normals, values } from "../../../test/support/learning.ts";
import { input, type Var } from "../../graph/node.ts";
import { sizeOf } from "../../graph/tensor.ts";
import { makeMethod } from "../../methods/make.ts";
import type { StateSpec } from "../../nn/layer.ts";
import { createStore, type Store } from "../../nn/scope.ts";
import { random } from "../../random.ts";
import { classify } from "../classify.ts";
import { type BuiltNetwork, makeNetwork, type NetworkOptions, networkNames } from "./registry.ts";

const rows = { source: 4, target: 4 };

/** A network after DANN was built on it: its state, its features' width, its domain logits' shape. */
function built(name: string, inputShape: readonly number[], options: NetworkOptions = {}, classes = 10) {
  const network = makeNetwork(name, { inputShape, classes, rows }, options);
  const store = createStore();
  const segments = [
    { domain: "source", rows: 4 },
    { domain: "target", rows: 4 },
  ] as const;
  const x = (domain: string): Var => input(`${domain}/x`, { dtype: "float32", shape: [4, ...inputShape] });
  const config = {
    name: "dann",
    domainLoss: "sum",
    domainWeight: 1,
    domainLabelSmoothing: 0,
    labelSmoothing: 0,
  } as const;
  makeMethod(config).objective({
    network,
    scope: store.scope({ kind: "training", segments }),
    source: { domain: "source", x: x("source"), y: input("y", { dtype: "int64", shape: [4] }) },
    target: { domain: "target", x: x("target") },
    lambda: input("lambda", { dtype: "float32", shape: [] }),
  });
  return { network, store, features: featuresOf(network, inputShape), count: countsOf(store.states()) };
}

function featuresOf(network: BuiltNetwork, inputShape: readonly number[]): unknown {
  const x = input("x", { dtype: "float32", shape: ["N", ...inputShape] });
  return classify(network, x, createStore().scope({ kind: "inference", domain: "target" })).features.type.shape[1];
}

function countsOf(states: readonly StateSpec[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name, kind, type } of states) {
    if (kind !== "parameter") continue;
    const part = name.split("/")[0] ?? "";
    counts[part] = (counts[part] ?? 0) + sizeOf(type.shape);
  }
  return counts;
}

const names = (store: Store): string[] => store.states().map(({ name }) => name);

describe("the paper's networks", () => {
  it("mnist: 768 features of 28x28, 1200 of 32x32", () => {
    const { features, count } = built("mnist", [3, 28, 28]);
    expect(features).toBe(768);
    expect(count).toEqual({
      featureExtractor: 3 * 25 * 32 + 32 + 32 * 25 * 48 + 48,
      labelPredictor: 768 * 100 + 100 + 100 * 100 + 100 + 100 * 10 + 10,
      domainClassifier: 768 * 100 + 100 + 100 + 1,
    });
    expect(built("mnist", [3, 32, 32]).features).toBe(1200);
  });

  it("svhn: 8192 features of 32x32, 25.5 M parameters up to fc 3072", () => {
    const { features, count, store } = built("svhn", [3, 32, 32]);
    expect(features).toBe(8192);
    expect(count.featureExtractor).toBe(3 * 25 * 64 + 64 + 64 * 25 * 64 + 64 + 64 * 25 * 128 + 128);
    expect(count.labelPredictor).toBe(8192 * 3072 + 3072 + 3072 * 2048 + 2048 + 2048 * 10 + 10);
    expect(count.domainClassifier).toBe(8192 * 1024 + 1024 + 1024 * 1024 + 1024 + 1024 + 1);
    expect([...store.noises().values()].map(({ probability }) => probability)).toEqual([
      0.9, 0.75, 0.75, 0.5, 0.5, 0.5,
    ]);
    expect(built("svhn", [3, 32, 32], { dropout: 0 }).store.noises().size).toBe(0);
  });

  it("gtsrb: 1024 features of 40x40, 43 classes", () => {
    const { features, count } = built("gtsrb", [3, 40, 40], {}, 43);
    expect(features).toBe(1024);
    expect(count.featureExtractor).toBe(3 * 25 * 96 + 96 + 96 * 9 * 144 + 144 + 144 * 25 * 256 + 256);
    expect(count.labelPredictor).toBe(1024 * 512 + 512 + 512 * 43 + 43);
  });

  it("shallow: one sigmoid layer and two logistic heads", () => {
    const { count, network } = built("shallow", [30], { hidden: [15] }, 2);
    expect(count).toEqual({ featureExtractor: 30 * 15 + 15, labelPredictor: 15 * 2 + 2, domainClassifier: 16 });
    expect(network.description).toBe("G_f: fc 15, sigmoid\nG_y: fc 2\nG_d: fc 1");
  });
});

describe("options", () => {
  const shape = [1, 16, 16];

  it("hidden, domainHidden, activation and dropout", () => {
    const { network } = built("mnist", shape, { hidden: [7], domainHidden: [5, 6], activation: "tanh", dropout: 0.3 });
    expect(network.description.split("\n")).toEqual([
      "G_f: conv 5 x 32, max-pool 2/2, tanh, conv 5 x 48, max-pool 2/2, tanh, flatten",
      "G_y: fc 7, tanh, dropout 0.3, fc 10",
      "G_d: fc 5, relu, fc 6, relu, fc 1",
    ]);
  });

  it("batch norm stands in G_f and G_y, never in G_d, and takes the biases' place", () => {
    const { store } = built("mnist", shape, { hidden: [7], batchNorm: "perDomain" });
    const of = (part: string) => names(store).filter((name) => name.startsWith(part) && name.includes("norm"));
    expect(of("featureExtractor")).toHaveLength(2 * 2 * 4);
    expect(of("labelPredictor")).toHaveLength(2 * 4);
    expect(of("domainClassifier")).toHaveLength(0);
    expect(names(store)).not.toContain("featureExtractor/conv1/bias");
    expect(names(store)).not.toContain("labelPredictor/fc1/bias");
    expect(names(store)).toContain("labelPredictor/logits/bias");
  });

  it("batch norm auto: by domain, and none on wide rows", () => {
    const of = (width: number): string => built("mlp", [width], { batchNorm: "auto" }).network.description;
    expect(of(1000)).toContain("batch norm perDomain");
    expect(of(1001)).not.toContain("batch norm");
    expect(built("mnist", shape, { batchNorm: "auto" }).network.description).toContain("batch norm perDomain");
  });

  it("the last hidden layer and its batch norm go to G_f with the reversal", () => {
    const { store, features, network } = built("mnist", shape, {
      hidden: [9, 7],
      batchNorm: "perDomain",
      reversalAt: "last-hidden",
    });
    expect(features).toBe(7);
    expect(names(store)).toContain("featureExtractor/fc2/weight");
    expect(names(store)).toContain("featureExtractor/norm4/target/scale");
    expect(network.labelPredictor.description).toBe("fc 10");
    expect(network.labelPredictor.mixesRows).toBe(false);
    const of = (options: NetworkOptions): string => built("signal", [2, 16], options).network.description;
    expect(of({ reversalAt: "last-hidden" })).toBe(of({}));
  });

  it("filters set the stages of compact and signal", () => {
    expect(built("compact", [3, 8, 8], { filters: [4, 6] }).features).toBe(6);
    expect(built("signal", [2, 16], { filters: [5] }).features).toBe(5);
    expect(() => makeNetwork("mnist", { inputShape: shape, classes: 2, rows }, { filters: [4] })).toThrow(
      "got filters",
    );
    const auto = () => makeNetwork("auto", { inputShape: [28], classes: 2, rows }, { filters: [4] });
    expect(auto).toThrow("auto (here mlp)");
  });

  it("initialiser decides how weights and biases start", () => {
    const start = (initialiser: NonNullable<NetworkOptions["initialiser"]>, name: string) => {
      const { store } = built("mlp", [50], { initialiser, hidden: [40] });
      return Array.from(feedsOf(store)[`state:${name}`]?.data ?? [], Number);
    };
    const weight = "featureExtractor/fc1/weight";
    expect(Math.max(...start("glorotUniform", weight))).toBeCloseTo(Math.sqrt(6 / 90), 2);
    expect(Math.max(...start("torchUniform", weight))).toBeCloseTo(Math.sqrt(1 / 50), 2);
    expect(norm(start("heNormal", weight)) / Math.sqrt(2000)).toBeCloseTo(Math.sqrt(2 / 50), 1);
    expect(norm(start("glorotUniform", "featureExtractor/fc1/bias"))).toBe(0);
    expect(norm(start("torchUniform", "featureExtractor/fc1/bias"))).toBeGreaterThan(0);
  });

  it("domainHidden auto goes by the number of rows", () => {
    const head = (source: number) =>
      makeNetwork("mlp", { inputShape: [5], classes: 2, rows: { source, target: 2000 } }, { domainHidden: "auto" })
        .domainClassifier.description;
    expect(head(2000)).toContain("fc 64");
    expect(head(60_000)).toContain("fc 128");
  });

  it("what does not fit is refused with what was expected", () => {
    const make =
      (name: string, inputShape: number[], options: NetworkOptions = {}, classes = 2) =>
      () =>
        makeNetwork(name, { inputShape, classes, rows }, options);
    expect(make("mnsit", [28])).toThrow("expected one of auto, mlp");
    expect(make("mnist", [28])).toThrow("expected images [C,H,W], got [28]");
    expect(make("mnist", [1, 12, 28])).toThrow("at least 16");
    expect(make("gtsrb", [3, 28, 28])).toThrow("at least 32");
    expect(make("signal", [2, 4])).toThrow("at least 8");
    expect(make("mlp", [3, 28, 28])).toThrow("expected rows of features");
    expect(make("mlp", [4], { hidden: [] })).toThrow("at least one hidden layer");
    expect(make("mlp", [4], { hidden: [4, -1] })).toThrow(/^network mlp: hidden\.1: /);
    expect(make("mlp", [4], { labelHidden: [4] } as object)).toThrow(/^network mlp: Unrecognized key: "labelHidden"$/);
    expect(make("shallow", [4], { hidden: [4, 4] })).toThrow("one hidden layer");
    expect(make("mlp", [4], {}, 1)).toThrow("at least 2 classes");
    expect(make("mlp", [4], { dropout: 1 })).toThrow("dropout");
    expect(make("mlp", [4], { hidden: [0] })).toThrow("hidden");
    expect(make("compact", [3, 8, 8], { filters: [] })).toThrow("at least one stage");
  });
});

describe("auto", () => {
  const pick = (inputShape: number[], options: NetworkOptions = {}) =>
    makeNetwork("auto", { inputShape, classes: 2, rows }, options);

  it.each([
    [[2], "mlp", "few"],
    [[100], "mlp", "100 features"],
    [[5000], "mlp", "many"],
    [[3, 128], "signal", "128 points"],
    [[3, 28, 28], "mnist", "28x28"],
    [[1, 16, 16], "mnist", "16x16"],
    [[1, 8, 8], "compact", "8x8"],
    [[3, 32, 32], "compact", "32x32"],
  ])("%j: %s", (inputShape, name, why) => {
    const network = pick(inputShape);
    expect(network.name).toBe(name);
    expect(network.why).toContain(why);
  });

  it("options that are given win over its choices", () => {
    expect(pick([2]).description).toContain("tanh");
    expect(pick([2], { activation: "relu", hidden: undefined }).description).toContain("G_f: fc 64, relu, fc 64, relu");
    expect(pick([2]).why).not.toBe("asked for");
    expect(makeNetwork("mlp", { inputShape: [2], classes: 2, rows }).why).toBe("asked for");
  });

  it("refuses what has no shape of ours", () => {
    expect(() => pick([1, 2, 3, 4])).toThrow("expected rows [D]");
  });
});

describe("every network", () => {
  const shapes: Readonly<Record<string, number[]>> = {
    auto: [6],
    mlp: [6],
    shallow: [6],
    mnist: [1, 16, 16],
    compact: [1, 8, 8],
    signal: [2, 16],
  };

  it.each(networkNames.filter((name) => name in shapes))("%s: training and inference share parameters", (name) => {
    const inputShape = shapes[name] ?? [];
    const { network, store } = built(name, inputShape, { batchNorm: "perDomain" }, 3);
    const x = input("x", { dtype: "float32", shape: ["N", ...inputShape] });
    const fresh = createStore();
    const { logits } = classify(network, x, fresh.scope({ kind: "inference", domain: "target" }));
    const known = new Set(names(store));
    expect(fresh.states().filter((spec) => !known.has(spec.name))).toEqual([]);
    const found = values({ logits }, { ...feedsOf(fresh), x: normals([5, ...inputShape], random(1)) });
    expect(found.logits).toHaveLength(15);
    expect(found.logits?.every(Number.isFinite)).toBe(true);
    expect(network.description.split("\n")).toHaveLength(3);
  });
});
