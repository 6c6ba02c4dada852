/** Images: uint8 [N, H, W, C] become float32 [N, C, H, W], scaled and centred by channel. */
import type { Domain } from "../../domain.ts";
import { dataError } from "../../errors.ts";
import { cast, floats, mul, sub, type TensorType, transpose, type Var } from "../../graph/index.ts";
import type { Dim } from "../../graph/tensor.ts";
import { type PreprocessOptions, parseImageSize } from "../config.ts";
import type { ImageRows } from "../dataset.ts";
import type { ImageSpec } from "./spec.ts";

export function fitImages(source: ImageRows, target: ImageRows | undefined, options: PreprocessOptions): ImageSpec {
  const wanted = options.imageSize === undefined ? undefined : parseImageSize(options.imageSize);
  if (wanted === undefined && target !== undefined && sizeOf(source) !== sizeOf(target)) {
    throw imageSizesDiffer(sizeOf(source), sizeOf(target));
  }
  const centre = options.images?.centre ?? "perDomain";
  const channels = source.channels === 3 || target?.channels === 3 ? 3 : 1;
  const none = new Array<number>(channels).fill(0);
  const own = centre === "none" ? none : channelMeans(source, channels);
  // Images of a folder come resized: others must become what they are.
  const fit = options.imageFit ?? source.fit ?? target?.fit;
  const resize = wanted !== undefined || source.fit !== undefined || target?.fit !== undefined;
  return {
    kind: "image",
    height: wanted?.height ?? source.height,
    width: wanted?.width ?? source.width,
    channels,
    resize,
    ...(resize && fit !== undefined && { fit }),
    scale: options.images?.scale ?? 1 / 255,
    centre,
    source: own,
    target: centre === "perDomain" && target !== undefined ? channelMeans(target, channels) : own,
  };
}

export const sizeOf = (rows: ImageRows): string => `${rows.height}x${rows.width}`;

export const imageSizesDiffer = (source: string, target: string): Error =>
  dataError(
    "image-size",
    `expected images of one size in both domains, got ${source} in the source and ${target} in the target`,
    `Pass --image-size ${source} (or another HEIGHTxWIDTH) to resize both.`,
  );

/** Mean of each channel, 0..255; a grey image's is repeated where the other domain has colours. */
function channelMeans(rows: ImageRows, channels: 1 | 3): number[] {
  const { pixels } = rows;
  const step = rows.channels;
  let [first, second, third] = [0, 0, 0];
  for (let i = 0; i < pixels.length; i += step) {
    first += pixels[i] ?? 0;
    if (step === 1) continue;
    second += pixels[i + 1] ?? 0;
    third += pixels[i + 2] ?? 0;
  }
  const each = Math.max(1, pixels.length / step);
  const means = step === 1 ? [first / each] : [first / each, second / each, third / each];
  return Array.from({ length: channels }, (_, channel) => means[channel] ?? means[0] ?? 0);
}

export const imageInputs = (spec: ImageSpec, rows: Dim): Record<string, TensorType> => ({
  image: { dtype: "uint8", shape: [rows, spec.height, spec.width, spec.channels] },
});

export function imageGraph(spec: ImageSpec, image: Var, domain: Domain): Var {
  // Transposed as bytes, a quarter of the memory traffic; of one channel it is a copy.
  const pixels = cast(transpose(image, [0, 3, 1, 2]), "float32");
  const mean = spec[domain];
  const centred = mean.every((value) => value === 0) ? pixels : sub(pixels, floats([1, spec.channels, 1, 1], mean));
  return spec.scale === 1 ? centred : mul(centred, spec.scale);
}
