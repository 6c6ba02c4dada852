/** Two sources as one: images of both, brought to one size and one range of grey, rows of one set below those of the other. */
import type { Dataset, ImageRows } from "../../data/dataset.ts";
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

export const pooledParts = (first: Parts, second: Parts, size: { height: number; width: number }): Parts => ({
  train: pooled(first.train, second.train, size),
  test: pooled(first.test, second.test, size),
});

function pooled(first: Dataset, second: Dataset, size: { height: number; width: number }): Dataset {
  const [own, other] = [resizeImages(imagesOf(first), size), resizeImages(imagesOf(second), size)];
  if (own.channels !== other.channels || first.labels === undefined || second.labels === undefined)
    throw dataError("pooled", `${first.origin} and ${second.origin}: expected labelled images of equal channels`);
  const pixels = new Uint8Array(own.pixels.length + other.pixels.length);
  pixels.set(own.pixels);
  pixels.set(other.pixels, own.pixels.length);
  return {
    origin: `${first.origin} + ${second.origin}`,
    rows: { ...own, rows: own.rows + other.rows, pixels },
    labels: [...first.labels, ...second.labels],
  };
}

function imagesOf({ rows, origin }: Dataset): ImageRows {
  if (rows.kind !== "image") throw dataError("pooled", `${origin}: expected images, got rows of kind ${rows.kind}`);
  return rows;
}
