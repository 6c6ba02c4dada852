/** Domains of too few rows: what cannot be trained on is refused, what tells hardly anything is warned of. */
import type { Dataset } from "../data/dataset.ts";
import { count } from "../data/names.ts";
import { dataError } from "../errors.ts";
import { fewestRows } from "../evaluate/domain-distance.ts";

type Rows = Pick<Dataset, "origin"> & { readonly rows: Pick<Dataset["rows"], "rows"> };

/** Refuses before training what the distance of the domains would refuse after it. */
export function refuseFew(...sets: readonly Rows[]): void {
  for (const { origin, rows } of sets)
    if (rows.rows < fewestRows)
      throw dataError(
        "few-rows",
        `${origin}: expected at least ${fewestRows} rows to train on, got ${rows.rows}`,
        "Give more rows: a domain cannot be told from so few.",
      );
}

/** Refuses one labelled row of the target: batch normalisation has no spread of it. */
export function refuseOneLabelled({ origin, rows }: Rows): void {
  if (rows.rows !== 1) return;
  throw dataError(
    "few-rows",
    `${origin}: expected at least 2 labelled rows of the target to train on, got 1`,
    "Label some more, or leave --target-labelled out.",
  );
}

/**
 * Says that the target has fewer rows than a batch takes, or than two a class. Of the source `class-small` says so.
 * @param classes 0 of a regression.
 */
export function fewTargetRows(
  { origin, rows: { rows } }: Rows,
  { batch, classes }: { readonly batch: number; readonly classes: number },
): string[] {
  const [short, scarce] = [rows < batch, rows < 2 * classes];
  if (!short && !scarce) return [];
  const fewer = [
    ...(short ? [`than the ${batch} of a batch`] : []),
    ...(scarce ? [`than two for each of ${classes} classes`] : []),
  ].join(" and ");
  return [
    `${origin}: ${count(rows, "row")} of the target, fewer ${fewer}: ${short ? "the same ones come again within a step, and " : ""}the shares of the classes, the distance of the domains and the verdict are estimated from these alone. Give more of them, they need no labels`,
  ];
}
