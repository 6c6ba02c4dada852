/**
 * Flags that set a key of the configuration: one row a flag. Their help is the schema's own description of the key, so
 * that flag, file and documentation cannot disagree.
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { jsonSchemaOf } from "../config/check.ts";
import { parseValue } from "../config/file.ts";
import { combine, nest, type Plain, valueAt } from "../config/merge.ts";
import { runConfig } from "../config/schema.ts";
import { augmentNames } from "../data/augment.ts";
import { missingCells } from "../data/readers/cells.ts";
import { usageError } from "../errors.ts";
import { collect } from "./command.ts";

type Parse = (text: string, flag: string) => unknown;

export interface ConfigFlag {
  /** As commander takes it: `--steps <n>`. */
  readonly flags: string;
  /** The key that it sets, `train.steps`. */
  readonly key: string;
  readonly parse: Parse;
  /** Whether it may be given several times, each time with one more value. */
  readonly repeatable?: true;
  /** Where the schema's description does not say enough for a flag. */
  readonly help?: string;
}

const text: Parse = (value) => value;
const number: Parse = (value, flag) => {
  const parsed = Number(value);
  if (value.trim() === "" || Number.isNaN(parsed))
    throw usageError("flag-value", `${flag}: expected a number, got "${value}"`);
  return parsed;
};
const names: Parse = (value) =>
  value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
const numbers: Parse = (value, flag) => (names(value, flag) as string[]).map((one) => number(one, flag));
const no: Parse = () => false;
const yes: Parse = () => true;

/** `age=number,city=category`. */
const types: Parse = (value, flag) =>
  Object.fromEntries(
    (names(value, flag) as string[]).map((pair) => {
      const at = pair.lastIndexOf("=");
      if (at <= 0) throw usageError("flag-value", `${flag}: expected COLUMN=number|category|text, got "${pair}"`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );

/** `64`, or `64,32` for source and target. */
const batch: Parse = (value, flag) => {
  const sizes = numbers(value, flag) as number[];
  const [source, target = source] = sizes;
  if (sizes.length > 2)
    throw usageError("flag-value", `${flag}: expected one size, or one for each domain, got "${value}"`);
  return { source, target };
};

/** `none`, `all`, or a number of blocks. */
const blocks: Parse = (value, flag) => (value === "none" || value === "all" ? value : number(value, flag));

/** `flip,crop`: these with the strengths of the configuration, and no others; `none`. */
const changes: Parse = (value, flag) => {
  const asked = (names(value, flag) as string[]).filter((name) => name !== "none");
  const unknown = asked.find((name) => !(augmentNames as readonly string[]).includes(name));
  if (unknown !== undefined || value.trim() === "")
    throw usageError(
      "flag-value",
      `${flag}: expected ${augmentNames.join(", ")} with commas between, or none, got "${value}"`,
    );
  return Object.fromEntries(augmentNames.map((name) => [name, asked.includes(name) ? {} : false]));
};

/** Shells make it hard to type a tab. */
const delimiter: Parse = (value) => (value === "tab" || value === "\\t" ? "\t" : value);

/** How files are read: of every command that reads rows. */
export const readFlags: readonly ConfigFlag[] = [
  { flags: "--id <column>", key: "data.read.id", parse: text },
  { flags: "--group <column>", key: "data.read.group", parse: text },
  { flags: "--drop <columns>", key: "data.read.drop", parse: names, help: "columns left out, with commas between" },
  {
    flags: "--types <types>",
    key: "data.read.types",
    parse: types,
    help: "column types: COLUMN=number|category|text, with commas between",
  },
  {
    flags: "--text <columns>",
    key: "data.read.types",
    parse: (value, flag) => Object.fromEntries((names(value, flag) as string[]).map((column) => [column, "text"])),
    help: "columns of free text, with commas between: hashed n-grams, or tokens of an encoder (--tokenizer). The same as --types COLUMN=text",
  },
  {
    flags: "--delimiter <character>",
    key: "data.read.delimiter",
    parse: delimiter,
    help: "field delimiter, or tab; default: told from the first lines",
  },
  { flags: "--decimal <mark>", key: "data.read.decimal", parse: text },
  {
    flags: "--missing <cells>",
    key: "data.read.missing",
    parse: (value, flag) => [...missingCells, ...(names(value, flag) as string[])],
    help: "cells that mean missing, with commas between, besides the empty one, NA, NaN, null, None and ?",
  },
  { flags: "--encoding <name>", key: "data.read.encoding", parse: text },
  { flags: "--header <yes|no>", key: "data.read.header", parse: text },
  { flags: "--format <name>", key: "data.read.format", parse: text },
  {
    flags: "--layout <name>",
    key: "data.read.layout",
    parse: text,
    help: "what an array file holds: images, signals or rows",
  },
  { flags: "--window <samples>", key: "data.read.window", parse: number },
  { flags: "--hop <samples>", key: "data.read.hop", parse: number },
  { flags: "--mixed <drop|keep>", key: "data.read.mixed", parse: text },
  { flags: "--channels <columns>", key: "data.read.channels", parse: names },
  { flags: "--skip-bad", key: "data.read.skipBad", parse: yes },
];

/** Where decoded images are kept: of commands that read folders. */
export const cacheFlags: readonly ConfigFlag[] = [
  { flags: "--cache <folder>", key: "data.cache", parse: text, help: "where decoded images and features are kept" },
  { flags: "--no-cache", key: "data.cache", parse: no, help: "keep no decoded images and no features" },
];

/** How images become rows of one size. */
export const imageFlags: readonly ConfigFlag[] = [
  {
    flags: "--image-size <HxW>",
    key: "data.preprocess.imageSize",
    parse: text,
    help: "resize all images (bilinear), such as 28x28",
  },
  { flags: "--image-fit <how>", key: "data.preprocess.imageFit", parse: text },
  ...cacheFlags,
];

/** What pixels become: of training alone, because a trained model has it inside. */
const pixelFlags: readonly ConfigFlag[] = [
  { flags: "--normalise <name>", key: "data.preprocess.images.normalise", parse: text },
  {
    flags: "--mean <numbers>",
    key: "data.preprocess.images.mean",
    parse: numbers,
    help: "subtracted from pixel/255: one number, or R,G,B",
  },
  {
    flags: "--std <numbers>",
    key: "data.preprocess.images.std",
    parse: numbers,
    help: "divides pixel/255 less the mean: one number, or R,G,B",
  },
];

export const adaptFlags: readonly ConfigFlag[] = [
  { flags: "--source <file|folder>", key: "data.source", parse: text, repeatable: true },
  { flags: "--target <file|folder>", key: "data.target", parse: text },
  { flags: "--source-labels <column|file>", key: "data.sourceLabels", parse: text, repeatable: true },
  { flags: "--target-labels <column|file|folder>", key: "data.targetLabels", parse: text },
  { flags: "--target-labelled <file>", key: "data.targetLabelled", parse: text },
  { flags: "--target-labelled-labels <column|file>", key: "data.targetLabelledLabels", parse: text },
  { flags: "--source-test <file>", key: "data.sourceTest", parse: text },
  { flags: "--source-test-labels <column|file>", key: "data.sourceTestLabels", parse: text },
  { flags: "--target-test <file>", key: "data.targetTest", parse: text },
  { flags: "--target-test-labels <column|file>", key: "data.targetTestLabels", parse: text },
  ...readFlags,
  ...imageFlags,
  ...pixelFlags,
  {
    flags: "--standardise <whose>",
    key: "data.preprocess.standardise",
    parse: text,
    help: "whose statistics standardise: auto, source, perDomain or none",
  },
  {
    flags: "--counts <transform>",
    key: "data.preprocess.counts",
    parse: text,
    help: "transform of count rows: auto, none, l2, log1p, log1p-l2 or tf-idf",
  },
  { flags: "--text-ngrams <list>", key: "data.preprocess.text.ngrams", parse: numbers },
  { flags: "--text-unit <name>", key: "data.preprocess.text.unit", parse: text },
  { flags: "--text-features <n>", key: "data.preprocess.text.features", parse: number },
  { flags: "--task <kind>", key: "task", parse: text },
  { flags: "--preset <name>", key: "preset", parse: text },
  { flags: "--method <name>", key: "method.name", parse: text },
  { flags: "--network <name>", key: "network.name", parse: text },
  {
    flags: "--backbone <file>",
    key: "network.backbone.model",
    parse: text,
    help: "a trained network (ONNX) that becomes the first part of the feature extractor",
  },
  { flags: "--features <tensor>", key: "network.backbone.features", parse: text },
  { flags: "--tokenizer <file>", key: "network.backbone.tokenizer", parse: text },
  { flags: "--max-tokens <n>", key: "network.backbone.maxTokens", parse: number },
  {
    flags: "--train-backbone <which>",
    key: "network.backbone.train",
    parse: blocks,
    help: "which of its weights are trained: none (default), all, or those of the last N blocks",
  },
  {
    flags: "--backbone-lr <factor>",
    key: "train.partRates.backbone",
    parse: number,
    help: "learning rate of the backbone, as a factor; default 0.1",
  },
  { flags: "--steps <n>", key: "train.steps", parse: number },
  { flags: "--epochs <n>", key: "train.epochs", parse: number },
  {
    flags: "--batch <n>",
    key: "train.batch",
    parse: batch,
    help: "rows of a batch: for both domains, or SOURCE,TARGET",
  },
  {
    flags: "--augment <list>",
    key: "train.augment",
    parse: changes,
    help: "changes of training images: flip, crop, colour with commas between, or none (default)",
  },
  { flags: "--seed <n>", key: "train.seed", parse: number },
  {
    flags: "--seeds <list>",
    key: "seeds",
    parse: numbers,
    help: "several seeds (0,1,2): a run folder each, and a summary",
  },
  { flags: "--device <name>", key: "train.device", parse: text },
  { flags: "--threads <n>", key: "train.threads", parse: number },
  { flags: "--select <name>", key: "evaluate.select", parse: text },
  { flags: "--health-every <n>", key: "evaluate.healthEvery", parse: number },
  { flags: "--holdout <share>", key: "evaluate.holdout", parse: number },
  {
    flags: "--no-target-trained",
    key: "evaluate.targetTrained",
    parse: no,
    help: "leave the row out that trains on target labels",
  },
  { flags: "--no-adabn", key: "evaluate.adabn", parse: no, help: "leave the AdaBN row out" },
  { flags: "--out <folder>", key: "out", parse: text },
];

/** The long name of a flag: `--steps`. */
export const nameOf = ({ flags }: Pick<ConfigFlag, "flags">): string => /--[a-z-]+/.exec(flags)?.[0] ?? flags;

/** What the schema says about a flag's key. */
export function helpOf(flag: ConfigFlag): string {
  if (flag.help !== undefined) return flag.help;
  let node = jsonSchemaOf(runConfig);
  for (const key of flag.key.split(".")) node = valueAt(node, ["properties", key]);
  const said = valueAt(node, ["description"]);
  const options = valueAt(node, ["enum"]);
  return `${typeof said === "string" ? said : ""}${Array.isArray(options) ? ` (${options.join(", ")})` : ""}`;
}

/** Flags as commander gives them (camel case) as a layer of configuration. */
export function layerOf(flags: readonly ConfigFlag[], given: Readonly<Record<string, unknown>>): Plain {
  return flags.reduce<Plain>((layer, flag) => {
    const value = givenValue(flag, given);
    if (value === undefined) return layer;
    const values = [value].flat().map((one) => flag.parse(String(one), nameOf(flag)));
    return combine(layer, nest(flag.key.split("."), values.length === 1 ? values[0] : values));
  }, {});
}

/** Gives a command flags of the configuration, with what the schema says about them or other help. */
export function addFlags(command: CommandUnknownOpts, flags: readonly ConfigFlag[], help = helpOf): void {
  for (const flag of flags) {
    if (flag.repeatable === true) command.option(flag.flags, help(flag), collect);
    else command.option(flag.flags, help(flag));
  }
}

/** What commander has read of a flag: its value, true or false of a flag that has none, undefined where it is not there. */
export function givenValue(flag: ConfigFlag, given: Readonly<Record<string, unknown>>): unknown {
  const value = given[camelCase(flag)];
  // Commander's `--no-x` is true until it is given.
  const said = isNegated(flag) ? value === false : value !== undefined && value !== false;
  return said ? value : undefined;
}

const isNegated = ({ flags }: ConfigFlag): boolean => flags.startsWith("--no-");

const camelCase = (flag: ConfigFlag): string =>
  nameOf(flag)
    .replace(/^--(no-)?/, "")
    .replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** `--set train.lambda.max=0.5`: any key of the configuration, its value as YAML has it. */
export function layerOfSettings(settings: readonly string[]): Plain {
  return settings.reduce<Plain>((layer, setting) => {
    const at = setting.indexOf("=");
    if (at <= 0)
      throw usageError("flag-value", `--set: expected KEY=VALUE, such as train.lambda.max=0.5, got "${setting}"`);
    const key = setting.slice(0, at).trim().split(".");
    return combine(layer, nest(key, parseValue(setting.slice(at + 1), `--set ${key.join(".")}`)));
  }, {});
}

/** The flag that sets a key, for messages about its value. */
export function flagFor(key: string): string | undefined {
  const flag = adaptFlags.find((one) => one.key === key || key.startsWith(`${one.key}.`));
  return flag === undefined ? undefined : nameOf(flag);
}
