/**
 * Bilinear resizing of images on raw pixels, our own so that Node, the browser and every decoder give the same bytes.
 * Half-pixel centres, edges clamped, computed in float64 and rounded to uint8 once.
 */
import type { ImageFit, ImageSize } from "./config.ts";
import type { ImageRows } from "./dataset.ts";
import { sharedUint8 } from "./shared-memory.ts";

/** What each position of an axis is made of: `each` pixels with weights that sum to 1. */
interface Taps {
  readonly each: number;
  /** [positions, each] */
  readonly index: Int32Array;
  readonly weight: Float64Array;
}

/** An axis of the result: `to` positions from `offset` on show the stretch [start, start + extent) of the original. */
interface Axis {
  readonly from: number;
  readonly start: number;
  readonly extent: number;
  readonly offset: number;
  readonly to: number;
}

/** The two neighbours of each position, however far apart the positions lie: PyTorch's `interpolate(mode="bilinear")`. */
function plainTaps({ from, to }: Axis): Taps {
  const index = new Int32Array(2 * to);
  const weight = new Float64Array(2 * to);
  for (let i = 0; i < to; i++) {
    const position = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const floor = Math.min(Math.floor(position), from - 1);
    index[2 * i] = floor;
    index[2 * i + 1] = Math.min(floor + 1, from - 1);
    weight[2 * i] = 1 - (position - floor);
    weight[2 * i + 1] = position - floor;
  }
  return { each: 2, index, weight };
}

/**
 * A triangle as wide as two pixels of the larger of the two grids, so that shrinking averages and nothing is skipped:
 * `interpolate(mode="bilinear", antialias=True)`, and Pillow's BILINEAR before its rounding between the two axes.
 */
function smoothTaps({ from, start, extent, to }: Axis): Taps {
  const step = extent / to;
  const reach = Math.max(1, step);
  const each = Math.min(from, 2 * Math.ceil(reach) + 1);
  const index = new Int32Array(each * to);
  const weight = new Float64Array(each * to);
  for (let i = 0; i < to; i++) {
    const centre = start + (i + 0.5) * step;
    const first = Math.max(0, Math.min(from - each, Math.floor(centre - reach)));
    let sum = 0;
    for (let k = 0; k < each; k++) {
      const height = Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / reach);
      index[i * each + k] = first + k;
      weight[i * each + k] = height;
      sum += height;
    }
    for (let k = 0; k < each; k++) weight[i * each + k] = (weight[i * each + k] ?? 0) / sum;
  }
  return { each, index, weight };
}

/** Which part of the original goes where, by axis. */
function place(from: ImageSize, to: ImageSize, fit: ImageFit): { down: Axis; across: Axis } {
  const [tall, wide] = [to.height / from.height, to.width / from.width];
  const axis = (size: number, wanted: number): Axis => {
    if (fit === "stretch") return { from: size, start: 0, extent: size, offset: 0, to: wanted };
    if (fit === "cover") {
      const extent = Math.min(size, wanted / Math.max(tall, wide));
      return { from: size, start: (size - extent) / 2, extent, offset: 0, to: wanted };
    }
    const shown = Math.min(wanted, Math.max(1, Math.round(size * Math.min(tall, wide))));
    return { from: size, start: 0, extent: size, offset: Math.floor((wanted - shown) / 2), to: shown };
  };
  return { down: axis(from.height, to.height), across: axis(from.width, to.width) };
}

/** Writes a resized image [height, width, channels] into place; what it leaves free must be 0 already. */
export type Resize = (pixels: Uint8Array, into: Uint8Array) => void;

/**
 * Resizing between two sizes, for as many images as there are of the first.
 * @param fit `stretch` ignores the proportions, `cover` cuts off what is too long, `contain` leaves black bars; without
 *   it images are stretched with no smoothing when shrinking.
 */
export function resizer(from: ImageSize, to: ImageSize, channels: number, fit?: ImageFit): Resize {
  if (from.height === to.height && from.width === to.width) return (pixels, into) => into.set(pixels);
  const { down, across } = place(from, to, fit ?? "stretch");
  const taps = fit === undefined ? plainTaps : smoothTaps;
  const [rows, columns] = [taps(down), taps(across)];
  const width = across.to * channels;
  const first = rows.index[0] ?? 0;
  const last = rows.index[rows.index.length - 1] ?? 0;
  // The rows of the original that are seen, each at its new width.
  const narrowed = new Float64Array((last - first + 1) * width);
  return (pixels, into) => {
    for (let y = first, at = 0; y <= last; y++) {
      const row = y * from.width * channels;
      for (let x = 0; x < across.to; x++) {
        for (let channel = 0; channel < channels; channel++, at++) {
          let sum = 0;
          for (let k = x * columns.each; k < (x + 1) * columns.each; k++) {
            sum += (pixels[row + (columns.index[k] ?? 0) * channels + channel] ?? 0) * (columns.weight[k] ?? 0);
          }
          narrowed[at] = sum;
        }
      }
    }
    for (let y = 0; y < down.to; y++) {
      const to0 = ((y + down.offset) * to.width + across.offset) * channels;
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = y * rows.each; k < (y + 1) * rows.each; k++) {
          sum += (narrowed[((rows.index[k] ?? 0) - first) * width + x] ?? 0) * (rows.weight[k] ?? 0);
        }
        into[to0 + x] = Math.round(sum);
      }
    }
  };
}

/** Images of one size in another; see `resizer` for `fit`. */
export function resizeImages(rows: ImageRows, size: ImageSize, fit?: ImageFit): ImageRows {
  const { height, width } = size;
  if (height === rows.height && width === rows.width) return rows;
  const { channels, pixels } = rows;
  const resize = resizer(rows, size, channels, fit);
  const [before, after] = [rows.height * rows.width * channels, height * width * channels];
  const resized = sharedUint8(rows.rows * after);
  for (let image = 0; image < rows.rows; image++) {
    resize(pixels.subarray(image * before, (image + 1) * before), resized.subarray(image * after, (image + 1) * after));
  }
  return { kind: "image", rows: rows.rows, height, width, channels, pixels: resized };
}
