/** Augmentation and normalisation on the command line: what is said, saved, refused, and done again to the same bits. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { planRun } from "../../src/adapt/plan-run.ts";
import { type DryRun, dryRun, renderDryRun } from "../../src/cli/dry-run.ts";
import { adaptFlags, flagFor, layerOf, layerOfSettings } from "../../src/cli/flags.ts";
import type { Plain } from "../../src/config/merge.ts";
import { resolveRun, savedRun } from "../../src/config/resolve.ts";
import { encodeNpy } from "../../src/data/writers/npy.ts";
import { random } from "../../src/random.ts";
import { clinics, dann, quickRun, temporaryFolder } from "../support/cli.ts";
import { png, writeFiles } from "../support/images.ts";

const folder = temporaryFolder();
const tables = clinics(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const backbone = "test/golden/onnx/resnet.onnx";

beforeAll(() => {
  for (const name of ["a", "b"]) {
    const chance = random(name);
    const values = Uint8Array.from({ length: 40 * 32 * 32 * 3 }, (_, i) =>
      Math.floor((Math.floor(i / 3072) % 2 === 0 ? 140 : 60) + 100 * chance.uniform()),
    );
    writeFileSync(at(`${name}.npy`), encodeNpy({ dims: [40, 32, 32, 3], values }));
    writeFileSync(at(`${name}.txt`), Array.from({ length: 40 }, (_, row) => `${row % 2}\n`).join(""));
  }
});

const flags = (out: string): string[] => [
  ...["adapt", "--source", at("a.npy"), "--source-labels", at("a.txt"), "--target", at("b.npy")],
  ...["--steps", "4", "--batch", "8", "--out", at(out)],
];

test("a frozen backbone with --no-cache runs at every step; strengths are saved, and read again as they were", async () => {
  const given = ["--backbone", backbone, "--no-cache", "--no-target-trained", "--no-adabn", "--quiet"];
  const strengths = ["--augment", "flip,crop,colour", "--set", "train.augment.crop.scale=0.6"];
  const ran = await dann([...flags("run"), ...given, ...strengths]);
  expect(ran.code, ran.stderr).toBe(0);
  const text = readFileSync(join(at("run"), "config.yaml"), "utf8");
  expect(parse(text).train.augment).toEqual({
    flip: { probability: 0.5 },
    crop: { padding: 0.125, scale: 0.6 },
    colour: { brightness: 0.2, contrast: 0.2 },
  });
  expect(savedRun(text, "config.yaml").train.augment).toEqual(parse(text).train.augment);
}, 180_000);

/** As the command does it, in this process. */
async function planned(asked: Readonly<Record<string, unknown>>, file: Plain = {}): Promise<DryRun> {
  const config = resolveRun([
    { origin: "file", config: file },
    { origin: "command line", config: layerOf(adaptFlags, { steps: 4, ...asked }) },
  ]);
  return dryRun((await planRun(config)).plan, "nowhere");
}

describe("--dry-run", () => {
  test("says what pixels become and how batches are changed; a flag leaves what it does not name out", async () => {
    const file = { train: { augment: { crop: { padding: 0.25 }, flip: {} } } };
    const data = { source: at("a.npy"), sourceLabels: at("a.txt"), target: at("b.npy") };
    const said = async (more: Record<string, string>): Promise<string> =>
      renderDryRun(await planned({ ...data, ...more }, file));
    const text = await said({ mean: "0.5", std: "0.25,0.5,1" });
    expect(text).toContain("input      [3, 32, 32], pixels/255, less 0.5, divided by 0.25 0.5 1\n");
    expect(text).toContain("augmented  flip (probability 0.5), crop (padding 0.25, scale 1)\n");
    expect(await said({ augment: "crop" })).toContain("augmented  crop (padding 0.25, scale 1)\n");
    expect(await said({ augment: "none" })).not.toContain("augmented");
  });

  test("folders of images take the size and the normalisation that the backbone wants", async () => {
    const images = (shift: number): Record<string, Uint8Array> =>
      Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [`${i % 2}/${i}.png`, png(20 + i + shift, 30, 3)] as const),
      );
    writeFiles(at("folder-a"), images(0));
    writeFiles(at("folder-b"), images(3));
    const folders = { source: at("folder-a"), target: at("folder-b"), backbone, cache: false };
    const { task, network } = await planned(folders);
    expect(task).toMatchObject({ inputShape: [3, 32, 32], pixels: expect.stringMatching(/^pixels\/255, less 0.485 /) });
    expect(network.why).toContain("; images of 32x32: pixels/255, less 0.485 0.456 0.406, divided by");
  });
});

test.each([
  [["--augment", "blur"], '--augment: expected flip, crop, colour with commas between, or none, got "blur"'],
  [["--normalise", "imagnet"], "images.normalise (--normalise): expected one of imagenet, clip, none"],
  [["--normalise", "clip", "--mean", "0.5"], "(--normalise): expected normalise without mean"],
  [["--mean", "0.5,0.5"], "--mean"],
  [["--std", "0"], "--std"],
])("%j is refused", (given, message) => {
  const [name = "", value = "", other = "", more = ""] = given.map((word) => word.replace("--", ""));
  const asked = { source: "a", target: "b", [name]: value, ...(other !== "" && { [other]: more }) };
  expect(() => resolveRun([{ origin: "command line", config: layerOf(adaptFlags, asked) }], flagFor)).toThrow(message);
});

test.each([
  ["train.augment.crop.padding=2", "train.augment.crop.padding (--augment): expected a number of at most 0.5, got 2"],
  ["train.augment.crop.pading=.2", "unknown key train.augment.crop.pading"],
  ["train.augment.flip=true", "train.augment.flip (--augment): expected strengths, {} for their defaults, or false"],
  ["data.preprocess.images.mean=grey", "data.preprocess.images.mean (--mean): expected one number, or three"],
])("--set %s is refused", (setting, message) => {
  const layers = [layerOf(adaptFlags, { source: "a", target: "b" }), layerOfSettings([setting])];
  const resolved = (): unknown =>
    resolveRun(
      layers.map((config) => ({ origin: "flags", config })),
      flagFor,
    );
  expect(resolved).toThrow(message);
});

test.each([
  ["augment-frozen", () => [...flags("refused"), "--backbone", backbone]],
  ["augment-rows", () => quickRun(tables, at("refused"))],
])("error[%s]", async (code, args) => {
  const ran = await dann([...args(), "--augment", "flip"]);
  expect(ran.stderr).toContain(`error[${code}]: train.augment: `);
  expect(ran.code).toBe(2);
  expect(existsSync(at("refused"))).toBe(false);
});
