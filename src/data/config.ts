/**
 * The options of reading and of preprocessing: types for callers, zod schemas for configuration files and flags.
 * Defaults live in the schemas alone.
 */
import * as z from "zod";
import { usageError } from "../errors.ts";
import { type ImageOptions, imageOptions } from "./image-config.ts";
import { knownInstead } from "./names.ts";

export type ColumnType = "number" | "category" | "text";
export const columnTypes: readonly ColumnType[] = ["number", "category", "text"];

export type FileFormat = "csv" | "tsv" | "jsonl" | "parquet" | "npy" | "npz" | "idx" | "svmlight";
export const fileFormats: readonly FileFormat[] = ["csv", "tsv", "jsonl", "parquet", "npy", "npz", "idx", "svmlight"];

/** How a file is read. Names of columns are as in the header; without one they are `c0`, `c1`, … */
export interface ReadOptions {
  /** Default: told from the name. */
  readonly format?: FileFormat | undefined;
  /**
   * Where the labels are: a column's name, its index from 0 (from the end if negative), an entry of an NPZ file, or the
   * path of a file with a label a row. Default: no labels; svmlight rows carry their own.
   */
  readonly labels?: string | undefined;
  /** What labels are: words (default), or finite numbers; another one is then an error with its line. */
  readonly labelType?: "word" | "number" | undefined;
  /** Column carried into predictions, no feature. */
  readonly id?: string | undefined;
  /** Column whose rows of equal value are never split, no feature. Of an image folder: `folder`, the innermost one. */
  readonly group?: string | undefined;
  /** Columns left out. */
  readonly drop?: readonly string[] | undefined;
  /** Types by column, instead of those inferred. */
  readonly types?: Readonly<Record<string, ColumnType>> | undefined;
  /** One character. Default: told from the first lines. */
  readonly delimiter?: string | undefined;
  /** Default `.`. */
  readonly decimal?: "." | "," | undefined;
  /** A name the platform's TextDecoder knows (`utf-8`, `latin1`, `utf-16`, …). Default `auto`: byte order mark, else UTF-8. */
  readonly encoding?: string | undefined;
  /** Whether the first row names the columns. Default `auto`. */
  readonly header?: "auto" | "yes" | "no" | undefined;
  /** Lines that start with this are skipped. Default: none are. */
  readonly comment?: string | undefined;
  /** Cells that mean "missing", besides the empty one. Default: NA, N/A, ?, NaN, null and their like. */
  readonly missing?: readonly string[] | undefined;
  /** The entry of an NPZ file that holds the features. Default: x, X, features, data, images, or the only other one. */
  readonly features?: string | undefined;
  /**
   * What an array file holds. Default `auto`: uint8 of rank 3 or 4 images, other rank 3 signals, rank 2 rows of features.
   * `rows` flattens everything behind the first axis.
   */
  readonly layout?: "auto" | "images" | "signals" | "rows" | undefined;
  /**
   * Cuts long recordings into windows of so many samples, a row each. A table then has a sample a row and a channel a
   * column, `group` names the recording; an array is [channels, samples] or [recordings, channels, samples].
   */
  readonly window?: number | undefined;
  /** Samples from the start of a window to that of the next. Default: half a window. */
  readonly hop?: number | undefined;
  /** Windows with samples of several labels: `drop` (default) takes their label away, `keep` gives them the commonest. */
  readonly mixed?: "drop" | "keep" | undefined;
  /** Columns of a table that are channels, in order. Default: all that are not label, id or group. */
  readonly channels?: readonly string[] | undefined;
  /** First index of svmlight. Default `auto`: 0 if index 0 occurs, else 1. */
  readonly indexBase?: "auto" | 0 | 1 | undefined;
  /** Features of svmlight. Default: the largest index that occurs. */
  readonly width?: number | undefined;
  /** Whether images of a folder that cannot be read are left out. Default: they are an error that names them. */
  readonly skipBad?: boolean | undefined;
  /** What decodes the images of a folder. Default `auto`: sharp where it is installed, else JavaScript. */
  readonly decoder?: ImageDecoder | undefined;
}

export type ImageDecoder = "auto" | "sharp" | "javascript";
export type ImageFit = "stretch" | "cover" | "contain";

/** How the images of a folder become rows of one size. */
export interface ImageReading {
  /** `HEIGHTxWIDTH`. Default: the size of the images, if they have one. */
  readonly imageSize?: string | undefined;
  /** Default `cover`: the shorter side is resized, what is too long is cut off on both sides. */
  readonly imageFit?: ImageFit | undefined;
  /** Folder for decoded images, or false for none. Default: the platform's place for caches (`cache.ts`). */
  readonly cache?: string | false | undefined;
}

const name = z.string().min(1);

/** `utf-16` alone means: by its byte order mark, else little-endian, which TextDecoder's own meaning agrees with. */
const knownEncoding = (label: string): boolean => {
  if (label === "auto") return true;
  try {
    return new TextDecoder(label) !== undefined;
  } catch {
    return false;
  }
};

const fields = z.strictObject({
  format: z.enum(fileFormats).optional().describe("file format; default: told from the name"),
  labels: name.optional().describe("label column (name or index), or a file of labels"),
  labelType: z
    .enum(["word", "number"])
    .optional()
    .describe("what labels are; number: another cell is an error with its line. Default: as the task needs them"),
  id: name.optional().describe("column carried into predictions"),
  group: name.optional().describe("column whose rows of equal value are never split"),
  drop: z.array(name).optional().describe("columns left out"),
  types: z.record(name, z.enum(columnTypes)).optional().describe("column types that are not inferred"),
  delimiter: z.string().length(1).optional().describe("field delimiter; default: told from the first lines"),
  decimal: z.enum([".", ","]).optional().describe("decimal mark; default ."),
  encoding: z
    .string()
    .refine(knownEncoding, "unknown encoding; known are utf-8, latin1, utf-16 and the others of the WHATWG standard")
    .optional()
    .describe("text encoding; default: byte order mark, else utf-8"),
  header: z.enum(["auto", "yes", "no"]).optional().describe("whether the first row names the columns"),
  comment: name.optional().describe("prefix of lines to skip"),
  missing: z.array(z.string()).optional().describe("cells that mean missing"),
  features: name.optional().describe("entry of an NPZ file that holds the features"),
  layout: z.enum(["auto", "images", "signals", "rows"]).optional().describe("what an array file holds"),
  window: z.int().positive().optional().describe("cut recordings into windows of so many samples, a row each"),
  hop: z.int().positive().optional().describe("samples from one window to the next; default half a window"),
  mixed: z
    .enum(["drop", "keep"])
    .optional()
    .describe("windows of several labels: without a label, or with the commonest"),
  channels: z.array(name).min(1).optional().describe("columns that are channels of windows; default all"),
  indexBase: z
    .union([z.literal("auto"), z.literal(0), z.literal(1)])
    .optional()
    .describe("first index of svmlight"),
  width: z.int().positive().optional().describe("features of svmlight"),
  skipBad: z.boolean().optional().describe("leave out images of a folder that cannot be read"),
  decoder: z
    .enum(["auto", "sharp", "javascript"])
    .optional()
    .describe("what decodes the images of a folder; default: sharp where it is installed"),
});

export const readOptions: z.ZodType<ReadOptions, ReadOptions> = fields
  .refine(({ window, hop, mixed, channels }) => window !== undefined || (hop ?? mixed ?? channels) === undefined, {
    message: "hop, mixed and channels are about windows: give window, too",
    path: ["window"],
  })
  .refine(({ window, id }) => window === undefined || id === undefined, {
    message: "windows are named RECORDING:START, expected no id column (a recording's name is its group)",
    path: ["id"],
  });

/** As `ReadOptions`, with the label column in the singular: the usual case of a table. */
export interface TableOptions extends Omit<ReadOptions, "labels"> {
  /** The label column's name, or its index from 0. */
  readonly label?: string | undefined;
}

export const tableOptions: z.ZodType<TableOptions, TableOptions> = fields
  .omit({ labels: true })
  .extend({ label: fields.shape.labels });

export type Standardise = "source" | "perDomain" | "none";
export type Counts = "none" | "l2" | "log1p" | "log1p-l2" | "tf-idf";

/** How rows become inputs of a network. All of it is part of the saved model. */
export interface PreprocessOptions {
  /**
   * Whose mean and deviation numbers and signals are standardised with. Default `auto`: the source's; `none` where
   * `counts` transforms the rows.
   */
  readonly standardise?: Standardise | "auto" | undefined;
  /** What a missing number becomes; a flag column says that it was missing. Default `mean` (after which it is 0). */
  readonly impute?: "mean" | "median" | undefined;
  /** For rows of counts. Default `auto`: `tf-idf` for sparse rows of non-negative whole numbers, else `none`. */
  readonly counts?: Counts | "auto" | undefined;
  /**
   * Factor on rows of unit length (`l2`, `log1p-l2`, `tf-idf`). Default 5, as in the reference runs on Amazon reviews:
   * at 1 the inputs of a wide row are so small that the first layer hardly moves.
   */
  readonly countScale?: number | undefined;
  readonly images?: ImageOptions | undefined;
  /** How columns of free text (`types`: `text`) become hashed n-grams. */
  readonly text?:
    | {
        /** Default `word`; `character` for scripts without blanks between words. */
        readonly unit?: "word" | "character" | undefined;
        /** Shortest and longest n-gram. Default [1, 2] words, or [3, 5] characters. */
        readonly ngrams?: readonly number[] | undefined;
        /** Places that n-grams are hashed to, of each column. Default 16384. */
        readonly features?: number | undefined;
      }
    | undefined;
  /** `HEIGHTxWIDTH`: images of another size are resized (bilinear). Default: sizes must agree. */
  readonly imageSize?: string | undefined;
  /**
   * How proportions are changed. Default: `cover` for image folders; arrays are stretched, with no smoothing when
   * shrinking.
   */
  readonly imageFit?: ImageFit | undefined;
}

const imageSize = z
  .string()
  .regex(/^[1-9]\d*x[1-9]\d*$/, "expected HEIGHTxWIDTH, such as 28x28")
  .optional()
  .describe("HEIGHTxWIDTH that images are resized to");
const imageFit = z
  .enum(["stretch", "cover", "contain"])
  .optional()
  .describe("how images get another shape; default: cover for folders, stretch for arrays");

export const cacheOption = z
  .union([name, z.literal(false)])
  .optional()
  .describe("folder for decoded images, or false; default: the platform's place for caches");

export const preprocessOptions: z.ZodType<PreprocessOptions, PreprocessOptions> = z.strictObject({
  standardise: z.enum(["auto", "source", "perDomain", "none"]).optional().describe("whose statistics standardise"),
  impute: z.enum(["mean", "median"]).optional().describe("what a missing number becomes"),
  counts: z.enum(["auto", "none", "l2", "log1p", "log1p-l2", "tf-idf"]).optional().describe("transform of count rows"),
  countScale: z.number().positive().optional().describe("factor on count rows of unit length; default 5"),
  images: imageOptions.optional(),
  text: z
    .strictObject({
      unit: z.enum(["word", "character"]).optional().describe("what n-grams of text are made of; default word"),
      ngrams: z
        .array(z.int().min(1).max(8))
        .min(1)
        .max(2)
        .refine(([shortest = 1, longest = shortest]) => shortest <= longest, "expected the shortest first, such as 1,2")
        .optional()
        .describe("shortest and longest n-gram of text, such as 1,2; default 1,2 words or 3,5 characters"),
      features: z
        .int()
        .min(2)
        .max(2 ** 20)
        .optional()
        .describe("places that n-grams of text are hashed to, of each column; default 16384"),
    })
    .optional(),
  imageSize,
  imageFit,
});

export const imageReading = z.strictObject({ imageSize, imageFit, cache: cacheOption });

/** Options of reading a folder of images. */
export interface ImageFolderOptions extends ImageReading, Pick<ReadOptions, "skipBad" | "decoder"> {
  /**
   * `folder`: every image's class is the sub-folder of the first level that it is in. `none`: no labels. Default:
   * `folder`, unless images lie in the folder itself.
   */
  readonly labels?: "folder" | "none" | undefined;
  /** `folder`: images of one innermost folder are never split. Default: no groups. */
  readonly group?: "folder" | undefined;
}

export const imageFolderOptions: z.ZodType<ImageFolderOptions, ImageFolderOptions> = imageReading.extend({
  skipBad: z.boolean().optional(),
  decoder: z.enum(["auto", "sharp", "javascript"]).optional(),
  labels: z.enum(["folder", "none"]).optional(),
  group: z.literal("folder").optional(),
});

export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** Takes `28x32` apart: height first, as arrays have it. */
export function parseImageSize(text: string): ImageSize {
  const match = /^([1-9]\d*)x([1-9]\d*)$/.exec(text);
  if (match === null) throw usageError("image-size", `image size: expected HEIGHTxWIDTH, such as 28x28, got "${text}"`);
  return { height: Number(match[1]), width: Number(match[2]) };
}

/** Checks options that did not come through a configuration file: the library's callers. */
export function checkOptions<T>(schema: z.ZodType<T, T>, options: T, what: string): T {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? what : `${what}, ${issue.path.join(".")}`;
  if (issue?.code === "unrecognized_keys") {
    const [unknown = ""] = issue.keys;
    throw usageError(
      "option",
      `${where}: unknown option ${unknown}`,
      knownInstead(unknown, keysAt(schema, issue.path)),
    );
  }
  throw usageError("option", `${where}: ${issue?.message ?? "not valid"}`);
}

/** Names of the options at a path of nested ones. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let node: z.core.JSONSchema._JSONSchema | undefined = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  for (const key of path) node = typeof node === "object" ? node.properties?.[String(key)] : undefined;
  return Object.keys((typeof node === "object" && node.properties) || {});
}
