/**
 * Bad inputs through the command line: the right exit code, one line that says what is wrong, the remedy, and nothing
 * left behind. Exit codes: 1 failed while running, 2 wrong usage or configuration, 3 bad data, 4 no usable engine.
 */
import { lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clinics, dann, quickRun, temporaryFolder } from "./support/cli.ts";
import { jpg, png, pngData, pngHead, pngOf, writeFiles } from "./support/images.ts";

const folder = temporaryFolder();
const inside = (name: string): string => join(folder, name);
const files = clinics(folder, 60);

/** IDX of uint8. */
const idx = (dims: readonly number[], bytes?: number): Uint8Array => {
  const size = bytes ?? dims.reduce((product, dim) => product * dim, 1);
  return Uint8Array.from([
    0,
    0,
    8,
    dims.length,
    ...dims.flatMap((dim) => [0, 0, dim >> 8, dim & 255]),
    ...new Uint8Array(size).map((_, i) => (i * 7) % 10),
  ]);
};
/** NPY of float64 with a header that promises `rows` x 2. */
const npy = (rows: number, values: readonly number[]): Uint8Array => {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, 2), }`.padEnd(117);
  const body = new Uint8Array(Float64Array.from(values).buffer);
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    1,
    0,
    118,
    0,
    ...new TextEncoder().encode(`${header}\n`),
    ...body,
  ]);
};
const table = (rows: readonly string[], head = "age,pressure,diagnosis"): string => `${[head, ...rows].join("\n")}\n`;
const patients = (count: number, label: (i: number) => string = (i) => (i % 2 === 0 ? "sick" : "well")): string[] =>
  Array.from({ length: count }, (_, i) => `${40 + i},${110 + ((7 * i) % 31)},${label(i)}`);

const contents: Readonly<Record<string, string | Uint8Array>> = {
  "empty.csv": "",
  "header.csv": "age,pressure,diagnosis\n",
  "ragged.csv": table([...patients(20), "41,120", "42,110,well"]),
  "one-class.csv": table(patients(20, () => "sick")),
  "single.csv": table([...patients(20), "50,120,rare"]),
  "ids.csv": table(patients(60, (i) => `number-${i}`)),
  "good.csv": table(patients(40)),
  "three.csv": table(patients(3)),
  "other-names.csv": table(patients(20), "age,presure,diagnosis"),
  "words.csv": table([...patients(20), "old,120,well"]),
  "infinite.csv": table([...patients(20), "Infinity,120,well"]),
  "quote.csv": `${table(patients(10))}40,"110,well\n`,
  "latin.csv": Uint8Array.from([
    ...new TextEncoder().encode(table(patients(4))),
    0x40,
    0xe9,
    0x2c,
    0x31,
    0x2c,
    0x61,
    0x0a,
  ]),
  "labels.txt": "sick\nwell\n",
  "small-images-idx3-ubyte": idx([20, 8, 8]),
  "large-images-idx3-ubyte": idx([20, 16, 16]),
  "labels-idx1-ubyte": idx([20]),
  "cut-images-idx3-ubyte": idx([20, 8, 8], 700),
  "cut-labels-idx1-ubyte": idx([19]),
  "magic-images-idx3-ubyte": Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
  "cut.npy": npy(20, [1, 2, 3, 4, 5]),
  "nan.npy": npy(
    20,
    Array.from({ length: 40 }, (_, i) => (i === 7 ? Number.NaN : i)),
  ),
  "twenty.npy": npy(
    20,
    Array.from({ length: 40 }, (_, i) => i * 0.37),
  ),
  "cut.csv.gz": gzipSync(table(patients(4000))).subarray(0, 2000),
  "broken.jsonl": '{"age": 1, "diagnosis": "sick"}\n{"age": 2,\n',
  "odd.svmlight": "1 1:0.5 2:1\n-1 2:x\n",
  "picture.png": "not really",
  "table.xlsx": "not really",
  "model.onnx": "not a model",
  "syntax.yaml": "train: [1, 2\nseed: 3\n",
  "unknown.yaml": "trian: { steps: 3 }\n",
  "network.js": "export const something = 1;\n",
};

const pictures: Readonly<Record<string, string | Uint8Array>> = {
  "sorted/a/1.png": png(8, 8, 1),
  "sorted/b/2.png": png(8, 8, 1),
  "unsorted/1.png": png(8, 8, 1),
  "bomb/a/x.png": pngOf(pngHead(50_000, 50_000), pngData(new Uint8Array(200))),
  "broken/a/cut.jpg": jpg(32, 32).subarray(0, 500),
  "broken/a/cut.png": png(8, 8, 3).subarray(0, 60),
  "broken/a/empty.jpg": "",
  "broken/b/text.jpg": "age,pressure\n41,120\n",
  "odd/a/new\nline \u001b[31m.png": "x",
  "circle/a/notes.txt": "x",
};

/** Arguments of a run on these files; labels are a column unless told otherwise. */
const run = (source: string, target: string, ...more: readonly string[]): string[] => [
  "adapt",
  ...["--source", inside(source), "--target", inside(target), "--steps", "4", "--batch", "8", "--out", "OUT"],
  ...(more.includes("--source-labels") ? [] : ["--source-labels", "diagnosis"]),
  ...more,
];
const images = (source: string, target: string, labels = "labels-idx1-ubyte"): string[] =>
  run(source, target, "--source-labels", inside(labels));
const fine = quickRun(files, "OUT");
const folders = (source: string, target = "unsorted"): string[] => [
  "adapt",
  ...["--source", inside(source), "--target", inside(target), "--steps", "4", "--no-cache", "--out", "OUT"],
];
const convert = (...args: readonly string[]): string[] => ["data", "convert", ...args, "--out", "OUT"];

/** What is wrong, the arguments, the exit code, and what the error must say: its code, facts and remedy. */
const cases: readonly (readonly [string, readonly string[], number, readonly (string | RegExp)[]])[] = [
  // Usage and configuration: 2.
  ["an unknown command", ["adpat"], 2, ["error[unknown-command]", "Did you mean adapt?"]],
  ["an unknown flag", ["adapt", "--epocs", "3"], 2, ["error[unknown-option]", "Did you mean --epochs?"]],
  ["no source", ["adapt", "--target", files.b], 2, ["data.source", "Give --source."]],
  ["a number that is none", [...fine, "--steps", "many"], 2, ['--steps: expected a number, got "many"']],
  ["a number out of range", [...fine, "--holdout", "0.9"], 2, ["--holdout", "at most 0.5, got 0.9"]],
  ["both steps and epochs", [...fine, "--epochs", "2"], 2, ["either steps or epochs"]],
  [
    "an unknown key in the file",
    [...fine, "--config", inside("unknown.yaml")],
    2,
    ["unknown key trian", "Did you mean train?"],
  ],
  [
    "a broken file of configuration",
    [...fine, "--config", inside("syntax.yaml")],
    2,
    ["error[config-syntax]", "syntax.yaml, line"],
  ],
  [
    "no such file of configuration",
    [...fine, "--config", inside("none.yaml")],
    2,
    ["error[config-file]", "Check the path of --config."],
  ],
  [
    "an unknown key of --set",
    [...fine, "--set", "train.lamda.max=1"],
    2,
    ["unknown key train.lamda", "Did you mean train.lambda?"],
  ],
  ["an unknown network", [...fine, "--network", "mlpp"], 2, ["error[unknown-network]", "Did you mean mlp?"]],
  [
    "a network that cannot read the rows",
    [...fine, "--network", "mnist"],
    2,
    ["error[network-input]", "Use --network auto"],
  ],
  [
    "a module without a network",
    [...fine, "--network", inside("network.js")],
    2,
    ["error[network-module]", 'an export "network"'],
  ],
  ["an unknown preset", [...fine, "--preset", "newest"], 2, ["--preset", "one of modern, paper"]],
  [
    "a backbone that is not there",
    [...fine, "--backbone", "no.onnx"],
    3,
    ["error[model-unreadable]", "Check the path"],
  ],
  ["a place that holds files", [...fine.slice(0, -1), folder], 2, ["error[run-exists]", "--out"]],
  ["to resume what is no run", ["adapt", "--resume", folder], 2, ["error[resume]", "config.yaml"]],
  ["a format nobody reads", run("table.xlsx", "good.csv"), 3, ["error[format]", "Export the sheet as CSV."]],
  // Engines: 4.
  [
    "a device that is not offered",
    [...fine, "--device", "cuda"],
    4,
    ["error[device-refused]", "use auto, cpu or wasm"],
  ],
  // Data: 3.
  ["no such file", run("nowhere.csv", "good.csv"), 3, ["error[file-not-found]", "nowhere.csv: no such file"]],
  ["a folder with a label column", run(".", "good.csv"), 2, ["error[folder-labels]", 'expected "folder"']],
  [
    "a folder without images",
    ["adapt", "--source", ".", "--target", "good.csv"],
    3,
    ["error[no-images]", "expected images, got none"],
  ],
  ["an empty file", run("empty.csv", "good.csv"), 3, ["error[empty-file]", "empty.csv"]],
  [
    "a header and no rows",
    run("header.csv", "good.csv"),
    3,
    ["error[empty-file]: ", "header.csv: expected at least one row"],
  ],
  [
    "a target of three rows",
    run("good.csv", "three.csv"),
    3,
    ["error[few-rows]", "at least 4 rows to train on, got 3"],
  ],
  ["a row that is too short", run("ragged.csv", "good.csv"), 3, ["ragged.csv", "line 22", /3 .*got 2/]],
  ["a quote that never ends", run("quote.csv", "good.csv"), 3, ["quote.csv"]],
  ["text in another encoding", run("latin.csv", "good.csv"), 3, ["latin.csv", "--encoding"]],
  [
    "a misspelt label column",
    run("good.csv", "good.csv", "--source-labels", "diagnose"),
    3,
    ["error[no-such-column]", 'Did you mean "diagnosis"?'],
  ],
  [
    "no labels",
    ["adapt", "--source", inside("good.csv"), "--target", inside("good.csv"), "--out", "OUT"],
    3,
    ["error[no-labels]", "--source-labels"],
  ],
  ["one class", run("one-class.csv", "good.csv"), 3, ["error[one-class]", "at least two classes"]],
  ["a class of one row", run("single.csv", "good.csv"), 3, ["error[class-too-small]", '"rare" (1)']],
  ["labels that are numbers of rows", run("ids.csv", "good.csv"), 3, ["error[too-many-classes]", "60 different"]],
  [
    "columns that do not match",
    run("good.csv", "other-names.csv"),
    3,
    ["error[columns-missing]", '"pressure" may be "presure"'],
  ],
  ["words where the source has numbers", run("good.csv", "words.csv"), 3, ["words.csv", "age", '"old"']],
  ["an infinite number", run("infinite.csv", "good.csv"), 3, ["infinite.csv", "age"]],
  [
    "a dropped column that is not there",
    run("good.csv", "good.csv", "--drop", "wieght"),
    3,
    ["error[no-such-column]", "wieght"],
  ],
  [
    "fewer labels than rows",
    run("good.csv", "good.csv", "--source-labels", inside("labels.txt")),
    3,
    ["error[label-count]", "expected 40 labels", "got 2"],
  ],
  [
    "a truncated IDX",
    images("cut-images-idx3-ubyte", "small-images-idx3-ubyte"),
    3,
    ["cut-images-idx3-ubyte", /1296/, /716/],
  ],
  [
    "an IDX of another length than its labels",
    images("small-images-idx3-ubyte", "small-images-idx3-ubyte", "cut-labels-idx1-ubyte"),
    3,
    ["error[label-count]", "20", "19"],
  ],
  [
    "something else called IDX",
    images("magic-images-idx3-ubyte", "small-images-idx3-ubyte"),
    3,
    ["magic-images-idx3-ubyte"],
  ],
  [
    "images of two sizes",
    images("small-images-idx3-ubyte", "large-images-idx3-ubyte"),
    3,
    ["error[image-size]", "--image-size 8x8"],
  ],
  ["a truncated NPY", images("cut.npy", "twenty.npy"), 3, ["cut.npy", /448/, /168/]],
  ["NaN in an array", images("nan.npy", "twenty.npy"), 3, ["nan.npy", /NaN|not finite/]],
  [
    "kinds that do not go together",
    images("small-images-idx3-ubyte", "twenty.npy"),
    3,
    ["error[kind-mismatch]", "twenty.npy"],
  ],
  ["a truncated gzip", run("cut.csv.gz", "good.csv"), 3, ["error[gzip]", "cut.csv.gz", "Fetch or copy the file again"]],
  ["a broken line of JSON", run("broken.jsonl", "good.csv"), 3, ["broken.jsonl", "line 2"]],
  [
    "a value that is no number in svmlight",
    run("odd.svmlight", "odd.svmlight", "--source-labels", "label"),
    3,
    ["odd.svmlight", "line 2"],
  ],
  ["an image of 50,000 x 50,000", folders("bomb"), 3, ["error[bad-images]", "a/x.png (it has 50000x50000 pixels"]],
  [
    "images that are cut, empty, or none",
    folders("broken"),
    3,
    [
      "4 files cannot be read: a/cut.jpg (it ends early), a/cut.png (it ends early), a/empty.jpg (it is empty)",
      "b/text.jpg (it is no JPEG, PNG or WebP)",
      "--skip-bad",
    ],
  ],
  ["images of the target that are none", folders("sorted", "broken"), 3, ["error[bad-images]"]],
  ["a source without classes", folders("unsorted"), 3, ["error[no-classes]", "the folder of its class"]],
  ["a name that would steer a terminal", folders("odd"), 3, ["a/new\\u000aline \\u001b[31m.png (it is no JPEG"]],
  ["a folder that leads into itself", folders("circle"), 3, ["error[no-images]", "only a/notes.txt"]],
  ["a conversion of bad images", convert(inside("broken")), 3, ["error[bad-images]", "4 files"]],
  [
    "a conversion of a truncated array",
    convert(inside("cut-images-idx3-ubyte")),
    3,
    ["error[truncated]", "cut-images-idx3-ubyte"],
  ],
  [
    "a conversion with too few labels",
    convert(inside("small-images-idx3-ubyte"), "--labels", inside("cut-labels-idx1-ubyte")),
    3,
    ["error[label-count]"],
  ],
  ["a conversion onto what is there", ["data", "convert", inside("sorted"), "--out", folder], 2, ["error[out-exists]"]],
  ["a picture", run("picture.png", "good.csv"), 3, ["error[format]", "picture.png"]],
  ["a model that is none", ["predict", inside("model.onnx"), files.c], 3, ["model.onnx"]],
  [
    "predictions onto their rows",
    ["predict", inside("unfinished"), files.c, "--out", files.c],
    2,
    ["error[output-is-input]"],
  ],
  ["a folder that is no run", ["predict", folder, files.c], 3, ["error[not-a-run]", "without config.yaml"]],
  ["no such model", ["predict", inside("nothing"), files.c], 3, ["error[model-unreadable]", "no such run or model"]],
  ["an unfinished run", ["predict", inside("unfinished"), files.c], 3, ["error[run-unfinished]", "--resume"]],
  [
    "predictions in an unknown format",
    ["predict", inside("model.onnx"), files.c, "--out", "p.xml"],
    2,
    ["error[output-format]", "csv, jsonl or npz"],
  ],
];

/** Every path below the folder, and what it holds: files that a command changed or left are seen. */
const listing = (place: string): string[] =>
  readdirSync(place).flatMap((name) => {
    const path = join(place, name);
    const info = lstatSync(path);
    return info.isDirectory() ? [path, ...listing(path)] : [`${path} ${info.size} ${info.mtimeMs}`];
  });

let before: string[] = [];
beforeAll(() => {
  for (const [name, content] of Object.entries(contents)) writeFileSync(inside(name), content);
  writeFiles(folder, pictures);
  symlinkSync("..", inside("circle/a/up"));
  symlinkSync("self.png", inside("circle/self.png"));
  mkdirSync(inside("unfinished"));
  writeFileSync(join(inside("unfinished"), "config.yaml"), "preset: modern\n");
  before = listing(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("there are at least thirty, over all kinds of errors", () => {
  expect(cases.length).toBeGreaterThanOrEqual(30);
  expect(new Set(cases.map(([, , code]) => code))).toEqual(new Set([2, 3, 4]));
});

describe("each is refused, and nothing is left behind", () => {
  test.concurrent.each(cases)("%s", async (title, args, code, said) => {
    const place = temporaryFolder();
    const ran = await dann(
      args.map((arg) => (arg === "OUT" ? join(place, "out") : arg)),
      { cwd: place },
    );
    expect(ran.code, `${title}: ${ran.stderr}`).toBe(code);
    expect(ran.stdout).toBe("");
    const [head = "", remedy, ...rest] = ran.stderr.trimEnd().split("\n");
    expect(head).toMatch(/^error\[[a-z0-9-]+\]: \S/);
    for (const text of said) expect(ran.stderr).toMatch(text instanceof RegExp ? text : new RegExp(escaped(text)));
    // One line, at most one more with the remedy; never a stack trace.
    expect(rest).toEqual([]);
    if (remedy !== undefined) expect(remedy).toMatch(/^ {2}\S/);
    expect(ran.stderr).not.toMatch(/^\s+at /m);
    expect(readdirSync(place)).toEqual([]);
    rmSync(place, { recursive: true });
  });
});

test("the inputs are as they were", () => {
  expect(listing(folder)).toEqual(before);
});

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

test("--debug shows where an error came from", async () => {
  const ran = await dann([...run("nowhere.csv", "good.csv"), "--debug"]);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(/^error\[file-not-found\]/);
  expect(ran.stderr).toMatch(/^\s+at /m);
});
