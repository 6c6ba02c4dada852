/**
 * The data of `dann demo`, made from the complete sets: two collections of handwritten digits whose licences allow a
 * subset to be passed on. Nothing is drawn: the same files come out every time.
 *
 * - MNIST (CC BY-SA 3.0): the first 6,000 training and the first 2,000 test images, without the margin of 4 pixels that
 *   was put around every digit: 20x20.
 * - Optdigits (CC BY 4.0): all of it. 8x8, each pixel the number of dark points (0 to 16) in a square of a scan; here
 *   times 255/16, so that ink is at most 255 as it is in MNIST.
 *
 * The demo reads both at 16x16 (`demo/config.yaml`).
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { encodeIdx } from "../src/data/writers/idx.ts";

interface Images {
  readonly rows: number;
  readonly size: number;
  readonly pixels: Uint8Array;
}

/** Contents of the demo's files before compression, by name without `.gz`. */
export async function demoData(sets: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const add = (name: string, images: Images, labels: Uint8Array): void => {
    files.set(`${name}-images-idx3-ubyte`, encodeIdx([images.rows, images.size, images.size], images.pixels));
    files.set(`${name}-labels-idx1-ubyte`, encodeIdx([images.rows], labels.subarray(0, images.rows)));
  };
  for (const [part, original, rows] of [
    ["train", "train", 6000],
    ["test", "t10k", 2000],
  ] as const) {
    const images = await idx(join(sets, "mnist", `${original}-images-idx3-ubyte.gz`));
    const labels = await idx(join(sets, "mnist", `${original}-labels-idx1-ubyte.gz`));
    add(`mnist-${part}`, withoutMargin(images, rows, 4), labels.values);
  }
  for (const part of ["train", "test"] as const) {
    const images = await idx(join(sets, "optdigits", `${part}-images-idx3-ubyte.gz`));
    const labels = await idx(join(sets, "optdigits", `${part}-labels-idx1-ubyte.gz`));
    const [rows = 0, size = 0] = images.dims;
    add(
      `optdigits-${part}`,
      { rows, size, pixels: images.values.map((ink) => Math.round((ink * 255) / 16)) },
      labels.values,
    );
  }
  return files;
}

interface Idx {
  readonly dims: readonly number[];
  readonly values: Uint8Array;
}

/** An IDX file of uint8, whole: 00 00 08, rank, sizes (big-endian uint32), values. */
async function idx(path: string): Promise<Idx> {
  const bytes = gunzipSync(await readFile(path));
  const rank = bytes[3] ?? 0;
  const dims = Array.from({ length: rank }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  return { dims, values: bytes.subarray(4 + 4 * rank) };
}

function withoutMargin({ dims, values }: Idx, rows: number, margin: number): Images {
  const [, width = 0] = dims;
  const size = width - 2 * margin;
  const pixels = new Uint8Array(rows * size * size);
  for (let row = 0; row < rows; row++)
    for (let y = 0; y < size; y++) {
      const from = (row * width + y + margin) * width + margin;
      pixels.set(values.subarray(from, from + size), (row * size + y) * size);
    }
  return { rows, size, pixels };
}
