/** Images: uint8 [N, H, W, C] become float32 [N, C, H, W], scaled, centred and normalised by channel. */
import type { Domain } from "../../domain.ts";
import { dataError, usageError } from "../../errors.ts";
import { cast, floats, mul, sub, type TensorType, transpose, type Var } from "../../graph/index.ts";
import type { Dim } from "../../graph/tensor.ts";
import { type PreprocessOptions, parseImageSize } from "../config.ts";
import type { ImageRows } from "../dataset.ts";
import { type ImageOptions, normalisations } from "../image-config.ts";
import type { ImageSpec } from "./spec.ts";

export function fitImages(source: ImageRows, target: ImageRows | undefined, options: PreprocessOptions): ImageSpec {
  const wanted = options.imageSize === undefined ? undefined : parseImageSize(options.imageSize);
  if (wanted === undefined && target !== undefined && sizeOf(source) !== sizeOf(target)) {
    throw imageSizesDiffer(sizeOf(source), sizeOf(target));
  }
  const channels = source.channels === 3 || target?.channels === 3 ? 3 : (options.images?.channels ?? 1);
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
    ...normalisation(source, target, options.images ?? {}, channels),
  };
}

type PixelValues = Pick<ImageSpec, "scale" | "deviation" | "centre" | "source" | "target">;

function normalisation(
  source: ImageRows,
  target: ImageRows | undefined,
  options: ImageOptions,
  channels: 1 | 3,
): PixelValues {
  const { normalise, scale = 1 / 255 } = options;
  const { mean, std } = normalise === undefined ? options : normalisations[normalise];
  const given = (values: number | readonly number[], what: string): number[] =>
    perChannel(values, channels, normalise === undefined ? what : `normalise ${normalise}`);
  const deviation = std === undefined ? undefined : given(std, "std");
  const divided = deviation?.some((value) => value !== 1) ? { deviation } : {};
  if (mean !== undefined) {
    const fixed = given(mean, "mean").map((value) => 255 * value);
    return { scale, ...divided, centre: "none", source: fixed, target: fixed };
  }
  const centre = options.centre ?? "perDomain";
  const own = centre === "none" ? new Array<number>(channels).fill(0) : channelMeans(source, channels);
  const others = centre === "perDomain" && target !== undefined ? channelMeans(target, channels) : own;
  return { scale, ...divided, centre, source: own, target: others };
}

/** One number for every channel, or the numbers as they are. */
function perChannel(values: number | readonly number[], channels: 1 | 3, what: string): number[] {
  const list = typeof values === "number" ? [values] : values;
  if (list.length === 1) return new Array<number>(channels).fill(list[0] ?? 0);
  if (list.length === channels) return [...list];
  throw usageError(
    "normalise-channels",
    `${what}: expected one number for grey images, got ${list.length}`,
    "Give --mean and --std of one number, or have grey images repeated as colours: --set data.preprocess.images.channels=3.",
  );
}

/** What the graph does to pixels, in words. */
export function describePixels({ scale, deviation, centre, source, target }: ImageSpec): string {
  const list = (values: readonly number[]): string => {
    const [first] = values;
    const words = values.every((value) => value === first) ? [first ?? 0] : values;
    return words.map((value) => String(Number(value.toPrecision(4)))).join(" ");
  };
  const zero = [...source, ...target].every((value) => value === 0);
  const unit = scale === 1 ? "pixels" : scale === 1 / 255 ? "pixels/255" : `pixels times ${list([scale])}`;
  const scaled = (means: readonly number[]): string => list(means.map((value) => value * scale));
  const means =
    centre === "perDomain"
      ? `less the mean of each domain (${scaled(source)}; ${scaled(target)})`
      : centre === "source"
        ? `less the source's mean (${scaled(source)})`
        : zero
          ? undefined
          : `less ${scaled(source)}`;
  const divided = deviation === undefined ? undefined : `divided by ${list(deviation)}`;
  return [unit, means, divided].filter((part) => part !== undefined).join(", ");
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
  const byChannel = [1, spec.channels, 1, 1];
  const centred = mean.every((value) => value === 0) ? pixels : sub(pixels, floats(byChannel, mean));
  const { scale, deviation } = spec;
  // One factor a channel: a deviation costs no pass of its own.
  if (deviation !== undefined) {
    const factors = deviation.map((value) => scale / value);
    return mul(centred, floats(byChannel, factors));
  }
  return scale === 1 ? centred : mul(centred, scale);
}
