/** Two sources as one: images of both, brought to one size and one range of grey, rows of one set below those of the other. */
import type { Dataset, ImageRows } from "../../data/dataset.ts";
import { poolDatasets } from "../../data/pool.ts";
import { resizeImages } from "../../data/resize.ts";
import { dataError } from "../../errors.ts";
import type { Parts } from "./parts.ts";

/** Optdigits counts 0 to 16 black points in squares of 4x4. */
const greyLevels = 16;

/** Pixels from 0..16 to 0..255. */
export function optdigitsAsGrey(part: Dataset): Dataset {
  const rows = imagesOf(part);
  return { ...part, rows: { ...rows, pixels: rows.pixels.map((value) => Math.round((value * 255) / greyLevels)) } };
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** One source: what tells its two sets apart is not looked at. */
export const pooledParts = (first: Parts, second: Parts, size: Size): Parts => ({
  train: pooled(first.train, second.train, size),
  test: pooled(first.test, second.test, size),
});

/** Two sources, each a domain of its own, in training: the test rows are scored as one. */
export const apartParts = (first: Parts, second: Parts, size: Size): Parts => ({
  train: apart(first.train, second.train, size),
  test: pooled(first.test, second.test, size),
});

function pooled(first: Dataset, second: Dataset, size: Size): Dataset {
  const { sources: _, ...one } = apart(first, second, size);
  return one;
}

const apart = (first: Dataset, second: Dataset, size: Size): Dataset =>
  poolDatasets([first, second].map((set) => ({ ...set, rows: resizeImages(imagesOf(set), size) })));

function imagesOf({ rows, origin }: Dataset): ImageRows {
  if (rows.kind !== "image") throw dataError("pooled", `${origin}: expected images, got rows of kind ${rows.kind}`);
  return rows;
}
