/**
 * Square crops of photographs at random places. The places depend on the seed and on the sizes in the files' headers
 * alone, so that they are the same whatever decodes; the pixels of a JPEG differ by a level or two between decoders, and
 * by more at edges of colour (images/decoders.ts).
 */
import { dataError } from "../../errors.ts";
import { type Random, random } from "../../random.ts";
import type { ImageRows } from "../dataset.ts";
import type { Decoder } from "../images/decoders.ts";
import { type ImageHeader, imageHeader } from "../images/header.ts";
import { finished, uprightSize } from "../images/picture.ts";
import { count, list } from "../names.ts";
import { sharedUint8 } from "../shared-memory.ts";

export interface Photograph {
  /** For messages and for the index of crops. */
  readonly id: string;
  readonly header: ImageHeader;
  /** The file's bytes; kept by nobody. */
  readonly read: () => Promise<Uint8Array>;
}

/** The upper left corner of a crop, in pixels of the upright photograph. */
export interface Crop {
  /** Index of the photograph. */
  readonly photo: number;
  readonly top: number;
  readonly left: number;
}

/** Reads the headers; `files` in the order that the draws refer to. */
export async function openPhotographs(
  files: readonly { readonly id: string; readonly read: () => Promise<Uint8Array> }[],
  size: number,
): Promise<Photograph[]> {
  const photos: Photograph[] = [];
  const bad: string[] = [];
  for (const file of files) {
    try {
      const header = imageHeader(await file.read());
      const { height, width } = uprightSize(header);
      if (Math.min(height, width) < size) throw new Error(`it is ${height}x${width}, smaller than ${size}x${size}`);
      photos.push({ ...file, header });
    } catch (cause) {
      bad.push(`${file.id} (${reasonOf(cause)})`);
    }
  }
  if (bad.length === 0) return photos;
  throw dataError(
    "bad-images",
    `expected photographs of at least ${size}x${size}, but ${count(bad.length, "file")} cannot be used: ${list(bad, 8)}`,
    "Replace or remove them.",
  );
}

/** `crops` crops of photographs drawn with equal chance, each at a place drawn with equal chance. */
export function drawCrops(photos: readonly Photograph[], crops: number, size: number, seed: string | number): Crop[] {
  const chance = random(seed).split("crops");
  return Array.from({ length: crops }, () => drawCrop(photos, chance.integer(photos.length), size, chance));
}

/** The same number of crops of every photograph, in the photographs' order. */
export function drawCropsOfEach(
  photos: readonly Photograph[],
  each: number,
  size: number,
  seed: string | number,
): Crop[] {
  const chance = random(seed).split("crops of each");
  return photos.flatMap((_, photo) => Array.from({ length: each }, () => drawCrop(photos, photo, size, chance)));
}

function drawCrop(photos: readonly Photograph[], photo: number, size: number, chance: Random): Crop {
  const { height, width } = sizeOf(photos, photo);
  return { photo, top: chance.integer(height - size + 1), left: chance.integer(width - size + 1) };
}

/** The crops as RGB rows [crops, size, size, 3]. Each photograph is decoded once, and one is in memory at a time. */
export async function cutCrops(
  photos: readonly Photograph[],
  crops: readonly Crop[],
  size: number,
  decoder: Decoder,
): Promise<ImageRows> {
  const pixels = sharedUint8(crops.length * size * size * 3);
  const rowsOf = photos.map((): number[] => []);
  crops.forEach(({ photo }, row) => {
    rowsOf[photo]?.push(row);
  });
  for (const [index, photo] of photos.entries()) {
    const rows = rowsOf[index] ?? [];
    if (rows.length === 0) continue;
    const picture = finished(await decoded(photo, decoder), photo.header, 3);
    for (const row of rows) {
      const { top, left } = crops[row] ?? { top: 0, left: 0 };
      for (let y = 0; y < size; y++) {
        const from = ((top + y) * picture.width + left) * 3;
        pixels.set(picture.pixels.subarray(from, from + 3 * size), (row * size + y) * size * 3);
      }
    }
  }
  return { kind: "image", rows: crops.length, height: size, width: size, channels: 3, pixels };
}

async function decoded({ id, header, read }: Photograph, decoder: Decoder): ReturnType<Decoder["decode"]> {
  try {
    const picture = await decoder.decode(await read(), header);
    if (picture.height === header.height && picture.width === header.width) return picture;
    throw new Error("its header is damaged");
  } catch (cause) {
    throw dataError("bad-images", `${id}: cannot be decoded (${reasonOf(cause)})`, "Replace or remove it.", { cause });
  }
}

function sizeOf(photos: readonly Photograph[], index: number): { height: number; width: number } {
  const photo = photos[index];
  return photo === undefined ? { height: 0, width: 0 } : uprightSize(photo.header);
}

/** The first line of what went wrong. */
const reasonOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split("\n")[0] ?? "";
