/**
 * MNIST-M (JMLR 17, section 5.2.4): |patch - digit| in every channel, the patch a random crop of a colour photograph.
 * The grey digit is repeated over the channels as it is, not binarised first.
 */
import { dataError, internalError } from "../../errors.ts";
import { random } from "../../random.ts";
import { writeAtomic } from "../atomic.ts";
import type { ImageDecoder } from "../config.ts";
import type { ImageRows } from "../dataset.ts";
import { isFolder, nodeModules } from "../files.ts";
import { type Decoder, openDecoder } from "../images/decoders.ts";
import { listImages } from "../images/listing.ts";
import { readDataset } from "../read.ts";
import { readLabels } from "../readers/label-file.ts";
import { sharedUint8 } from "../shared-memory.ts";
import { gzipped } from "../writers/bytes.ts";
import { encodeIdx, idxHeaderBytes } from "../writers/idx.ts";
import { cutCrops, drawCrops, openPhotographs } from "./crops.ts";

/** What digits are blended into: patches that are drawn again and again, or photographs, a crop of its own a digit. */
export type Backgrounds =
  | { readonly kind: "patches"; readonly path: string }
  | { readonly kind: "photos"; readonly folder: string };

/** One part (training or test): digits, their labels, and backgrounds that no other part uses. */
export interface MnistMPart {
  readonly name: "train" | "test";
  readonly images: string;
  readonly labels: string;
  readonly backgrounds: Backgrounds;
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
  /** What decodes photographs. Default `auto`: sharp where it is installed, else JavaScript. */
  readonly decoder?: ImageDecoder;
}

export interface BuiltMnistM {
  readonly paths: readonly string[];
  /** What decoded photographs, if there were any. */
  readonly decodedBy: Decoder["name"] | undefined;
}

/** Writes `NAME-images-idx4-ubyte.gz` and `NAME-labels-idx1-ubyte.gz` for each part. */
export async function buildMnistM(
  parts: readonly MnistMPart[],
  folder: string,
  { seed = 0, decoder: wanted = "auto" }: BuildMnistMOptions = {},
): Promise<BuiltMnistM> {
  const { path } = nodeModules();
  const decoder = parts.some(({ backgrounds }) => backgrounds.kind === "photos")
    ? await openDecoder(wanted)
    : undefined;
  const written: string[] = [];
  for (const part of parts) {
    const digits = await imagesOf(part.images);
    const labels = await readLabels(part.labels);
    if (labels.length !== digits.rows) {
      throw dataError(
        "label-count",
        `${part.labels}: expected ${digits.rows} labels, one for each digit, got ${labels.length}`,
      );
    }
    const { patches, choose } = await backgroundsOf(part.backgrounds, digits, `${seed}/${part.name}`, decoder);
    requireBlendable(digits, patches);
    const images = path.join(folder, `${part.name}-images-idx4-ubyte.gz`);
    await writeAtomic(images, gzipped(blended(digits, patches, choose)));
    const classes = path.join(folder, `${part.name}-labels-idx1-ubyte.gz`);
    await writeAtomic(classes, gzipped([encodeIdx([labels.length], Uint8Array.from(labels, Number))]));
    written.push(images, classes);
  }
  return { paths: written, decodedBy: decoder?.name };
}

/** Patches, and which of them the next digit gets. */
async function backgroundsOf(
  backgrounds: Backgrounds,
  digits: ImageRows,
  seed: string,
  decoder: Decoder | undefined,
): Promise<{ readonly patches: ImageRows; readonly choose: () => number }> {
  switch (backgrounds.kind) {
    case "patches": {
      const patches = await imagesOf(backgrounds.path);
      return { patches, choose: patchChooser(patches, seed) };
    }
    case "photos": {
      if (decoder === undefined) throw internalError("photographs without a decoder");
      let next = 0;
      return { patches: await cropsFor(digits, backgrounds.folder, seed, decoder), choose: () => next++ };
    }
    default:
      return backgrounds satisfies never;
  }
}

/** A crop of a photograph for every digit. */
async function cropsFor(digits: ImageRows, folder: string, seed: string, decoder: Decoder): Promise<ImageRows> {
  const { fs } = nodeModules();
  if (digits.height !== digits.width) requireBlendable(digits, { ...digits, height: digits.width });
  if (!(await isFolder(folder))) {
    throw dataError(
      "file-not-found",
      `${folder}: expected a folder of photographs, got none`,
      "--photos takes a folder with train and val in it: dann data fetch bsds500",
    );
  }
  const { files } = await listImages(folder);
  const photos = await openPhotographs(
    files.map(({ id, path }) => ({ id, read: () => fs.readFile(path) })),
    digits.width,
  );
  return cutCrops(photos, drawCrops(photos, digits.rows, digits.width, seed), digits.width, decoder);
}

async function imagesOf(path: string): Promise<ImageRows> {
  const { rows } = await readDataset(path);
  if (rows.kind === "image") return rows;
  throw dataError("mnist-m", `${path}: expected uint8 images, got rows of kind ${rows.kind}`);
}

/** The file in blocks of a few hundred images: the whole would be 141 MB. */
function* blended(digits: ImageRows, patches: ImageRows, choose: () => number): Generator<Uint8Array> {
  yield idxHeaderBytes(0x08, [digits.rows, digits.height, digits.width, 3]);
  const each = digits.height * digits.width * 3;
  const images = 256;
  for (let row = 0; row < digits.rows; row += images) {
    const count = Math.min(images, digits.rows - row);
    const block = new Uint8Array(count * each);
    for (let i = 0; i < count; i++) blendInto(digits, row + i, patches, choose(), block, i);
    yield block;
  }
}
