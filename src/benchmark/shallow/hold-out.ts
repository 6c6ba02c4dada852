/** The last tenth of the rows is held out, as the authors of the shallow DANN do: the rows must be in no order. */
import { dataError } from "../../errors.ts";
import { type LabelledRows, pickLabelled, range } from "./feature-rows.ts";

/** The first row that is held out. */
export function firstHeldOut(rows: number): number {
  if (rows < 2) throw dataError("held-out-rows", `held-out rows: expected at least 2 rows to split, got ${rows}`);
  return rows - Math.max(1, Math.round(rows / 10));
}

/** Rows from, from + 1, ..., to - 1 with their labels. */
export const spanOf = (labelled: LabelledRows, from: number, to: number): LabelledRows =>
  pickLabelled(labelled, range(from, to));

/** @throws `rows-sorted` where the held-out rows show that the rows are sorted by class. */
export function holdOutLast(labelled: LabelledRows): { readonly train: LabelledRows; readonly held: LabelledRows } {
  const { rows } = labelled.rows;
  const first = firstHeldOut(rows);
  const [train, held] = [spanOf(labelled, 0, first), spanOf(labelled, first, rows)];
  const classesOf = (part: LabelledRows): Set<number> => new Set(Array.from(part.labels));
  const [known, asked] = [classesOf(train), classesOf(held)];
  // Ten rows of one class out of several, or of a class that is nowhere else, are no accident.
  if ([...asked].some((label) => !known.has(label)) || (asked.size === 1 && known.size > 1 && held.rows.rows >= 10))
    throw dataError(
      "rows-sorted",
      `held-out rows: expected the last tenth to hold the classes of the rest, got class ${[...asked].join(", ")} alone of ${known.size}`,
      "Shuffle the rows first.",
    );
  return { train, held };
}
