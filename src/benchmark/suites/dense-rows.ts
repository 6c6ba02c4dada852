/** Rows of numbers as the classic learners take them. */
import type { Dataset, DenseRows } from "../../data/dataset.ts";
import { dataError } from "../../errors.ts";

export function denseOf({ rows, origin }: Dataset): DenseRows {
  if (rows.kind !== "dense") throw dataError("rows-dense", `${origin}: expected rows of features, got ${rows.kind}`);
  return rows;
}

/** Dense rows, also of a table whose columns are numbers without gaps. */
export function numbersOf(dataset: Dataset): DenseRows {
  const { rows, origin } = dataset;
  if (rows.kind !== "table") return denseOf(dataset);
  const columns = rows.columns.map(({ name, ...column }) => {
    if (column.kind === "number" && !column.values.some(Number.isNaN)) return column.values;
    throw dataError("shallow-rows", `${origin}: column "${name}": expected numbers without gaps`);
  });
  const values = new Float32Array(rows.rows * columns.length);
  columns.forEach((column, j) => {
    column.forEach((value, row) => {
      values[row * columns.length + j] = value;
    });
  });
  return { kind: "dense", rows: rows.rows, width: columns.length, values };
}
