import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import golden from "../../test/golden/text-encoder.json" with { type: "json" };
import { gradients, input, mul, reduceSum, type Tensor, type Var } from "../graph/index.ts";
import { createStore, type Store } from "../nn/scope.ts";
import { type ImportedModel, importOnnx } from "../onnx/import.ts";
import { random } from "../random.ts";
import { evaluate } from "../runtime/reference.ts";
import { backbone } from "./backbone.ts";
import { tokenReading } from "./tokens.ts";

const bytes = new Uint8Array(readFileSync("demo/encoder/encoder.onnx"));
const features = "last_hidden_state";
const { tokens, means } = golden;

const open = (length: number, wanted = features): Promise<ImportedModel> =>
  importOnnx(bytes, { sizes: { sequence_length: length }, wanted: [wanted] });

/** The rows of the golden file behind `others`, padded with -1. */
function rowsOf(length: number, others: readonly number[] = []): Tensor {
  const rows = tokens.map((row) => [...others, ...row, ...new Array<number>(length - row.length).fill(-1)]);
  const dims = [rows.length, others.length + length];
  return { dtype: "float32", dims, data: Float32Array.from(rows.flat()) };
}

interface Ran {
  readonly y: Var;
  readonly store: Store;
  readonly feeds: Record<string, Tensor>;
}

function layerOn(model: ImportedModel, x: Tensor, others = 0, train: "none" | "all" = "none", pad = 0): Ran {
  const store = createStore();
  const name = model.outputs[0] ?? "";
  const layer = backbone({ model, features: name, train, reading: tokenReading(model, name, { others, pad }) });
  const rows = input("x", { dtype: "float32", shape: ["N", x.dims[1] ?? 0] });
  const y = layer.apply(rows, store.scope({ kind: "inference", domain: "target" }).child(layer.name));
  const feeds: Record<string, Tensor> = { x };
  for (const { name: state, type, initialise } of store.states())
    feeds[`state:${state}`] = { dtype: "float32", dims: type.shape, data: initialise(random(0)) };
  return { y, store, feeds };
}

const valuesOf = ({ y, feeds }: Ran): Float64Array =>
  evaluate({ name: "features", outputs: { y } }, feeds).y?.data as Float64Array;

const expectClose = (found: ArrayLike<number>, wanted: readonly number[], tolerance = 1e-6): void => {
  expect(found).toHaveLength(wanted.length);
  for (const [i, value] of wanted.entries()) expect(Math.abs((found[i] ?? Number.NaN) - value)).toBeLessThan(tolerance);
};

describe("the features of a text", () => {
  test.each([11, 16, 24])("are PyTorch's mean over its own tokens, padded to %d", async (length) => {
    expectClose(valuesOf(layerOn(await open(length), rowsOf(length))), means.flat());
  });

  test("do not depend on the token that pads", async () => {
    const model = await open(16);
    const [zero, other] = [0, 39].map((pad) => valuesOf(layerOn(model, rowsOf(16), 0, "none", pad)));
    expectClose(other ?? [], [...(zero ?? [])], 1e-12);
  });

  test("are the mean of the vectors that the file gives, by hand", async () => {
    const length = 16;
    const model = await open(length);
    const whole = (name: string): Var => input(name, { dtype: "int64", shape: ["N", length] });
    const inputs = {
      input_ids: whole("input_ids"),
      attention_mask: whole("attention_mask"),
      token_type_ids: whole("token_type_ids"),
    };
    const states = model.build({ inputs, wanted: [features] })[features] as Var;
    const x = rowsOf(length).data as Float32Array;
    const feed = (of: (token: number) => number): Tensor => ({
      ...{ dtype: "int64", dims: [tokens.length, length] },
      data: BigInt64Array.from(x, (token) => BigInt(of(token))),
    });
    const found = evaluate(
      { name: "states", outputs: { states } },
      {
        input_ids: feed((token) => Math.max(0, token)),
        attention_mask: feed((token) => (token < 0 ? 0 : 1)),
        token_type_ids: feed(() => 0),
      },
    ).states?.data as Float64Array;
    const wanted = tokens.flatMap((row, n) =>
      Array.from({ length: 16 }, (_, d) =>
        row.reduce((sum, _token, t) => sum + (found[(n * length + t) * 16 + d] ?? 0) / row.length, 0),
      ),
    );
    expectClose(valuesOf(layerOn(model, rowsOf(length))), wanted, 1e-12);
  });

  test("are a vector that the file gives as it is, and behind it the numbers beside the text", async () => {
    const model = await open(16, "pooler_output");
    const alone = valuesOf(layerOn(model, rowsOf(16)));
    const beside = valuesOf(layerOn(model, rowsOf(16, [0.5, -3]), 2));
    for (let row = 0; row < tokens.length; row++) {
      expect([...beside.slice(row * 18, row * 18 + 16)]).toEqual([...alone.slice(row * 16, row * 16 + 16)]);
      expect([...beside.slice(row * 18 + 16, row * 18 + 18)]).toEqual([0.5, -3]);
    }
  });

  test("can be no scores of pairs of tokens", async () => {
    const model = await open(16);
    const pairs = model.layers.find(({ type }) => type.shape.length === 4)?.name ?? "";
    const attention = await open(16, pairs);
    expect(() => layerOn(attention, rowsOf(16))).toThrow("expected features of rank 2 or 3, got float32[N,");
  });
});

test("gradients reach every weight, tables of tokens and positions as well, as finite differences say", async () => {
  const model = await open(11);
  const { y, store, feeds } = layerOn(model, rowsOf(11, [2]), 1, "all");
  const chance = random("weights");
  const weights = input("weights", { dtype: "float32", shape: ["N", 17] });
  const all: Record<string, Tensor> = {
    ...feeds,
    weights: {
      ...{ dtype: "float32", dims: [tokens.length, 17] },
      data: Float32Array.from({ length: tokens.length * 17 }, () => chance.normal()),
    },
  };
  const loss = reduceSum(mul(weights, y), { axes: [0, 1], keepDims: false });
  const specs = store.states();
  const variables = specs.map(({ name }) => store.variable(name));
  const found = evaluate(
    { name: "gradients", outputs: Object.fromEntries(gradients(loss, variables).map((g, i) => [`g${i}`, g])) },
    all,
  );
  const lossAt = (feed: Record<string, Tensor>): number =>
    Number(evaluate({ name: "loss", outputs: { loss } }, feed).loss?.data[0]);
  const step = 1e-5;
  let tables = 0;
  for (const [i, { name, type }] of specs.entries()) {
    const key = `state:${name}`;
    const value = Float64Array.from((all[key] as Tensor & { dtype: "float32" }).data);
    const direction = value.map(() => chance.normal());
    const moved = (by: number): number =>
      lossAt({
        ...all,
        [key]: {
          ...{ dtype: "float64", dims: type.shape as number[] },
          data: value.map((v, at) => v + by * (direction[at] ?? 0)),
        },
      });
    const gradient = found[`g${i}`]?.data as Float64Array;
    const along = gradient.reduce((sum, g, at) => sum + g * (direction[at] ?? 0), 0);
    const difference = (moved(step) - moved(-step)) / (2 * step);
    expect(Math.abs(along - difference), name).toBeLessThan(1e-6 * Math.max(1, Math.abs(difference)));
    // A token that no text has is not moved, others are; nor is one that only pads.
    if (type.shape[0] !== 40) continue;
    tables++;
    const rowMoves = (token: number): boolean => gradient.slice(token * 16, token * 16 + 16).some((g) => g !== 0);
    expect([1, 30, 39, 2].every(rowMoves)).toBe(true);
    expect([0, 20, 38].some(rowMoves)).toBe(false);
  }
  expect(tables).toBe(1);
  expect(specs.length).toBe(37);
});
