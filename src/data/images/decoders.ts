/**
 * The libraries that decode: sharp (libvips) where its optional package is installed, else JavaScript, which installs
 * anywhere. PNG decodes to the same bytes in both; JPEG differs by a level or two, because the standard leaves the
 * rounding open, and by more at edges of colour, which libjpeg smooths. Nothing is loaded before an image is decoded.
 */
import { dataError, usageError } from "../../errors.ts";
import type { ImageDecoder } from "../config.ts";
import type { ImageHeader } from "./header.ts";
import { decodeJpeg, decodePng } from "./javascript.ts";
import type { Decoded } from "./picture.ts";

export interface Decoder {
  readonly name: Exclude<ImageDecoder, "auto">;
  /** Decodes a file whose header is sound; orientation is left alone. */
  decode(bytes: Uint8Array, header: ImageHeader): Promise<Decoded>;
}

export async function openDecoder(wanted: ImageDecoder): Promise<Decoder> {
  if (wanted === "javascript") return javascript;
  const sharp = await loadSharp();
  if (sharp !== undefined) return nativeDecoder(sharp);
  if (wanted === "auto") return javascript;
  throw usageError(
    "decoder",
    "decoder: sharp cannot be loaded here",
    'Install it (npm install sharp), or take "auto" or "javascript".',
  );
}

const javascript: Decoder = {
  name: "javascript",
  async decode(bytes, { format }) {
    if (format === "png") return decodePng(bytes);
    if (format === "jpeg") return decodeJpeg(bytes);
    throw dataError("webp", "WebP needs the package sharp", "Install it (npm install sharp), or convert to PNG.");
  },
};

/** What we use of sharp's interface; its own types are of an optional package. */
type Sharp = {
  (
    bytes: Uint8Array,
    options: object,
  ): {
    raw(): { toBuffer(options: { resolveWithObject: true }): Promise<{ data: Uint8Array; info: RawInfo }> };
  };
  cache(keep: false): void;
};

interface RawInfo {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

/** A specifier that no bundler or compiler resolves: the package may be missing. */
const nativePackage: string = "sharp";

async function loadSharp(): Promise<Sharp | undefined> {
  try {
    const { default: sharp } = (await import(/* @vite-ignore */ nativePackage)) as { default: Sharp };
    // Files are decoded once.
    sharp.cache(false);
    return sharp;
  } catch {
    return undefined;
  }
}

const nativeDecoder = (sharp: Sharp): Decoder => ({
  name: "sharp",
  async decode(bytes, { bands }) {
    // Profiles are for screens: the numbers stay as they are in the file, but CMYK has no other way to RGB.
    const options = { failOn: "error", limitInputPixels: false, ignoreIcc: bands !== 4, autoOrient: false };
    const { data, info } = await sharp(bytes, options).raw().toBuffer({ resolveWithObject: true });
    return { height: info.height, width: info.width, channels: info.channels, pixels: data };
  },
});
