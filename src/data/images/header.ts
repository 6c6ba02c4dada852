/**
 * What an image file says of itself before it is decoded: format, size, colours, orientation, and whether its end is
 * there. Read here and not by a decoder, so that every decoder is asked for the same, and a declared size cannot make
 * one allocate what it likes.
 */

export interface ImageHeader {
  readonly format: "jpeg" | "png" | "webp";
  /** As stored, before the orientation is undone. */
  readonly height: number;
  readonly width: number;
  /** 1 of a grey image, 3 of any other. */
  readonly channels: 1 | 3;
  /** Bands of a JPEG: 4 is CMYK. */
  readonly bands: number;
  /** EXIF's 1 to 8: how the stored image must be turned to stand upright. */
  readonly orientation: number;
}

/** @throws Error with the reason, in a few words, why this is no image that can be read. */
export function imageHeader(bytes: Uint8Array): ImageHeader {
  if (bytes.length === 0) throw new Error("it is empty");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return pngHeader(view);
    if (startsWith(bytes, [0xff, 0xd8, 0xff])) return jpegHeader(bytes, view);
    if (tag(view, 0) === "RIFF" && tag(view, 8) === "WEBP") return webpHeader(view);
  } catch (cause) {
    // Reading beyond the last byte.
    if (cause instanceof RangeError) throw new Error("it ends early", { cause });
    throw cause;
  }
  throw new Error("it is no JPEG, PNG or WebP");
}

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean =>
  start.every((byte, at) => bytes[at] === byte);

const tag = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((i) => (at + i < view.byteLength ? view.getUint8(at + i) : 0)));

/** PNG, third edition: a signature, then chunks of length, type, data and check sum, from IHDR to IEND. */
function pngHeader(view: DataView): ImageHeader {
  if (tag(view, 12) !== "IHDR") throw new Error("its header is damaged");
  const [width, height, colour] = [view.getUint32(16), view.getUint32(20), view.getUint8(25)];
  let orientation = 1;
  for (let at = 8; ; ) {
    const [length, type] = [view.getUint32(at), tag(view, at + 4)];
    if (at + 12 + length > view.byteLength) throw new Error("it ends early");
    if (type === "IHDR" && at > 8) throw new Error("its header is damaged");
    if (type === "eXIf") orientation = exifOrientation(view, at + 8, at + 8 + length);
    if (type === "IEND") break;
    at += 12 + length;
  }
  // Bit 1 of the colour type is "colour": truecolour and palettes.
  return sized({ format: "png", height, width, channels: colour & 2 ? 3 : 1, bands: 3, orientation });
}

/**
 * JPEG (T.81): segments of marker and length, the scans between them, up to the end marker. The size is in the frame
 * header, of which there is one: a second one, even behind a scan, would have a decoder make room for another image.
 */
function jpegHeader(bytes: Uint8Array, view: DataView): ImageHeader {
  let frame: { height: number; width: number; bands: number } | undefined;
  let orientation = 1;
  for (let at = 2, scanned = false; ; ) {
    if (scanned) at = nextMarker(bytes, at);
    if (view.getUint8(at) !== 0xff) throw new Error("its header is damaged");
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xd9) break;
    const length = view.getUint16(at + 2);
    // Frame headers are C0 to CF, but for the tables C4 and CC and the reserved C8.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      if (frame !== undefined) throw new Error("its header is damaged");
      frame = { height: view.getUint16(at + 5), width: view.getUint16(at + 7), bands: view.getUint8(at + 9) };
    }
    if (marker === 0xe1 && tag(view, at + 4) === "Exif") {
      orientation = exifOrientation(view, at + 10, Math.min(view.byteLength, at + 2 + length));
    }
    scanned ||= marker === 0xda;
    at += 2 + length;
  }
  if (frame === undefined) throw new Error("its header is damaged");
  return sized({ format: "jpeg", ...frame, channels: frame.bands === 1 ? 1 : 3, orientation });
}

/** In the data of a scan every FF is followed by 00 or is a restart marker. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at += 2) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) throw new Error("it ends early");
    const next = bytes[at + 1] ?? 0xd9;
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
}

/** WebP: RIFF chunks; the size is in the first, of lossy, lossless or extended form. */
function webpHeader(view: DataView): ImageHeader {
  const end = 8 + view.getUint32(4, true);
  if (end > view.byteLength) throw new Error("it ends early");
  const size = webpSize(view);
  let orientation = 1;
  for (let at = 12; at + 8 <= end; ) {
    const length = view.getUint32(at + 4, true);
    if (tag(view, at) === "EXIF") {
      const start = at + 8 + (tag(view, at + 8) === "Exif" ? 6 : 0);
      orientation = exifOrientation(view, start, Math.min(end, at + 8 + length));
    }
    at += 8 + length + (length % 2);
  }
  return sized({ format: "webp", ...size, channels: 3, bands: 3, orientation });
}

function webpSize(view: DataView): { height: number; width: number } {
  switch (tag(view, 12)) {
    case "VP8 ":
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case "VP8X": {
      const size = (at: number): number => 1 + view.getUint16(at, true) + 65536 * view.getUint8(at + 2);
      return { width: size(24), height: size(27) };
    }
    default:
      throw new Error("its header is damaged");
  }
}

function sized(header: ImageHeader): ImageHeader {
  if (header.height === 0 || header.width === 0) throw new Error("its header is damaged");
  return header;
}

/** Tag 0x0112 of the first directory of a TIFF block; 1, upright, wherever it cannot be read. */
function exifOrientation(view: DataView, start: number, end: number): number {
  const little = tag(view, start).startsWith("II");
  const short = (at: number): number => (at + 2 <= end ? view.getUint16(at, little) : 0);
  const directory = start + (start + 8 <= end ? view.getUint32(start + 4, little) : end);
  for (let entry = 0; entry < short(directory); entry++) {
    const at = directory + 2 + 12 * entry;
    if (at + 12 > end) return 1;
    if (short(at) !== 0x0112) continue;
    const value = short(at + 8);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
