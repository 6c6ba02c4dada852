/** The libraries that encode PNG: sharp where its optional package is installed, else JavaScript. Pixels are the same. */
import type { ImageDecoder } from "../config.ts";
import type { Picture } from "./picture.ts";
import { loadSharp, type Sharp } from "./sharp.ts";

export interface Encoder {
  readonly name: Exclude<ImageDecoder, "auto">;
  /** A PNG of 8 bits, grey or RGB; equal pixels give equal bytes. */
  encode(picture: Picture): Promise<Uint8Array>;
}

export async function openEncoder(wanted: "auto" | "javascript" = "auto"): Promise<Encoder> {
  const sharp = wanted === "auto" ? await loadSharp() : undefined;
  return sharp === undefined ? javascript : nativeEncoder(sharp);
}

const javascript: Encoder = {
  name: "javascript",
  async encode({ height, width, channels, pixels }) {
    const { encode } = await import("fast-png");
    return encode({ height, width, channels, data: pixels });
  },
};

const nativeEncoder = (sharp: Sharp): Encoder => ({
  name: "sharp",
  encode: ({ height, width, channels, pixels }) =>
    sharp(pixels, { raw: { height, width, channels }, limitInputPixels: false })
      // Left alone, it writes grey as RGB.
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .png({})
      .toBuffer(),
});
