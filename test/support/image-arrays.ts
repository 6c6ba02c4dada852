/** Small arrays of images with labels and a table, in folders of their own, for the tests of conversions. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll } from "vitest";
import { encodeIdx } from "../../src/data/writers/idx.ts";
import { writeFiles } from "./images.ts";

export const root = mkdtempSync(join(tmpdir(), "dann-convert-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let places = 0;
/** An empty folder of its own. */
export const place = (files: Readonly<Record<string, Uint8Array | string>> = {}): string => {
  const folder = join(root, `p${places++}`);
  mkdirSync(folder);
  return writeFiles(folder, files);
};
/** Every path below a folder, sorted. */
export const tree = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

export const rows = 24;
export const pixels = (channels: 1 | 3): Uint8Array =>
  Uint8Array.from({ length: rows * 5 * 7 * channels }, (_, i) => (i * 97 + (i >> 3)) % 256);
export const grey = encodeIdx([rows, 5, 7], pixels(1));
export const rgb = encodeIdx([rows, 5, 7, 3], pixels(3));
/** Classes 0, 2 and 10: one is missing, and as text they sort otherwise. */
export const numbers = Uint8Array.from({ length: rows }, (_, i) => [10, 0, 2][i % 3] ?? 0);
export const labels = encodeIdx([rows], numbers);
const table = `name,track,frame,kind\n${Array.from({ length: rows }, (_, i) => `img${i},0${i % 6},${i % 4},${i % 2 ? "a" : "b"}`).join("\n")}\n`;
export const arrays = (): string =>
  place({
    "images-idx3-ubyte": grey,
    "rgb-images-idx4-ubyte.gz": gzipSync(rgb),
    "labels-idx1-ubyte": labels,
    "index.csv": table,
  });
