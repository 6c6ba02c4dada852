import { expect, it } from "vitest";
import { float64Blocks, int32Blocks } from "./blocks.ts";

it.each([0, 3, 8192, 20_000, 1e6])("collects every number in order, whatever was expected: %d", (expected) => {
  const blocks = float64Blocks(expected);
  const count = 20_001;
  for (let i = 0; i < count; i++) blocks.push(i / 2);
  expect(blocks.length).toBe(count);
  const values = blocks.join();
  expect(values.length).toBe(count);
  expect(values.every((value, i) => value === i / 2)).toBe(true);
});

it("needs no second array when the expectation was enough", () => {
  const blocks = int32Blocks(100);
  for (let i = 0; i < 90; i++) blocks.push(i);
  expect(blocks.join().buffer.byteLength).toBe(400);
});
