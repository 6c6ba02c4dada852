/**
 * What a backbone reads, and so what rows in front of it become where the user asked for nothing else. The file says
 * its input's type, channels and size; what its weights were trained with it does not say, so that is a convention.
 */
import type { PreprocessOptions } from "../data/config.ts";
import type { ImageOptions } from "../data/image-config.ts";
import type { TokensRequest } from "../data/preprocess/tokens.ts";
import { usageError } from "../errors.ts";
import type { ModelInfo } from "../onnx/read.ts";
import { openBackbone } from "./backbone-file.ts";
import type { BackboneSource } from "./plan.ts";
import { tokensFor } from "./text-encoder.ts";

/** `pixels`: images as bytes, preprocessing inside; `images`: floats [N, C, H, W]; `rows`: everything else. */
export type BackboneInput =
  | { readonly kind: "pixels" | "images"; readonly channels: number | undefined; readonly size: string | undefined }
  | { readonly kind: "rows"; readonly ours: boolean };

export function backboneInput({ inputs, metadata }: ModelInfo): BackboneInput {
  const [input, ...others] = Object.values(inputs);
  const other: BackboneInput = { kind: "rows", ours: "dann.schema" in metadata };
  if (input === undefined || others.length > 0 || input.shape.length !== 4) return other;
  const kind = input.dtype === "uint8" ? "pixels" : "images";
  const [channels, height, width] = (kind === "pixels" ? [3, 1, 2] : [1, 2, 3]).map((axis) => input.shape[axis]);
  // Channels last are no images that we know how to feed: importing says what does not fit.
  if (typeof channels === "number" && channels !== 1 && channels !== 3) return other;
  const size = typeof height === "number" && typeof width === "number" ? `${height}x${width}` : undefined;
  return { kind, channels: typeof channels === "number" ? channels : undefined, size };
}

/** How the rows of a run with a backbone become its inputs. */
export interface BackboneRows {
  readonly preprocess: PreprocessOptions;
  /** Where it is an encoder of text. */
  readonly tokens: TokensRequest | undefined;
}

/** Preprocessing of rows that go into a backbone, with what the user asked for. */
export async function rowsFor(source: BackboneSource | undefined, asked: PreprocessOptions): Promise<BackboneRows> {
  if (source === undefined) return { preprocess: asked, tokens: undefined };
  const file = await openBackbone(source);
  const tokens = await tokensFor(file, source);
  if (tokens === undefined) return { preprocess: preprocessOf(backboneInput(file.info), asked, file.name), tokens };
  if (asked.text !== undefined)
    throw usageError(
      "text-options",
      `expected options of hashed n-grams (${Object.keys(asked.text).join(", ")}) without an encoder of text, got both`,
      "Leave them out, or leave the encoder out.",
    );
  // What stands beside a text goes past the encoder.
  return { preprocess: asked, tokens };
}

export function preprocessOf(input: BackboneInput, asked: PreprocessOptions, name: string): PreprocessOptions {
  // A model of ours has its preprocessing inside, and takes rows as they come.
  if (input.kind === "rows") return input.ours ? { standardise: "none", counts: "none", ...asked } : asked;
  const valued = values.filter((option) => asked.images?.[option] !== undefined);
  if (input.kind === "pixels" && valued.length > 0)
    throw usageError(
      "backbone-pixels",
      `${name}: takes pixels as they are (uint8) and normalises by itself, got preprocess.images.${valued[0]} as well`,
      "Leave --normalise, --mean, --std and preprocess.images out.",
    );
  return {
    ...asked,
    ...(asked.imageSize === undefined && input.size !== undefined && { imageSize: input.size }),
    images: {
      ...(input.channels === 3 && { channels: 3 as const }),
      ...(input.kind === "pixels"
        ? { scale: 1, centre: "none" as const }
        : valued.length === 0 && input.channels === 3 && { normalise: "imagenet" as const }),
      ...asked.images,
    },
  };
}

/** Options that say what a pixel becomes. */
const values = ["normalise", "mean", "std", "centre", "scale"] as const satisfies readonly (keyof ImageOptions)[];

/** What images in front of the model become by default, for people; undefined where it reads no images. */
export function inputHint(input: BackboneInput, first: readonly string[]): string | undefined {
  if (input.kind === "rows") return undefined;
  const size = input.size === undefined ? "" : ` of ${input.size}`;
  if (input.kind === "pixels") return `images${size} as bytes: it has its preprocessing inside`;
  const by = input.channels === 3 ? "normalised as imagenet" : "from 0 to 1, less the mean of each domain";
  const inside = first.find((operator) => /^(Sub|Add|Div|Mul)$/.test(operator));
  const doubt = inside === undefined ? "" : `. It begins with ${inside}: if it normalises by itself, --normalise none`;
  return `images${size}, ${by} (--normalise, --mean and --std say otherwise)${doubt}`;
}
