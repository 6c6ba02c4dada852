/** `dann data convert`: arrays of images into folders, and back. */
import type { ReadOptions } from "../../data/config.ts";
import { type Converted, convertImages } from "../../data/convert/convert.ts";
import type { Condition, Part } from "../../data/convert/select.ts";
import { count } from "../../data/names.ts";
import { usageError } from "../../errors.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { ConvertDocument } from "../documents.ts";
import { addFlags, imageFlags, readFlags } from "../flags.ts";
import { catchInterrupt } from "../interrupt.ts";
import { foldersWith, readingWith } from "../model.ts";
import { createOutput } from "../output.ts";
import { formatBytes } from "../render/progress.ts";
import type { Paint } from "../render/style.ts";

type Made = ReturnType<typeof makeCommand>;

/** What of reading concerns arrays and folders of images; ids and groups are of the table beside them. */
const shared = [...readFlags, ...imageFlags].filter(({ flags }) =>
  /^--(format|skip-bad|image-size|image-fit)\b/.test(flags),
);

export function convertCommand(): Made {
  const made = makeCommand("convert", "images from arrays (IDX, NPY, NPZ) into folders of PNG files, and back")
    .argument("<input>", "an array of images, or a folder with a sub-folder a class")
    .requiredOption(
      "--out <folder|file>",
      "a new folder, or a file named .npy, .npz or -idx3-ubyte or -idx4-ubyte, also .gz",
    )
    .option(
      "--labels <column|file>",
      "labels of an array: a column of --index, an entry of the NPZ or a file; of a folder: folder (default) or none",
    )
    .option("--index <table>", "a table with a row an image, whose columns the other flags name")
    .option("--id <column>", "column that names the images; default: their numbers")
    .option(
      "--group <columns>",
      "columns of what is never split, with commas between: folders inside the classes; of a folder: folder",
    )
    .option("--where <column=values>", "only rows with one of these values, with commas between; repeatable", collect)
    .option("--part <k/n>", "only part k of n, which share no group and have about as much of every class")
    .option("--seed <n>", "decides what falls into which part; default 0")
    .option("--classes <names|file>", "names of the classes 0, 1, 2, ..., with commas between or one a line");
  addFlags(made, shared);
  made
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .action(async (input: unknown, given: unknown) => run(input as string, given as Given));
  return made as unknown as Made;
}

const collect = (value: string, all: string[] | undefined): string[] => [...(all ?? []), value];

type Given = {
  readonly out: string;
  readonly labels?: string;
  readonly index?: string;
  readonly id?: string;
  readonly group?: string;
  readonly where?: readonly string[];
  readonly part?: string;
  readonly seed?: string;
  readonly classes?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
} & Readonly<Record<string, unknown>>;

async function run(input: string, given: Given): Promise<void> {
  const output = createOutput(given);
  const { labels, index, id, classes } = given;
  const { format, skipBad }: ReadOptions = readingWith({}, { format: given.format, skipBad: given.skipBad });
  const { imageSize, imageFit } = foldersWith(given);
  const interrupt = catchInterrupt(output.note, "stopping; nothing will be written");
  try {
    const converted = await convertImages(
      input,
      given.out,
      {
        ...{ labels, index, id, classes, format, skipBad, imageSize, imageFit },
        group: given.group?.split(",").map((name) => name.trim()),
        where: given.where?.map(condition),
        part: partOf(given.part, given.seed),
      },
      {
        signal: interrupt.signal,
        onProgress: (done) => output.progress.busy(`${count(done, "image")} written`),
      },
    );
    output.progress.clear();
    for (const note of converted.notes) output.note(`${input}: ${note}`);
    const document: ConvertDocument = {
      schema: 1,
      input,
      ...converted,
      classes: converted.classes ?? null,
      groups: converted.groups ?? null,
    };
    output.document(document);
    output.result(render(converted, output.paint));
  } finally {
    output.progress.clear();
    interrupt.release();
  }
}

function condition(text: string): Condition {
  const at = text.indexOf("=");
  if (at <= 0) throw usageError("flag-value", `--where: expected COLUMN=VALUE,VALUE, got "${text}"`);
  return { column: text.slice(0, at).trim(), values: text.slice(at + 1).split(",") };
}

function partOf(text: string | undefined, seed: string | undefined): Part | undefined {
  if (text === undefined) {
    if (seed === undefined) return undefined;
    throw usageError("flag-value", "--seed: decides about parts alone, got no --part", "Leave it out, or give --part.");
  }
  const [number = 0, of = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).slice(1).map(Number);
  if (number < 1 || of < number) throw usageError("flag-value", `--part: expected K/N, such as 1/2, got "${text}"`);
  const drawn = Number(seed ?? 0);
  if (!Number.isSafeInteger(drawn) || drawn < 0 || seed?.trim() === "")
    throw usageError("flag-value", `--seed: expected a whole number of at least 0, got "${seed}"`);
  return { number, of, seed: drawn };
}

function render({ format, images, shape, classes, groups, files }: Converted, paint: Paint): string {
  const [height, width, channels] = shape;
  const facts = [
    `${count(images, "image")} of ${height}x${width}, ${channels === 1 ? "grey" : "RGB"}`,
    ...(classes === undefined ? [] : [count(classes.length, "class", "classes")]),
    ...(groups === undefined ? [] : [count(groups, "group")]),
  ];
  // In a folder the name is all there is; in an array a number stands for it, which may be the name.
  const named = classes?.map(({ name, number, images }) =>
    format === "folder" || name === String(number) ? `${name} (${images})` : `${number} = ${name} (${images})`,
  );
  return [
    facts.join(", "),
    ...(named === undefined ? [] : [`  ${named.slice(0, 20).join(", ")}${named.length > 20 ? ", …" : ""}`]),
    ...files.map(({ path, bytes }) => `${paint("bold", path)} (${formatBytes(bytes)})`),
    "",
  ].join("\n");
}
