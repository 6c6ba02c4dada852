/**
 * What preprocessing learned from the training rows: plain JSON, saved in the configuration of a run and in the
 * metadata of its model. The graph that carries it out is built from it (`table.ts`, `features.ts`, …).
 */
import * as z from "zod";
import type { Counts, ImageFit, Standardise } from "../config.ts";

/** Of one numeric column in one domain: `(value - mean) / scale`, with `fill` in place of a missing value. */
export interface NumberStatistics {
  readonly mean: number;
  /** Standard deviation (divisor n); 1 for a constant column and where nothing is standardised. */
  readonly scale: number;
  readonly fill: number;
}

export interface NumericColumn {
  readonly name: string;
  /** Whether values were missing in training: the network then also reads a flag. */
  readonly flagged: boolean;
  readonly source: NumberStatistics;
  readonly target: NumberStatistics;
}

export interface CategoricalColumn {
  readonly name: string;
  /** The source's words; others become all zeros. */
  readonly vocabulary: readonly string[];
}

/** Columns of free text: counts of hashed n-grams, [columns x features], then what `weights` says. */
export interface TextSpec {
  readonly columns: readonly string[];
  readonly unit: "word" | "character";
  /** Shortest and longest. */
  readonly ngrams: readonly [number, number];
  /** Places of each column. */
  readonly features: number;
  readonly weights: FeaturesSpec;
}

/** A column of free text as the tokens of an encoder, the first part of the network. */
export interface TokensSpec {
  readonly column: string;
  /** SHA-256 of the bytes of `tokenizer.json`, in hexadecimal. */
  readonly tokenizer: string;
  /** Tokens of a row; longer texts are cut, shorter ones padded. */
  readonly length: number;
  /** The token that pads. */
  readonly pad: number;
  /** Tokens that the encoder knows, from 0. */
  readonly vocabulary: number;
}

/** Named columns. The network reads [numbers | flags | one-hot categories | text, or tokens]. */
export interface TableSpec {
  readonly kind: "table";
  readonly standardise: Standardise;
  readonly numeric: readonly NumericColumn[];
  readonly categorical: readonly CategoricalColumn[];
  readonly text?: TextSpec | undefined;
  readonly tokens?: TokensSpec | undefined;
}

/** Mean and scale, a number a feature or channel. */
export interface Moments {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
}

/** Unnamed features, dense or sparse. `counts` first, then standardisation. */
export interface FeaturesSpec {
  readonly kind: "features";
  readonly width: number;
  /** First index of the svmlight files of training, for reading more of them. */
  readonly indexBase?: 0 | 1 | undefined;
  readonly counts: Counts;
  /** Length of a row after `l2`, `log1p-l2` and `tf-idf`. */
  readonly countScale: number;
  /** For `tf-idf`: a weight a feature. */
  readonly idf?: readonly number[] | undefined;
  readonly standardise: Standardise;
  /** Absent when nothing is standardised. */
  readonly source?: Moments | undefined;
  readonly target?: Moments | undefined;
}

/** Pixels: `(pixel - mean) * scale / deviation`, the mean by channel in units of pixels. */
export interface ImageSpec {
  readonly kind: "image";
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Whether images of another size are resized to this one, or refused. */
  readonly resize: boolean;
  /** How; absent where images are stretched with no smoothing when shrinking. */
  readonly fit?: ImageFit | undefined;
  readonly scale: number;
  /** By channel; absent where nothing is divided by one. */
  readonly deviation?: readonly number[] | undefined;
  /** Whose means `source` and `target` are; `none` where they are zeros or were given. */
  readonly centre: Standardise;
  readonly source: readonly number[];
  readonly target: readonly number[];
}

export interface SignalSpec {
  readonly kind: "signal";
  readonly channels: number;
  readonly length: number;
  /** Names of the channels, where they were columns. */
  readonly names?: readonly string[] | undefined;
  readonly standardise: Standardise;
  readonly source: Moments;
  readonly target: Moments;
}

export type PreprocessSpec = TableSpec | FeaturesSpec | ImageSpec | SignalSpec;

const size = z.int().positive();
const standardise = z.enum(["source", "perDomain", "none"]);
const statistics = z.strictObject({ mean: z.number(), scale: z.number(), fill: z.number() });
const moments = z.strictObject({ mean: z.array(z.number()), scale: z.array(z.number()) });

const features = z.strictObject({
  kind: z.literal("features"),
  width: size,
  indexBase: z.union([z.literal(0), z.literal(1)]).optional(),
  counts: z.enum(["none", "l2", "log1p", "log1p-l2", "tf-idf"]),
  countScale: z.number(),
  idf: z.array(z.number()).optional(),
  standardise,
  source: moments.optional(),
  target: moments.optional(),
});

export const preprocessSpec: z.ZodType<PreprocessSpec> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("table"),
    standardise,
    numeric: z.array(
      z.strictObject({ name: z.string(), flagged: z.boolean(), source: statistics, target: statistics }),
    ),
    categorical: z.array(z.strictObject({ name: z.string(), vocabulary: z.array(z.string()) })),
    text: z
      .strictObject({
        columns: z.array(z.string()).min(1),
        unit: z.enum(["word", "character"]),
        ngrams: z.tuple([size, size]).readonly(),
        features: size,
        weights: features,
      })
      .optional(),
    tokens: z
      .strictObject({
        column: z.string(),
        tokenizer: z.string().regex(/^[0-9a-f]{64}$/),
        length: size,
        pad: z.int().nonnegative(),
        vocabulary: size,
      })
      .optional(),
  }),
  features,
  z.strictObject({
    kind: z.literal("image"),
    height: size,
    width: size,
    channels: z.union([z.literal(1), z.literal(3)]),
    resize: z.boolean(),
    fit: z.enum(["stretch", "cover", "contain"]).optional(),
    scale: z.number(),
    deviation: z.array(z.number().positive()).optional(),
    centre: standardise,
    source: z.array(z.number()),
    target: z.array(z.number()),
  }),
  z.strictObject({
    kind: z.literal("signal"),
    channels: size,
    length: size,
    names: z.array(z.string()).optional(),
    standardise,
    source: moments,
    target: moments,
  }),
]);
