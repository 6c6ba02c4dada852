import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DannError } from "../errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

const tensors = new Map<string, Tensor>([
  ["weight", { dtype: "float32", dims: [2, 3], data: new Float32Array([1, -2.5, Number.NaN, Infinity, -0, 1e-40]) }],
  ["flag", { dtype: "bool", dims: [3], data: new Uint8Array([1, 0, 1]) }],
  ["scalar", { dtype: "float64", dims: [], data: new Float64Array([Math.PI]) }],
  ["empty", { dtype: "int32", dims: [0, 4], data: new Int32Array(0) }],
  ["index", { dtype: "int64", dims: [1], data: new BigInt64Array([-(2n ** 60n)]) }],
]);
const bytes = encodeSafetensors({ tensors, metadata: { made: "by a test" } });

describe("safetensors", () => {
  it("gives back the same bits, shapes, order and metadata", () => {
    const back = decodeSafetensors(bytes, "file");
    expect([...back.tensors]).toEqual([...tensors]);
    expect(back.metadata).toEqual({ made: "by a test" });
    expect(encodeSafetensors(back)).toEqual(bytes);
  });

  it("writes the layout of the format: length, JSON aligned to 8, values", () => {
    const one = encodeSafetensors({
      tensors: new Map([["x", { dtype: "float32", dims: [1], data: new Float32Array([1]) }]]),
      metadata: {},
    });
    const length = Number(new DataView(one.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(one.subarray(8, 8 + length)))).toEqual({
      __metadata__: {},
      x: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
    });
    expect([...one.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it("reads from a view that does not begin at an aligned address", () => {
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(decodeSafetensors(shifted.subarray(1), "file").tensors).toEqual(tensors);
  });

  it("keeps tensors whose names are numbers apart", () => {
    const numbered = new Map<string, Tensor>(
      ["7", "b", "1"].map((name, i) => [name, { dtype: "float32", dims: [1], data: new Float32Array([i]) }]),
    );
    expect(decodeSafetensors(encodeSafetensors({ tensors: numbered, metadata: {} }), "file").tensors).toEqual(numbered);
  });

  it("refuses every truncation with the file's name, and never with another kind of error", () => {
    for (let length = 0; length < bytes.length; length += 3)
      expect(() => decodeSafetensors(bytes.subarray(0, length), "run/state")).toThrow(
        /^run\/state: not a whole safetensors file/,
      );
  });

  it("refuses a file with bytes left over", () => {
    expect(() => decodeSafetensors(new Uint8Array([...bytes, 0]), "file")).toThrow(/got \d+/);
  });

  it("answers damaged headers with a data error or with tensors, nothing else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 60 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const damaged = bytes.slice();
        damaged[at] = value;
        try {
          decodeSafetensors(damaged, "file");
        } catch (error) {
          expect(error).toBeInstanceOf(DannError);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
