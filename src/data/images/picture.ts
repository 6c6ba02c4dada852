/** One decoded image on its way to a row: colours made ours, then turned upright. */
import { internalError } from "../../errors.ts";
import type { ImageHeader } from "./header.ts";

/** As a decoder gives it: grey, grey and alpha, RGB, or RGB and alpha. */
export interface Decoded {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 2 | 3 | 4;
  /** [height, width, channels] */
  readonly pixels: Uint8Array;
}

export interface Picture extends Decoded {
  readonly channels: 1 | 3;
}

/** Grey or RGB, upright. What is transparent is laid on white, as a page would show it. */
export const finished = (decoded: Decoded, header: ImageHeader, channels: 1 | 3): Picture =>
  upright(opaque(decoded, channels), header.orientation);

function opaque({ height, width, channels: given, pixels }: Decoded, channels: 1 | 3): Picture {
  if (given === channels) return { height, width, channels, pixels };
  const area = height * width;
  const made = new Uint8Array(area * channels);
  const alpha = given === 2 || given === 4 ? given - 1 : undefined;
  for (let p = 0; p < area; p++) {
    const share = alpha === undefined ? 255 : (pixels[p * given + alpha] ?? 0);
    for (let channel = 0; channel < channels; channel++) {
      const value = pixels[p * given + (given < 3 ? 0 : channel)] ?? 0;
      made[p * channels + channel] = share === 255 ? value : Math.round((value * share + 255 * (255 - share)) / 255);
    }
  }
  return { height, width, channels, pixels: made };
}

/** Where the pixel at row y and column x of the upright image is stored, by EXIF's orientation (2 to 8). */
function storedAt(orientation: number, height: number, width: number): (y: number, x: number) => number {
  const [bottom, right] = [height - 1, width - 1];
  const at = (y: number, x: number): number => y * width + x;
  switch (orientation) {
    case 2:
      return (y, x) => at(y, right - x);
    case 3:
      return (y, x) => at(bottom - y, right - x);
    case 4:
      return (y, x) => at(bottom - y, x);
    case 5:
      return (y, x) => at(x, y);
    case 6:
      return (y, x) => at(bottom - x, y);
    case 7:
      return (y, x) => at(bottom - x, right - y);
    case 8:
      return (y, x) => at(x, right - y);
    default:
      throw internalError(`no orientation ${orientation}`);
  }
}

function upright(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture;
  const { channels, pixels } = picture;
  // From 5 on the image lies on its side.
  const [height, width] = orientation >= 5 ? [picture.width, picture.height] : [picture.height, picture.width];
  const stored = storedAt(orientation, picture.height, picture.width);
  const turned = new Uint8Array(pixels.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = stored(y, x) * channels;
      for (let channel = 0; channel < channels; channel++) turned[to++] = pixels[from + channel] ?? 0;
    }
  }
  return { height, width, channels, pixels: turned };
}

/** Height and width of the upright image. */
export const uprightSize = ({ height, width, orientation }: ImageHeader): { height: number; width: number } =>
  orientation >= 5 ? { height: width, width: height } : { height, width };
