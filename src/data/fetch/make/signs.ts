/**
 * Traffic signs as IDX, from the archive of GTSRB: of every track (30 frames of one sign, filmed on the way to it) the
 * frames 0, 6, 12, 18, 24 and 29, resized to 32x32 (bilinear, proportions not kept). Labels and index are checked; the
 * pixels are not, because rounding in resizing differs between programs.
 */
import { unzipSync } from "fflate";
import { dataError } from "../../../errors.ts";
import { byCodePoints } from "../../images/listing.ts";
import { resizer } from "../../resize.ts";
import { encodeIdx } from "../../writers/idx.ts";
import { type Known, knownFile, type MadeFiles } from "../set.ts";

const frames = new Set([0, 6, 12, 18, 24, 29]);
const side = 32;
const [images, labels, index] = ["images-idx4-ubyte.gz", "labels-idx1-ubyte.gz", "index.csv.gz"] as const;

export const makeSigns = (from: string, known: { readonly labels: Known; readonly index: Known }): MadeFiles => ({
  files: [{ path: images }, knownFile(labels, known.labels), knownFile(index, known.index)],
  from: [from],
  make: async (read) => signsOf(await read(from), from),
});

/** Class, track and frame of an image in the archive. */
function placeOf(name: string): readonly [label: number, track: number, frame: number] | undefined {
  const found = /\/(\d{5})\/(\d{5})_(\d{5})\.ppm$/.exec(name);
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])];
}

export function signsOf(zip: Uint8Array, path: string): Map<string, Uint8Array> {
  const files = unzipSync(zip, { filter: ({ name }) => frames.has(placeOf(name)?.[2] ?? -1) });
  const names = Object.keys(files).sort(byCodePoints);
  if (names.length === 0) throw dataError("gtsrb", `${path}: expected CLASS/TRACK_FRAME.ppm, got no such file`);
  const pixels = new Uint8Array(names.length * side * side * 3);
  const classes = new Uint8Array(names.length);
  let table = "i,label,track,frame,width,height\n";
  names.forEach((name, i) => {
    const [label = 0, track, frame] = placeOf(name) ?? [];
    const { height, width, pixels: original } = readPpm(files[name] ?? new Uint8Array(), name);
    const area = side * side * 3;
    resizer(
      { height, width },
      { height: side, width: side },
      3,
      "stretch",
    )(original, pixels.subarray(i * area, (i + 1) * area));
    classes[i] = label;
    table += `${i},${label},${track},${frame},${width},${height}\n`;
  });
  return new Map([
    [images, encodeIdx([names.length, side, side, 3], pixels)],
    [labels, encodeIdx([names.length], classes)],
    [index, new TextEncoder().encode(table)],
  ]);
}

interface Ppm {
  readonly height: number;
  readonly width: number;
  /** [height, width, 3] */
  readonly pixels: Uint8Array;
}

/** Binary PPM: `P6`, width, height, 255, with white space and comments between, one white space, then RGB bytes. */
export function readPpm(bytes: Uint8Array, name: string): Ppm {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 512));
  const space = "(?:\\s|#[^\\n]*\\n)+";
  const found = new RegExp(`^P6${space}(\\d+)${space}(\\d+)${space}255\\s`).exec(head);
  const [width, height, start] = [Number(found?.[1]), Number(found?.[2]), found?.[0].length ?? 0];
  const pixels = bytes.subarray(start);
  if (found !== null && pixels.length === width * height * 3) return { height, width, pixels };
  throw dataError(
    "ppm",
    `${name}: expected a binary PPM of 8 bits with all its pixels, got ${bytes.length} other bytes`,
  );
}
