/**
 * Images as named numbers: what a person would say of a whole picture (brightness, contrast, colour, sharpness), and the
 * mean of each field of a grid over it. Linear in the pixels but for contrast and sharpness: a fair picture of how a
 * first glance tells the domains apart. A network sees more: `--backbone`.
 */
import type { ImageRows } from "../../data/dataset.ts";
import { type FeaturePair, type NamedRows, namedRows } from "./named.ts";

/** Fields of the grid along each side, at most. */
const fields = 12;

/** Pixels from 0 to 1, [height, width] of one channel; grey is the mean of the colours. */
type Plane = Float64Array;

export function imageFeatures(source: ImageRows, target: ImageRows): NamedRows {
  const channels = Math.max(source.channels, target.channels);
  const [own, others] = [source, target].map((images) => summaries(images, channels));
  const names = own?.names ?? [];
  const pairs = names.map((name, j): FeaturePair => {
    const column = (rows: readonly number[][] | undefined): Float64Array =>
      Float64Array.from(rows ?? [], (row) => row[j] ?? 0);
    return { name, source: column(own?.rows), target: column(others?.rows) };
  });
  return namedRows("pixels", [source.rows, target.rows], pairs);
}

interface Summaries {
  readonly names: readonly string[];
  readonly rows: number[][];
}

function summaries(images: ImageRows, channels: number): Summaries {
  const { height, width } = images;
  const [down, across] = [Math.min(fields, height), Math.min(fields, width)];
  const colours = channels === 3 ? ["red", "green", "blue"] : [];
  const names = [
    "brightness",
    "contrast (deviation of the pixels)",
    "sharpness (mean difference of neighbours)",
    ...colours.flatMap((colour) => [`${colour} less grey`]),
    ...Array.from({ length: down * across }, (_, field) => {
      const [row, column] = [Math.floor(field / across) + 1, (field % across) + 1];
      return `brightness of field (${row}, ${column}) of ${down} x ${across}`;
    }),
  ];
  const rows = Array.from({ length: images.rows }, (_, row) => {
    const grey = greyOf(images, row);
    const brightness = meanOf(grey);
    const contrast = Math.sqrt(meanOf(grey.map((value) => (value - brightness) ** 2)));
    const tints = colours.map((_colour, channel) => meanOf(planeOf(images, row, channel)) - brightness);
    return [
      brightness,
      contrast,
      sharpness(grey, height, width),
      ...tints,
      ...gridOf(grey, height, width, down, across),
    ];
  });
  return { names, rows };
}

function planeOf({ height, width, channels, pixels }: ImageRows, row: number, channel: number): Plane {
  const start = row * height * width * channels;
  // Grey images have one channel, which is each of the colours.
  const own = channels === 1 ? 0 : channel;
  return Float64Array.from({ length: height * width }, (_, p) => (pixels[start + p * channels + own] ?? 0) / 255);
}

function greyOf(images: ImageRows, row: number): Plane {
  const planes = Array.from({ length: images.channels }, (_, channel) => planeOf(images, row, channel));
  const [first] = planes;
  if (first === undefined || planes.length === 1) return first ?? new Float64Array(0);
  return first.map((_, p) => planes.reduce((sum, plane) => sum + (plane[p] ?? 0), 0) / planes.length);
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function sharpness(grey: Plane, height: number, width: number): number {
  let [sum, count] = [0, 0];
  for (let y = 0, p = 0; y < height; y++)
    for (let x = 0; x < width; x++, p++) {
      const here = grey[p] ?? 0;
      if (x + 1 < width) sum += Math.abs((grey[p + 1] ?? 0) - here);
      if (y + 1 < height) sum += Math.abs((grey[p + width] ?? 0) - here);
      count += (x + 1 < width ? 1 : 0) + (y + 1 < height ? 1 : 0);
    }
  return count === 0 ? 0 : sum / count;
}

/** Means over a grid of fields that cover the image. */
function gridOf(grey: Plane, height: number, width: number, down: number, across: number): number[] {
  const sums = new Array<number>(down * across).fill(0);
  const counts = new Array<number>(down * across).fill(0);
  for (let y = 0, p = 0; y < height; y++)
    for (let x = 0; x < width; x++, p++) {
      const field = Math.floor((y * down) / height) * across + Math.floor((x * across) / width);
      sums[field] = (sums[field] ?? 0) + (grey[p] ?? 0);
      counts[field] = (counts[field] ?? 0) + 1;
    }
  return sums.map((sum, field) => sum / (counts[field] ?? 1));
}
