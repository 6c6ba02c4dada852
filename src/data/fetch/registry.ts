/** The data sets that can be fetched: one row a set. */
import { usageError } from "../../errors.ts";
import { cacheFolder } from "../cache.ts";
import { nodeModules } from "../files.ts";
import { closest, list } from "../names.ts";
import type { DataSet } from "./set.ts";
import { mnist, optdigits, usps } from "./sets/digits.ts";
import { bsds500, gtsrb, officeCaltech10 } from "./sets/images.ts";
import { adult, amazonReviews, gasSensorDrift, indoorMovement } from "./sets/tables.ts";

export const dataSets: readonly DataSet[] = [
  mnist,
  usps,
  optdigits,
  bsds500,
  gtsrb,
  amazonReviews,
  officeCaltech10,
  gasSensorDrift,
  indoorMovement,
  adult,
];

/** @throws DannError `data-set` for a name that no set has. */
export function dataSet(name: string): DataSet {
  const found = dataSets.find((set) => set.name === name);
  if (found !== undefined) return found;
  const names = dataSets.map((set) => set.name);
  const guess = closest(name, names);
  throw usageError(
    "data-set",
    `expected a data set (${list(names, names.length)}), got "${name}"`,
    guess === undefined ? "See: dann data fetch --list" : `Did you mean ${guess}?`,
  );
}

/**
 * The folder in which data sets lie side by side, each under its name.
 * @param cache the cache's folder; default: the platform's place.
 */
export const dataFolder = (cache?: string): string => nodeModules().path.join(cacheFolder(cache) ?? "", "data");
