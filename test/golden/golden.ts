/** Reads golden numbers, and makes the inputs that they were made from. `golden.py` is its twin. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { sizeOf, type Tensor } from "../../src/graph/tensor.ts";
import { float64 } from "../support/learning.ts";

const here = new URL(".", import.meta.url);

export interface Frame {
  readonly maker: string;
  readonly sha256: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly seed: string;
  readonly date: string;
}

export const goldenFiles = (): string[] => readdirSync(here).filter((name) => name.endsWith(".json"));

export const readGolden = <T>(name: string): Frame & T => JSON.parse(readFileSync(new URL(name, here), "utf8"));

/** The hash that a file made today would carry. */
export function makerHash(maker: string): string {
  const hash = createHash("sha256");
  for (const name of ["golden.py", maker]) hash.update(readFileSync(new URL(name, here)));
  return hash.digest("hex");
}

/** Numbers in [-1, 1): a hash of name and index. */
export function uniform(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  return Float64Array.from({ length: count }, (_, i) => {
    let h = Math.imul(i + 1, 0x9e3779b1) ^ seed;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

/** offset + bound * uniform, rounded to float32. */
export const draw = (name: string, dims: readonly number[], bound = 1, offset = 0): Tensor =>
  float64(
    dims,
    uniform(name, sizeOf(dims)).map((u) => Math.fround(offset + bound * u)),
  );

/** A tensor that was packed as float32. */
export function unpack(text: string): number[] {
  const bytes = inflateSync(Buffer.from(text, "base64"));
  return Array.from(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4));
}

/** Sums of a tensor under the random signs that the maker used. */
export const projections = (name: string, values: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, k) =>
    uniform(`${name}#${k}`, values.length).reduce((sum, u, i) => sum + Math.sign(u) * (values[i] ?? Number.NaN), 0),
  );
