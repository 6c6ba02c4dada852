import { describe, expect, it } from "vitest";
import { feedsOf, float64, norm, normals, values } from "../../test/support/learning.ts";
import { input, type Var } from "../graph/node.ts";
import type { Shape, Tensor } from "../graph/tensor.ts";
import { random } from "../random.ts";
import { activation, activationNames } from "./activations.ts";
import { type BatchNormRegime, batchNorm } from "./batch-norm.ts";
import { conv } from "./conv.ts";
import { dropout } from "./dropout.ts";
import { fansOf, initialisation, initialiserNames } from "./initialisers.ts";
import type { Layer, Mode } from "./layer.ts";
import { linear } from "./linear.ts";
import { instanceNorm, layerNorm } from "./normalisation.ts";
import { averagePooling, flatten, globalAveragePooling, maxPooling } from "./pooling.ts";
import { createStore } from "./scope.ts";
import { residual, sequential } from "./sequential.ts";

const training = (rows: number): Mode => ({ kind: "training", segments: [{ domain: "source", rows }] });
const inference: Mode = { kind: "inference", domain: "source" };
const float = (shape: Shape): Var => input("x", { dtype: "float32", shape });

/** What a layer makes of x, its shape, and its store. */
function applied(layer: Layer, x: Tensor, mode: Mode = inference, feeds: Record<string, Tensor> = {}) {
  const store = createStore();
  const y = layer.apply(float(x.dims), store.scope(mode));
  return { y: values({ y }, { ...feedsOf(store), ...feeds, x }).y ?? [], shape: y.type.shape, store };
}

const x23 = float64([2, 3], [1, 2, 3, 4, 5, 6]);

describe("linear", () => {
  it("is x W + b, W [in, units]", () => {
    const feeds = { "state:weight": float64([3, 2], [1, 0, 0, 1, 1, 1]), "state:bias": float64([2], [10, 20]) };
    expect(applied(linear(2), x23, inference, feeds).y).toEqual([14, 25, 20, 31]);
    const { y, store } = applied(linear(2, { bias: false }), x23, inference, feeds);
    expect(y).toEqual([4, 5, 10, 11]);
    expect(store.states().map(({ name }) => name)).toEqual(["weight"]);
  });

  it("acts on the last axis of higher ranks, and exempts its bias from weight decay", () => {
    const { shape, store } = applied(linear(4), normals([2, 5, 3], random(1)));
    expect(shape).toEqual([2, 5, 4]);
    expect(store.states().map(({ decay }) => decay)).toEqual([true, false]);
    expect(() => linear(2).apply(float([3]), store.scope(inference))).toThrow("expected rows");
  });
});

describe("conv", () => {
  it("has the sizes that stride, padding and dilation make, over time and space", () => {
    const shape = (layer: Layer, dims: number[]) => applied(layer, normals(dims, random(1))).shape;
    expect(shape(conv(4, 5), [2, 3, 9, 9])).toEqual([2, 4, 5, 5]);
    expect(shape(conv(4, 3, { padding: 1, stride: 2 }), [2, 3, 9, 9])).toEqual([2, 4, 5, 5]);
    expect(shape(conv(4, 3, { dilation: 2 }), [2, 3, 9])).toEqual([2, 4, 5]);
    expect(shape(conv(6, 3, { groups: 3, bias: false }), [2, 3, 9])).toEqual([2, 6, 7]);
  });

  it("is a cross-correlation plus a bias", () => {
    const feeds = { "state:weight": float64([1, 1, 2], [1, -1]), "state:bias": float64([1], [0.5]) };
    expect(applied(conv(1, 2), float64([1, 1, 3], [5, 3, 2]), inference, feeds).y).toEqual([2.5, 1.5]);
  });

  it("refuses groups that do not divide, and rows of features", () => {
    const scope = createStore().scope(inference);
    expect(() => conv(4, 3, { groups: 3 })).toThrow("divisible by 3 groups");
    expect(() => conv(4, 3, { groups: 2 }).apply(float([1, 3, 9]), scope)).toThrow("divisible by 2 groups");
    expect(() => conv(4, 3).apply(float([2, 3]), scope)).toThrow("signals [N, C, T] or images");
  });

  it("describes itself", () => {
    expect(conv(8, 3, { padding: 1, stride: 2, groups: 2, dilation: 3 }).description).toBe(
      "conv 3 x 8 stride 2 pad 1 dilation 3 groups 2",
    );
  });
});

describe("pooling, activations and flatten", () => {
  const signal = float64([1, 1, 6], [1, 3, 2, 9, 4, 5]);
  it("windows", () => {
    expect(applied(maxPooling(2), signal).y).toEqual([3, 9, 5]);
    expect(applied(maxPooling(3, { stride: 2, padding: 1 }), signal).y).toEqual([3, 9, 9]);
    expect(applied(averagePooling(2), signal).y).toEqual([2, 5.5, 4.5]);
    expect(applied(averagePooling(3, { stride: 3, padding: 1 }), signal).y).toEqual([2, 5]);
    expect(applied(globalAveragePooling(), signal)).toMatchObject({ shape: [1, 1], y: [4] });
    expect(applied(flatten(), normals([2, 3, 4], random(1))).shape).toEqual([2, 12]);
  });

  it("every activation is the function it is named after", () => {
    const at = [-2, -0.5, 0, 0.5, 2];
    const gauss = (v: number) => 0.5 * v * (1 + erf(v / Math.SQRT2));
    const expected: Record<string, (v: number) => number> = {
      relu: (v) => Math.max(v, 0),
      leakyRelu: (v) => (v < 0 ? 0.01 * v : v),
      elu: (v) => (v < 0 ? Math.expm1(v) : v),
      gelu: gauss,
      silu: (v) => v / (1 + Math.exp(-v)),
      hardSwish: (v) => (v * Math.min(Math.max(v + 3, 0), 6)) / 6,
      softplus: (v) => Math.log1p(Math.exp(v)),
      sigmoid: (v) => 1 / (1 + Math.exp(-v)),
      tanh: Math.tanh,
    };
    expect(Object.keys(expected).sort()).toEqual([...activationNames].sort());
    for (const name of activationNames) {
      const { y } = applied(activation(name), float64([1, 5], at));
      y.forEach((value, i) => {
        expect(value, name).toBeCloseTo(expected[name]?.(at[i] ?? 0) ?? Number.NaN, 6);
      });
    }
  });
});

/** Abramowitz and Stegun 7.1.26, to 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

describe("dropout", () => {
  it("keeps the mean in training and does nothing in inference", () => {
    const x = float64([200, 50], Array(10_000).fill(1));
    const { y } = applied(dropout(0.2), x, training(200));
    expect(new Set(y.map((v) => v.toFixed(5)))).toEqual(new Set(["0.00000", "1.25000"]));
    expect(y.reduce((a, b) => a + b) / y.length).toBeCloseTo(1, 1);
    expect(applied(dropout(0.2), x, inference).y).toEqual([...x.data].map(Number));
    expect(applied(dropout(0), x, training(200)).store.noises().size).toBe(0);
    expect(() => dropout(1)).toThrow("[0, 1)");
  });
});

describe("sequential and residual", () => {
  it("numbers names that come again", () => {
    const { store } = applied(sequential("s", [linear(2), activation("relu"), linear(2)]), x23);
    expect(store.states().map(({ name }) => name)).toEqual(["fc/weight", "fc/bias", "fc2/weight", "fc2/bias"]);
  });

  it("adds its input, or a shortcut of it, and refuses to broadcast", () => {
    expect(applied(residual("r", activation("relu")), x23).y).toEqual([2, 4, 6, 8, 10, 12]);
    expect(applied(residual("r", linear(4), { shortcut: linear(4) }), x23).shape).toEqual([2, 4]);
    expect(() => applied(residual("r", linear(1)), x23)).toThrow("float32[2,3]");
  });

  it("mixes rows when a part does", () => {
    const norm = batchNorm({ regime: "joint" });
    expect(sequential("s", [linear(2), norm]).mixesRows).toBe(true);
    expect(residual("r", linear(2), { shortcut: norm }).mixesRows).toBe(true);
    expect(sequential("s", [linear(2)]).mixesRows).toBe(false);
  });
});

describe("normalisation", () => {
  it("layer norm standardises a row, instance norm a channel of a row", () => {
    const standard = [-Math.sqrt(1.5), 0, Math.sqrt(1.5)];
    for (const affine of [true, false]) {
      const rows = applied(layerNorm({ affine, epsilon: 1e-12 }), x23);
      [...standard, ...standard].forEach((value, i) => {
        expect(rows.y[i]).toBeCloseTo(value, 5);
      });
      expect(rows.store.states()).toHaveLength(affine ? 2 : 0);
      const channels = applied(instanceNorm({ affine, epsilon: 1e-12 }), float64([1, 2, 3], [1, 2, 3, 40, 50, 60]));
      [...standard, ...standard].forEach((value, i) => {
        expect(channels.y[i]).toBeCloseTo(value, 5);
      });
      expect(channels.store.states().every(({ decay }) => !decay)).toBe(true);
    }
  });

  it("epsilon bounds what is divided by", () => {
    const flat = float64([1, 1, 3], [1, 1, 1.001]);
    expect(norm(applied(instanceNorm({ epsilon: 1 }), flat).y)).toBeLessThan(1e-2);
    expect(norm(applied(layerNorm({ epsilon: 1 }), float64([1, 3], [1, 1, 1.001])).y)).toBeLessThan(1e-2);
  });
});

describe("batch norm", () => {
  const regimes: BatchNormRegime[] = ["perDomain", "perDomainStats", "joint", "source"];
  it.each(regimes)("%s: a batch of the source alone is normalised by itself", (regime) => {
    const { y } = applied(batchNorm({ regime }), normals([8, 2], random(1)), training(8));
    const column = y.filter((_, i) => i % 2 === 0);
    expect(column.reduce((a, b) => a + b)).toBeCloseTo(0, 9);
    expect(norm(column) ** 2 / 8).toBeCloseTo(1, 3);
  });

  it("a source-only run has no state of the target", () => {
    const { store } = applied(batchNorm({ regime: "perDomain" }), normals([8, 2], random(1)), training(8));
    expect(store.states().map(({ name }) => name)).toEqual([
      "source/mean",
      "source/variance",
      "source/scale",
      "source/shift",
    ]);
  });

  it("adjoining segments of one domain have one set of moments", () => {
    const x = normals([9, 2], random(1));
    const segments = (sizes: ["source" | "target", number][]): Mode => ({
      kind: "training",
      segments: sizes.map(([domain, rows]) => ({ domain, rows })),
    });
    const layer = batchNorm({ regime: "perDomain" });
    const split = applied(
      layer,
      x,
      segments([
        ["source", 3],
        ["target", 2],
        ["target", 4],
      ]),
    );
    const whole = applied(
      layer,
      x,
      segments([
        ["source", 3],
        ["target", 6],
      ]),
    );
    expect(split.y).toEqual(whole.y);
  });

  it("refuses what cannot be normalised", () => {
    const target: Mode = { kind: "training", segments: [{ domain: "target", rows: 4 }] };
    expect(() => applied(batchNorm({ regime: "source" }), normals([4, 2], random(1)), target)).toThrow("source rows");
    expect(() => applied(batchNorm({ regime: "joint" }), normals([1, 2], random(1)), training(1))).toThrow(
      "more than one",
    );
    expect(() => applied(batchNorm({ regime: "joint" }), normals([3, 2], random(1)), training(4))).toThrow("4 rows");
    expect(() => batchNorm({ regime: "joint", momentum: 0 })).toThrow("momentum");
  });
});

describe("initialisers", () => {
  it("count fans on our layouts", () => {
    expect(fansOf([30, 20])).toEqual({ fanIn: 30, fanOut: 20 });
    expect(fansOf([20, 3, 5, 5])).toEqual({ fanIn: 75, fanOut: 500 });
    expect(() => fansOf([3])).toThrow("rank 2");
  });

  it.each(initialiserNames)("%s has its paper's variance", (name) => {
    const dims = [80, 120];
    const [fanIn, fanOut] = [80, 120];
    const variance = {
      glorotUniform: 2 / (fanIn + fanOut),
      glorotNormal: 2 / (fanIn + fanOut),
      heUniform: 2 / fanIn,
      heNormal: 2 / fanIn,
      leCunUniform: 1 / fanIn,
      leCunNormal: 1 / fanIn,
      torchUniform: 1 / (3 * fanIn),
    }[name];
    const drawn = [...initialisation(name).weight(dims, random(3))];
    expect((norm(drawn) ** 2 / drawn.length / variance).toFixed(1)).toBe("1.0");
    if (name.endsWith("Uniform")) expect(Math.max(...drawn.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(3 * variance));
  });
});
