/**
 * The libraries that decode: sharp (libvips) where its optional package is installed, else JavaScript, which installs
 * anywhere. PNG decodes to the same bytes in both; JPEG differs by a level or two, because the standard leaves the
 * rounding open, and by more at edges of colour, which libjpeg smooths. Nothing is loaded before an image is decoded.
 */
import { dataError, usageError } from "../../errors.ts";
import type { ImageDecoder } from "../config.ts";
import type { ImageHeader } from "./header.ts";
import { decodeJpeg, decodePng } from "./javascript.ts";
import { mostPixels } from "./look.ts";
import type { Decoded } from "./picture.ts";
import { loadSharp, type Sharp } from "./sharp.ts";

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
  async decode(bytes, header) {
    const { format } = header;
    if (format === "png") return decodePng(bytes, header);
    if (format === "jpeg") return decodeJpeg(bytes);
    throw dataError("webp", "WebP needs the package sharp", "Install it (npm install sharp), or convert to PNG.");
  },
};

const nativeDecoder = (sharp: Sharp): Decoder => ({
  name: "sharp",
  async decode(bytes, { bands }) {
    // Profiles are for screens: the numbers stay as they are in the file, but CMYK has no other way to RGB.
    const options = { failOn: "error", limitInputPixels: mostPixels, ignoreIcc: bands !== 4, autoOrient: false };
    const { data, info } = await sharp(bytes, options).raw().toBuffer({ resolveWithObject: true });
    return { height: info.height, width: info.width, channels: info.channels, pixels: data };
  },
});
