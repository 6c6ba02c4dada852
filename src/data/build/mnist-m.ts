/**
 * MNIST-M (JMLR 17, section 5.2.4): |patch - digit| in every channel, the patch a random crop of a colour photograph.
 * The grey digit is repeated over the channels as it is, not binarised first.
 */
import { dataError } from "../../errors.ts";
import { random } from "../../random.ts";
import { writeAtomic } from "../atomic.ts";
import type { ImageRows } from "../dataset.ts";
import { nodeModules } from "../files.ts";
import { readDataset } from "../read.ts";
import { readLabels } from "../readers/label-file.ts";
import { sharedUint8 } from "../shared-memory.ts";
import { gzipped } from "../writers/bytes.ts";
import { encodeIdx, idxHeaderBytes } from "../writers/idx.ts";

/** One part (training or test): digits, their labels, and patches that no other part uses. */
export interface MnistMPart {
  readonly name: "train" | "test";
  readonly images: string;
  readonly labels: string;
  readonly patches: string;
}

/** Blends digits into patches; which patch each digit gets depends on the seed and the digit's number alone. */
export function blendDigits(digits: ImageRows, patches: ImageRows, seed: string | number): ImageRows {
  requireBlendable(digits, patches);
  const choose = patchChooser(patches, seed);
  const pixels = sharedUint8(digits.rows * 3 * digits.height * digits.width);
  for (let row = 0; row < digits.rows; row++) blendInto(digits, row, patches, choose(), pixels, row);
  return { ...digits, channels: 3, pixels };
}

function patchChooser(patches: ImageRows, seed: string | number): () => number {
  const chance = random(seed).split("mnist-m");
  return () => chance.integer(patches.rows);
}

function requireBlendable(digits: ImageRows, patches: ImageRows): void {
  const fits = digits.height === patches.height && digits.width === patches.width;
  if (fits && digits.channels === 1 && patches.channels === 3) return;
  const shape = (rows: ImageRows): string => `${rows.height}x${rows.width}x${rows.channels}`;
  throw dataError(
    "mnist-m",
    `expected grey digits and RGB patches of one size, got ${shape(digits)} and ${shape(patches)}`,
  );
}

function blendInto(
  digits: ImageRows,
  digit: number,
  patches: ImageRows,
  patch: number,
  into: Uint8Array,
  slot: number,
): void {
  const size = digits.height * digits.width;
  for (let p = 0; p < size; p++) {
    const ink = digits.pixels[digit * size + p] ?? 0;
    for (let channel = 0; channel < 3; channel++) {
      const colour = patches.pixels[(patch * size + p) * 3 + channel] ?? 0;
      into[(slot * size + p) * 3 + channel] = Math.abs(colour - ink);
    }
  }
}

export interface BuildMnistMOptions {
  /** Default 0. */
  readonly seed?: string | number;
}

/** Writes `NAME-images-idx4-ubyte.gz` and `NAME-labels-idx1-ubyte.gz` for each part; returns the paths. */
export async function buildMnistM(
  parts: readonly MnistMPart[],
  folder: string,
  options: BuildMnistMOptions = {},
): Promise<string[]> {
  const { path } = nodeModules();
  const written: string[] = [];
  for (const part of parts) {
    const digits = await imagesOf(part.images);
    const patches = await imagesOf(part.patches);
    requireBlendable(digits, patches);
    const labels = await readLabels(part.labels);
    if (labels.length !== digits.rows) {
      throw dataError(
        "label-count",
        `${part.labels}: expected ${digits.rows} labels, one for each digit, got ${labels.length}`,
      );
    }
    const images = path.join(folder, `${part.name}-images-idx4-ubyte.gz`);
    await writeAtomic(images, gzipped(blended(digits, patches, `${options.seed ?? 0}/${part.name}`)));
    const classes = path.join(folder, `${part.name}-labels-idx1-ubyte.gz`);
    await writeAtomic(classes, gzipped([encodeIdx([labels.length], Uint8Array.from(labels, Number))]));
    written.push(images, classes);
  }
  return written;
}

async function imagesOf(path: string): Promise<ImageRows> {
  const { rows } = await readDataset(path);
  if (rows.kind === "image") return rows;
  throw dataError("mnist-m", `${path}: expected uint8 images, got rows of kind ${rows.kind}`);
}

/** The file in blocks of a few hundred images: the whole would be 141 MB. */
function* blended(digits: ImageRows, patches: ImageRows, seed: string): Generator<Uint8Array> {
  yield idxHeaderBytes(0x08, [digits.rows, digits.height, digits.width, 3]);
  const choose = patchChooser(patches, seed);
  const each = digits.height * digits.width * 3;
  const images = 256;
  for (let row = 0; row < digits.rows; row += images) {
    const count = Math.min(images, digits.rows - row);
    const block = new Uint8Array(count * each);
    for (let i = 0; i < count; i++) blendInto(digits, row + i, patches, choose(), block, i);
    yield block;
  }
}
