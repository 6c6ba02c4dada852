/** Image files made by the program, for the readers of folders. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { encode as encodePng, type ImageData } from "fast-png";
import jpeg from "jpeg-js";

/** Values 0..255 that differ from pixel to pixel, smooth enough to survive a JPEG. */
export const smooth = (height: number, width: number, channels: number, phase = 0): Uint8Array =>
  Uint8Array.from({ length: height * width * channels }, (_, at) => {
    const [p, channel] = [Math.floor(at / channels), at % channels];
    const [y, x] = [Math.floor(p / width), p % width];
    return 128 + 100 * Math.sin(phase + channel + (3 * y) / height + (4 * x) / width);
  });

export const png = (
  height: number,
  width: number,
  channels: 1 | 2 | 3 | 4,
  data: Uint8Array | Uint16Array = smooth(height, width, channels),
  more: Partial<ImageData> = {},
): Uint8Array => encodePng({ height, width, channels, data, depth: data instanceof Uint16Array ? 16 : 8, ...more });

export function jpg(height: number, width: number, rgb = smooth(height, width, 3), quality = 95): Uint8Array {
  const data = new Uint8Array(height * width * 4).fill(255);
  for (let at = 0; at < height * width; at++) data.set(rgb.subarray(3 * at, 3 * at + 3), 4 * at);
  return jpeg.encode({ height, width, data }, quality).data;
}

/** A chunk of PNG: length, type, content, check sum. */
export function pngChunk(type: string, content: Uint8Array = new Uint8Array(0)): Uint8Array {
  const body = Buffer.concat([Buffer.from(type), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** IHDR of PNG; colour 0 is grey, 2 RGB, 3 a palette. */
export function pngHead(height: number, width: number, depth = 8, colour = 2, interlaced = 0): Uint8Array {
  const content = Buffer.alloc(13);
  content.writeUInt32BE(width, 0);
  content.writeUInt32BE(height, 4);
  content.set([depth, colour, 0, 0, interlaced], 8);
  return pngChunk("IHDR", content);
}

/** A PNG that the library would not write: its chunks up to IEND. */
export const pngOf = (...chunks: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...chunks, pngChunk("IEND")]);

/** IDAT of lines that each have their filter's byte in front. */
export const pngData = (lines: Uint8Array): Uint8Array => pngChunk("IDAT", deflateSync(lines));

/** A JPEG with EXIF's orientation, put in front of what it had. */
export function turned(file: Uint8Array, orientation: number, little = true): Uint8Array {
  const exif = new Uint8Array(36);
  const view = new DataView(exif.buffer);
  view.setUint16(0, 0xffe1);
  view.setUint16(2, 34);
  exif.set(new TextEncoder().encode(little ? "Exif\0\0II" : "Exif\0\0MM"), 4);
  view.setUint16(12, 42, little);
  view.setUint32(14, 8, little);
  view.setUint16(18, 1, little);
  view.setUint16(20, 0x0112, little);
  view.setUint16(22, 3, little);
  view.setUint32(24, 1, little);
  view.setUint16(28, orientation, little);
  return Uint8Array.from([...file.subarray(0, 2), ...exif, ...file.subarray(2)]);
}

/** Writes files by their paths in a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
