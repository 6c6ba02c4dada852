/**
 * Bilinear resizing of images on raw pixels, our own so that Node and the browser give the same bytes: half-pixel
 * centres, edges clamped, no smoothing when shrinking (PyTorch's `interpolate(mode="bilinear")`), rounded to uint8.
 */
import type { ImageSize } from "./config.ts";
import type { ImageRows } from "./dataset.ts";
import { sharedUint8 } from "./shared-memory.ts";

/** The two neighbours of each output position along one axis, and the weight of the second. */
interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Float64Array;
}

function taps(from: number, to: number): Taps {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const weight = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const position = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const floor = Math.min(Math.floor(position), from - 1);
    low[i] = floor;
    high[i] = Math.min(floor + 1, from - 1);
    weight[i] = position - floor;
  }
  return { low, high, weight };
}

export function resizeImages(rows: ImageRows, size: ImageSize): ImageRows {
  const { height, width } = size;
  if (height === rows.height && width === rows.width) return rows;
  const { channels, pixels } = rows;
  const down = taps(rows.height, height);
  const across = taps(rows.width, width);
  const resized = sharedUint8(rows.rows * height * width * channels);
  let next = 0;
  for (let image = 0; image < rows.rows; image++) {
    const start = image * rows.height * rows.width * channels;
    for (let y = 0; y < height; y++) {
      const top = start + (down.low[y] ?? 0) * rows.width * channels;
      const bottom = start + (down.high[y] ?? 0) * rows.width * channels;
      const v = down.weight[y] ?? 0;
      for (let x = 0; x < width; x++) {
        const left = (across.low[x] ?? 0) * channels;
        const right = (across.high[x] ?? 0) * channels;
        const h = across.weight[x] ?? 0;
        for (let channel = 0; channel < channels; channel++) {
          const upper = (pixels[top + left + channel] ?? 0) * (1 - h) + (pixels[top + right + channel] ?? 0) * h;
          const lower = (pixels[bottom + left + channel] ?? 0) * (1 - h) + (pixels[bottom + right + channel] ?? 0) * h;
          resized[next++] = Math.round(upper * (1 - v) + lower * v);
        }
      }
    }
  }
  return { kind: "image", rows: rows.rows, height, width, channels, pixels: resized };
}
