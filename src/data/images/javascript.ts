/** Decoding in JavaScript: PNG of every kind, and baseline and progressive JPEG. */
import type { DecodedPng } from "fast-png";
import type { Decoded } from "./picture.ts";

export async function decodePng(bytes: Uint8Array): Promise<Decoded> {
  const { decode } = await import("fast-png");
  const png = decode(bytes, { checkCrc: true });
  const { height, width, palette } = png;
  const samples = unpacked(png);
  if (palette !== undefined) return fromPalette(samples, palette, png);
  const channels = png.channels as Decoded["channels"];
  // The upper byte of 16 bits; fewer than 8 are spread over 0..255.
  const factor = png.depth < 8 ? 255 / (2 ** png.depth - 1) : 1;
  const pixels = Uint8Array.from(samples, png.depth === 16 ? (value) => value >> 8 : (value) => value * factor);
  return withKey({ height, width, channels, pixels }, samples, png.transparency);
}

/** A number a sample. The library leaves samples of less than a byte packed, each row from a new byte on. */
function unpacked({ depth, width, height, data }: DecodedPng): Uint8Array | Uint8ClampedArray | Uint16Array {
  if (depth >= 8) return data;
  const stride = Math.ceil((width * depth) / 8);
  const samples = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let bit = 0; bit < width * depth; bit += depth) {
      samples[to++] = ((data[y * stride + (bit >> 3)] ?? 0) >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  }
  return samples;
}

function fromPalette(
  samples: ArrayLike<number>,
  palette: readonly (readonly number[])[],
  { height, width }: DecodedPng,
): Decoded {
  const channels = palette.some((entry) => entry.length === 4) ? 4 : 3;
  const pixels = new Uint8Array(height * width * channels);
  for (let p = 0; p < height * width; p++) {
    const entry = palette[samples[p] ?? 0];
    if (entry === undefined) throw new Error("its palette is too short");
    for (let channel = 0; channel < channels; channel++) pixels[p * channels + channel] = entry[channel] ?? 255;
  }
  return { height, width, channels, pixels };
}

/** Grey and RGB may name one colour that is transparent: it becomes an alpha channel. */
function withKey(decoded: Decoded, samples: ArrayLike<number>, key: Uint16Array | undefined): Decoded {
  const { height, width, channels, pixels } = decoded;
  if (key === undefined || (channels !== 1 && channels !== 3)) return decoded;
  const keyed = new Uint8Array(height * width * (channels + 1));
  for (let p = 0; p < height * width; p++) {
    let equal = true;
    for (let channel = 0; channel < channels; channel++) {
      keyed[p * (channels + 1) + channel] = pixels[p * channels + channel] ?? 0;
      equal &&= samples[p * channels + channel] === key[channel];
    }
    keyed[p * (channels + 1) + channels] = equal ? 0 : 255;
  }
  return { height, width, channels: channels === 1 ? 2 : 4, pixels: keyed };
}

export async function decodeJpeg(bytes: Uint8Array): Promise<Decoded> {
  const { default: jpeg } = await import("jpeg-js");
  const { height, width, data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    // Sizes are checked before decoding, by our own limit.
    maxResolutionInMP: 1e6,
    maxMemoryUsageInMB: 1e6,
  });
  return { height, width, channels: 3, pixels: data };
}
