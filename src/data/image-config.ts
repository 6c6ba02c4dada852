/** How pixels become the numbers of a network's input: the options, and what normalisations by name mean. */
import * as z from "zod";
import type { Standardise } from "./config.ts";

/** A normalisation by name: what a network was trained with elsewhere. */
export type Normalisation = "imagenet" | "clip" | "none";

/** Mean and deviation by channel, in units of pixel/255. */
interface Moments {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * `imagenet`: torchvision's weights and most others that were trained on ImageNet. `clip`: those of OpenAI's
 * CLIP and its open reproductions. `none`: pixels from 0 to 1.
 */
export const normalisations = {
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  clip: { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
  none: { mean: [0], std: [1] },
} as const satisfies Readonly<Record<Normalisation, Moments>>;

/** Either `normalise`, or any of the others; all of it is part of the saved model, which takes raw pixels. */
export interface ImageOptions {
  /** Factor on pixels. Default 1/255. */
  readonly scale?: number | undefined;
  /** Whose channel means are subtracted. Default `perDomain`. */
  readonly centre?: Standardise | undefined;
  /**
   * Fixed mean and deviation by name. Default: `centre` decides; in front of a backbone that reads colour images
   * `imagenet`.
   */
  readonly normalise?: Normalisation | undefined;
  /** Subtracted in place of `centre`, in units of pixel/255: one number, or one for red, green and blue each. */
  readonly mean?: number | readonly number[] | undefined;
  /** Divided by, in units of pixel/255. Default 1. */
  readonly std?: number | readonly number[] | undefined;
  /** 3: grey images are repeated as red, green and blue. Default: where the other domain or the backbone has colours. */
  readonly channels?: 3 | undefined;
}

const byChannel = <N extends z.ZodNumber>(one: N) =>
  z.union(
    [one, z.array(one).refine(({ length }) => length === 1 || length === 3, "expected one number, or three")],
    "expected one number, or three",
  );

export const imageOptions: z.ZodType<ImageOptions, ImageOptions> = z
  .strictObject({
    scale: z.number().positive().optional().describe("factor on pixels; default 1/255"),
    centre: z
      .enum(["source", "perDomain", "none"])
      .optional()
      .describe("whose channel means are subtracted; default perDomain"),
    normalise: z
      .enum(["imagenet", "clip", "none"])
      .optional()
      .describe("mean and deviation of images by name; default before a backbone of colour images: imagenet"),
    mean: byChannel(z.number()).optional().describe("subtracted from pixel/255: one number, or one a channel"),
    std: byChannel(z.number().positive())
      .optional()
      .describe("divides pixel/255 less the mean: one number, or one a channel; default 1"),
    channels: z.literal(3).optional().describe("3: grey images are repeated as red, green and blue"),
  })
  .superRefine((options, context) => {
    for (const [first, others] of contradictions) {
      const other = others.find((name) => options[name] !== undefined);
      if (options[first] === undefined || other === undefined) continue;
      context.addIssue({
        code: "custom",
        path: [first],
        message: `expected ${first} without ${other}: each says what pixels become; leave one out`,
      });
      return;
    }
  });

/** What cannot be said together: a name stands for mean and deviation, and those are in units of pixel/255. */
const contradictions: readonly (readonly [keyof ImageOptions, readonly (keyof ImageOptions)[]])[] = [
  ["normalise", ["mean", "std", "centre", "scale"]],
  ["mean", ["centre", "scale"]],
  ["std", ["scale"]],
];
