import { expect, test } from "vitest";
import { checkData } from "../checks.ts";
import type { Dataset } from "../dataset.ts";
import { poolDatasets } from "../pool.ts";

test("rows that two of several sources have are found", () => {
  const set = (origin: string, values: number[]): Dataset => ({
    origin,
    rows: { kind: "dense", rows: values.length, width: 1, values: Float32Array.from(values) },
    labels: values.map((value) => String(value % 2)),
  });
  const found = (...sets: Dataset[]) =>
    checkData({ source: poolDatasets(sets) }).filter(({ code }) => code === "duplicate-rows");
  expect(found(set("a", [1, 2, 2]), set("b", [3, 4]))).toEqual([]);
  expect(found(set("a", [1, 2, 3]), set("b", [3, 4]))).toMatchObject([
    { message: "b: 1 of 2 rows is also in an earlier source", remedy: expect.stringContaining("flatters") },
  ]);
  expect(found(set("a", [1, 2]), set("b", [1, 2]))).toMatchObject([{ remedy: "Was the same source given twice?" }]);
});
