/** Images side by side in one picture: what a look at the extremes of the probe needs. */
import type { ImageRows } from "../data/dataset.ts";
import type { Picture } from "../data/images/picture.ts";

/** Small images are enlarged by a whole factor, so that a cell is about this many pixels. */
const cell = 64;
const gap = 2;
const background = 128;

/** The images in order, row by row, as square as their number allows. */
export function gridOf(images: readonly { readonly rows: ImageRows; readonly row: number }[]): Picture {
  const [first] = images;
  const { height = 1, width = 1 } = first?.rows ?? {};
  const factor = Math.max(1, Math.round(cell / Math.max(height, width)));
  const across = Math.ceil(Math.sqrt(images.length));
  const down = Math.ceil(images.length / across);
  const size = {
    height: down * (height * factor + gap) + gap,
    width: across * (width * factor + gap) + gap,
  };
  const pixels = new Uint8Array(size.height * size.width * 3).fill(background);
  images.forEach(({ rows, row }, place) => {
    const top = gap + Math.floor(place / across) * (height * factor + gap);
    const left = gap + (place % across) * (width * factor + gap);
    const start = row * height * width * rows.channels;
    for (let y = 0; y < height * factor; y++)
      for (let x = 0; x < width * factor; x++) {
        const from = start + (Math.floor(y / factor) * width + Math.floor(x / factor)) * rows.channels;
        const to = ((top + y) * size.width + left + x) * 3;
        for (let c = 0; c < 3; c++) pixels[to + c] = rows.pixels[from + (rows.channels === 1 ? 0 : c)] ?? 0;
      }
  });
  return { ...size, channels: 3, pixels };
}
