/**
 * Changes of training images that keep their class: mirrored, shifted or enlarged, brighter or with more contrast. All
 * of it is done on the bytes of a batch as it is gathered, one pass over them: the graph of the step stays as it is, and
 * a backbone that takes bytes gets bytes. What is drawn depends on the seed, the step and the place in the batch alone.
 */
import * as z from "zod";
import { usageError } from "../errors.ts";
import type { Random } from "../random.ts";
import type { ImageSize } from "./config.ts";
import type { PreprocessSpec } from "./preprocess/spec.ts";

/** Which changes are made, and how strong; an absent one is not made. */
export interface Augment {
  /** Left and right are exchanged in this share of the rows. */
  readonly flip?: { readonly probability: number } | undefined;
  /**
   * A part of the image in its place; what lies outside continues the edge. `padding`: largest shift, as a share of the
   * side; `scale`: smallest share of the area that the part has, 1: it is only shifted.
   */
  readonly crop?: { readonly padding: number; readonly scale: number } | undefined;
  /** Factors from 1 - x to 1 + x: on pixels, and on their distance from the image's mean. */
  readonly colour?: { readonly brightness: number; readonly contrast: number } | undefined;
}

/** What a person writes: `{}` for a change with its defaults, `false` takes away what a file asks for. */
export interface AugmentInput {
  /** Default probability .5. */
  readonly flip?: { readonly probability?: number | undefined } | false | undefined;
  /** Default padding .125 (4 pixels of 32), scale 1. */
  readonly crop?: { readonly padding?: number | undefined; readonly scale?: number | undefined } | false | undefined;
  /** Default .2 each. */
  readonly colour?:
    | { readonly brightness?: number | undefined; readonly contrast?: number | undefined }
    | false
    | undefined;
}

type Colour = NonNullable<Augment["colour"]>;

export const augmentNames = ["flip", "crop", "colour"] as const satisfies readonly (keyof Augment)[];

const share = z.number().min(0).max(1);
/** Strengths, all of which have defaults, or `false`. */
const change = <S extends z.ZodObject>(strengths: S) =>
  z.union([z.literal(false), strengths], "expected strengths, {} for their defaults, or false").optional();

export const augmentConfig: z.ZodType<Augment | undefined, AugmentInput | undefined> = z
  .strictObject({
    flip: change(
      z.strictObject({ probability: share.default(0.5).describe("share of rows that are mirrored") }),
    ).describe("exchange left and right"),
    crop: change(
      z.strictObject({
        padding: z.number().min(0).max(0.5).default(0.125).describe("largest shift, as a share of the side"),
        scale: z.number().min(0.05).max(1).default(1).describe("smallest share of the area; 1: shifts alone"),
      }),
    ).describe("a part of the image, shifted or enlarged"),
    colour: change(
      z.strictObject({
        brightness: share.default(0.2).describe("largest change of brightness, as a share"),
        contrast: share.default(0.2).describe("largest change of contrast, as a share"),
      }),
    ).describe("brightness and contrast"),
  })
  .optional()
  .transform((given) => {
    const asked = Object.entries(given ?? {}).filter(([, value]) => value !== undefined && value !== false);
    return asked.length === 0 ? undefined : (Object.fromEntries(asked) as Augment);
  });

/** Refuses to change rows that are no images. */
export function checkAugment(augment: Augment | undefined, { kind }: Pick<PreprocessSpec, "kind">): void {
  if (augment === undefined || kind === "image") return;
  throw usageError(
    "augment-rows",
    `train.augment: expected images, got rows of kind ${kind}: what keeps the class of such rows is not known`,
    "Leave --augment out.",
  );
}

/** `flip .5, crop padding .125`, for people. */
export const describeAugment = (augment: Augment): string =>
  Object.entries(augment)
    .map(([name, strengths]) => {
      const said = Object.entries(strengths as Readonly<Record<string, number>>);
      return `${name} (${said.map(([key, value]) => `${key} ${value}`).join(", ")})`;
    })
    .join(", ");

/** Size and channels of the images in a batch. */
export interface ImageShape extends ImageSize {
  readonly channels: number;
}

/** Changes the images [rows, height, width, channels] of a step's batch in place. */
export type Augmenter = (step: number, pixels: Uint8Array) => void;

/** @param random the generator of this domain's changes; it is split by the step, never drawn from. */
export function augmenter(augment: Augment, shape: ImageShape, random: Random): Augmenter {
  const size = shape.height * shape.width * shape.channels;
  const original = new Uint8Array(size);
  const place = windowPlacer(shape);
  return (step, pixels) => {
    const chance = random.split(step);
    for (let at = 0; at < pixels.length; at += size) {
      const image = pixels.subarray(at, at + size);
      const change = drawChange(augment, shape, chance);
      if (change.window !== undefined) {
        original.set(image);
        place(original, change.window, image);
      }
      if (change.colour !== undefined) recolour(image, change.colour);
    }
  };
}

/** The part of an image that is shown: from its left and upper edge, mirrored or not. */
interface Window {
  readonly left: number;
  readonly top: number;
  /** Pixels of the original for each that is shown; 1: nothing is enlarged, and the edges are whole numbers. */
  readonly step: number;
  readonly mirrored: boolean;
}

interface Change {
  readonly window: Window | undefined;
  readonly colour: Colour | undefined;
}

/** Always six numbers, whatever is asked for: one change more leaves the others as they were. */
function drawChange({ flip, crop, colour }: Augment, { height, width }: ImageSize, chance: Random): Change {
  const [mirror, across, down, area, light, depth] = [0, 0, 0, 0, 0, 0].map(() => chance.uniform()) as Six;
  const mirrored = mirror < (flip?.probability ?? 0);
  const step = crop === undefined ? 1 : Math.sqrt(1 - area * (1 - crop.scale));
  const padding = crop?.padding ?? 0;
  const left = step === 1 ? shiftOf(across, padding * width) : edgeOf(across, width, step, padding);
  const top = step === 1 ? shiftOf(down, padding * height) : edgeOf(down, height, step, padding);
  const still = !mirrored && step === 1 && left === 0 && top === 0;
  const factor = (draw: number, strength: number): number => 1 + strength * (2 * draw - 1);
  return {
    window: still ? undefined : { left, top, step, mirrored },
    colour: colour && { brightness: factor(light, colour.brightness), contrast: factor(depth, colour.contrast) },
  };
}

type Six = [number, number, number, number, number, number];

/** A whole number of pixels, each from -most to most as often; any padding at all moves a small image by one. */
function shiftOf(draw: number, most: number): number {
  const whole = most === 0 ? 0 : Math.max(1, Math.round(most));
  return Math.floor(draw * (2 * whole + 1)) - whole;
}

/** Where a part of `step` of the side begins, anywhere in the padded image. */
const edgeOf = (draw: number, side: number, step: number, padding: number): number =>
  side * (draw * (1 - step + 2 * padding) - padding);

/** Two neighbours of each byte of a row or of each row, where they begin, and the weight of the second. */
interface Axis {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly weight: Float64Array;
}

const axis = (length: number): Axis => ({
  first: new Int32Array(length),
  second: new Int32Array(length),
  weight: new Float64Array(length),
});

/** @param each bytes that lie together at a position: a pixel's channels; a row counts as one, `stride` apart. */
function fillAxis(into: Axis, each: number, stride: number, from: number, step: number, mirrored: boolean): void {
  const length = into.first.length / each;
  for (let i = 0; i < length; i++) {
    const shown = mirrored ? length - 1 - i : i;
    // Half-pixel centres, as in `resize.ts`.
    const position = from + (shown + 0.5) * step - 0.5;
    const floor = Math.floor(position);
    const near = Math.min(length - 1, Math.max(0, floor)) * stride;
    const far = Math.min(length - 1, Math.max(0, floor + 1)) * stride;
    for (let c = 0, at = i * each; c < each; c++, at++) {
      into.first[at] = near + c;
      into.second[at] = far + c;
      into.weight[at] = position - floor;
    }
  }
}

/** Shows the window of one image in another of the same shape. The tables of a shape are made once. */
function windowPlacer({
  height,
  width,
  channels,
}: ImageShape): (from: Uint8Array, of: Window, into: Uint8Array) => void {
  const row = width * channels;
  const across = axis(row);
  const down = axis(height);
  return (from, { left, top, step, mirrored }, into) => {
    fillAxis(across, channels, channels, left, step, mirrored);
    fillAxis(down, 1, row, top, step, false);
    for (let y = 0, at = 0; y < height; y++) {
      const [upper, lower, depth] = [down.first[y] ?? 0, down.second[y] ?? 0, down.weight[y] ?? 0];
      if (step === 1) {
        for (let x = 0; x < row; x++) into[at++] = from[upper + (across.first[x] ?? 0)] ?? 0;
        continue;
      }
      for (let x = 0; x < row; x++) {
        const [near, far, share] = [across.first[x] ?? 0, across.second[x] ?? 0, across.weight[x] ?? 0];
        const above = mix(from[upper + near] ?? 0, from[upper + far] ?? 0, share);
        const below = mix(from[lower + near] ?? 0, from[lower + far] ?? 0, share);
        into[at++] = Math.round(mix(above, below, depth));
      }
    }
  };
}

const mix = (a: number, b: number, share: number): number => a + (b - a) * share;

/** Brightness first, then contrast about the mean that this gives; a table of 256 answers, whatever the size. */
function recolour(image: Uint8Array, { brightness, contrast }: Colour): void {
  let sum = 0;
  for (let i = 0; i < image.length; i++) sum += image[i] ?? 0;
  const mean = sum / Math.max(1, image.length);
  const table = new Uint8ClampedArray(256);
  for (let value = 0; value < 256; value++) table[value] = brightness * (mean + contrast * (value - mean));
  for (let i = 0; i < image.length; i++) image[i] = table[image[i] ?? 0] ?? 0;
}
