/** What tests of preprocessing share: small rows of each kind, and the way of rows to what a network reads. */
import { expect } from "vitest";
import type { Column, DenseRows, ImageRows, Rows, SparseRows, TableRows } from "../../src/data/dataset.ts";
import { type EncodedRows, encodeRows, gather } from "../../src/data/encode.ts";
import {
  inputShape,
  type PreprocessGraphOptions,
  type PreprocessSpec,
  preprocess,
  rawInputs,
} from "../../src/data/preprocess.ts";
import type { Domain } from "../../src/domain.ts";
import { input } from "../../src/graph/index.ts";
import { evaluate } from "../../src/runtime/reference.ts";

/** Rows through encoding, gathering and the graph, on the float64 reference: what a network would read. */
export function through(
  spec: PreprocessSpec,
  rows: Rows,
  domain: Domain,
  options: PreprocessGraphOptions = {},
): number[][] {
  const encoded: EncodedRows = encodeRows(rows, spec);
  const inputs = Object.fromEntries(
    Object.entries(rawInputs(spec, "N")).map(([name, type]) => [name, input(name, type)]),
  );
  const x = preprocess(spec, inputs, domain, options);
  expect(x.type).toEqual({ dtype: "float32", shape: ["N", ...inputShape(spec)] });
  const all = Int32Array.from({ length: rows.rows }, (_, row) => row);
  const { out } = evaluate({ name: "t", outputs: { out: x } }, gather(encoded, all, spec));
  const width = inputShape(spec).reduce((a, b) => a * b, 1);
  const flat = Array.from(out?.data ?? [], Number);
  return Array.from(all, (row) => flat.slice(row * width, (row + 1) * width));
}

export const number = (name: string, ...values: number[]): Column => ({
  kind: "number",
  name,
  values: Float64Array.from(values),
});
export const words = (name: string, ...values: (string | undefined)[]): Column => {
  const vocabulary = [...new Set(values.filter((value) => value !== undefined))];
  return {
    kind: "category",
    name,
    vocabulary,
    codes: Int32Array.from(values, (value) => (value === undefined ? -1 : vocabulary.indexOf(value))),
  };
};
export const table = (...columns: Column[]): TableRows => {
  const [first] = columns;
  const rows = first?.kind === "number" ? first.values.length : first?.kind === "category" ? first.codes.length : 0;
  return { kind: "table", rows, columns };
};
export const dense = (width: number, ...values: number[]): DenseRows => ({
  kind: "dense",
  rows: values.length / width,
  width,
  values: Float32Array.from(values),
});
export const close = (rows: number[][], expected: number[][]): void => {
  expect(rows.length).toBe(expected.length);
  rows.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(value, `row ${i}, ${j}`).toBeCloseTo(expected[i]?.[j] ?? Number.NaN, 5);
    });
    expect(row.length).toBe(expected[i]?.length);
  });
};

export const sparse = (base: 0 | 1, width: number, ...rows: (readonly [number, number])[][]): SparseRows => ({
  kind: "sparse",
  rows: rows.length,
  width,
  indexBase: base,
  offsets: Uint32Array.from([0, ...rows.map((_, i) => rows.slice(0, i + 1).flat().length)]),
  indices: Uint32Array.from(rows.flat().map(([i]) => i)),
  values: Float32Array.from(rows.flat().map(([, v]) => v)),
});

export const image = (channels: 1 | 3, height: number, width: number, ...pixels: number[]): ImageRows => ({
  kind: "image",
  rows: pixels.length / (channels * height * width),
  height,
  width,
  channels,
  pixels: Uint8Array.from(pixels),
});
