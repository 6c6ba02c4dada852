/** Decoding in JavaScript: PNG of every kind, and baseline and progressive JPEG. */
import type { DecodedPng } from "fast-png";
import type { ImageHeader } from "./header.ts";
import { mostPixels } from "./look.ts";
import type { Decoded } from "./picture.ts";

export async function decodePng(bytes: Uint8Array, header: ImageHeader): Promise<Decoded> {
  const { decode } = await import("fast-png");
  const png = decode(withinBounds(bytes, header), { checkCrc: true });
  const { height, width, palette } = png;
  const samples = unpacked(png);
  if (palette !== undefined) return fromPalette(samples, palette, png);
  const channels = png.channels as Decoded["channels"];
  // The upper byte of 16 bits; fewer than 8 are spread over 0..255.
  const factor = png.depth < 8 ? 255 / (2 ** png.depth - 1) : 1;
  const pixels = Uint8Array.from(samples, png.depth === 16 ? (value) => value >> 8 : (value) => value * factor);
  return withKey({ height, width, channels, pixels }, samples, png.transparency);
}

/** What decodes an image; profiles, texts and times are left out. */
const needed: ReadonlySet<string> = new Set(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);

/**
 * The PNG with its pixels unpacked, in stored blocks of deflate. The library unpacks whatever comes, a thousandfold
 * where somebody made it so: pixels beyond the declared size, profiles of gigabytes.
 */
function withinBounds(bytes: Uint8Array, { height, width }: ImageHeader): Uint8Array {
  const { crc32, deflateSync } = process.getBuiltinModule("node:zlib");
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [depth = 8, colour = 6, interlaced] = [file[24], file[25], file[28] === 1];
  const samples = { 0: 1, 2: 3, 3: 1, 4: 2 }[colour] ?? 4;
  const chunks: Buffer[] = [];
  const packed: Buffer[] = [];
  for (let at = 8; at < file.length; ) {
    const [end, type] = [at + 12 + file.readUInt32BE(at), file.toString("latin1", at + 4, at + 8)];
    if (type === "IDAT") {
      if (crc32(file.subarray(at + 4, end - 4)) !== file.readUInt32BE(end - 4)) throw new Error("its data are damaged");
      packed.push(file.subarray(at + 8, end - 4));
    } else if (needed.has(type)) chunks.push(file.subarray(at, end));
    if (type === "IEND") break;
    at = end;
  }
  // The library takes the numbers of colours for levels of grey.
  if (colour === 3 && !chunks.some((chunk) => chunk.toString("latin1", 4, 8) === "PLTE"))
    throw new Error("its palette is missing");
  // A byte in front of each line; the seven parts of interlaced images have shorter and up to twice as many lines.
  const lines = height * (Math.ceil((width * samples * depth) / 8) + 1);
  const pixels = inflated(Buffer.concat(packed), interlaced ? 2 * lines + 7 * (height + width) : lines);
  if (!interlaced && pixels.length < lines) throw new Error("it ends early");
  const body = Buffer.concat([Buffer.from("IDAT"), deflateSync(pixels, { level: 0 })]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([file.subarray(0, 8), ...chunks.slice(0, -1), length, body, check, ...chunks.slice(-1)]);
}

function inflated(packed: Buffer, most: number): Buffer {
  try {
    return process.getBuiltinModule("node:zlib").inflateSync(packed, { maxOutputLength: most });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") throw cause;
    throw new Error("it holds more than its size", { cause });
  }
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
    // Sizes are checked before decoding, by our own limit; an image of that size takes 1.2 GB here.
    maxResolutionInMP: mostPixels / 1e6,
    maxMemoryUsageInMB: 2048,
  });
  return { height, width, channels: 3, pixels: data };
}
