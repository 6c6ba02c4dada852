/** Folders of images through the command line: adapt, predict, evaluate, inspect. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adaptResult } from "../../src/adapt/result.ts";
import { evaluateDocument, inspectDocument } from "../../src/cli/documents.ts";
import { dann, temporaryFolder } from "../support/cli.ts";
import { jpg, png, writeFiles } from "../support/images.ts";

const folder = temporaryFolder();
const cache = join(folder, "kept");
const inFolder = { cwd: folder, env: { XDG_CACHE_HOME: join(folder, "xdg") } };

/** Stripes that lie or stand, in images of different sizes; the target is brighter. */
function stripes(domain: string, images: number, shift: number): Record<string, Uint8Array> {
  return Object.fromEntries(
    Array.from({ length: images }, (_, i) => {
      const [height, width, stands] = [16 + (i % 3), 18 + (i % 4), i % 2 === 1];
      const pixels = Uint8Array.from({ length: height * width * 3 }, (_, at) => {
        const p = Math.floor(at / 3);
        const place = stands ? p % width : Math.floor(p / width);
        return 40 + shift + (place % 8 < 4 ? 120 : 0) + ((7 * at + 31 * i) % 23);
      });
      const name = `${domain}/${stands ? "standing" : "lying"}/${String(i).padStart(2, "0")}`;
      return i % 5 === 0 ? [`${name}.jpg`, jpg(height, width, pixels)] : [`${name}.png`, png(height, width, 3, pixels)];
    }),
  );
}

const quick = ["--source", "a", "--target", "b", "--steps", "40", "--batch", "16", "--seed", "1"];
beforeAll(async () => {
  writeFiles(folder, { ...stripes("a", 60, 0), ...stripes("b", 40, 50) });
  writeFileSync(join(folder, "b/lying/notes.txt"), "x");
  const ran = await dann(
    [
      "adapt",
      ...quick,
      "--target-labels",
      "folder",
      "--image-size",
      "16x16",
      "--out",
      "run",
      "--cache",
      "kept",
      "--json",
    ],
    inFolder,
  );
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toContain("b: 1 file passed over that are no JPEG, PNG or WebP: lying/notes.txt");
  const { task, models } = adaptResult.parse(JSON.parse(ran.stdout));
  expect(task).toMatchObject({ classes: ["lying", "standing"], targetRows: 40, inputShape: [3, 16, 16] });
  expect(models[0]?.metrics.target?.accuracy).toBeGreaterThan(0.8);
  expect(readdirSync(cache)).toHaveLength(2);
  expect(existsSync(join(folder, "xdg/dann"))).toBe(false);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("sizes that differ are refused with the sizes found", async () => {
  const ran = await dann(["adapt", ...quick, "--out", "none"], inFolder);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(/error\[image-size]: a: expected images of one size, got 1\dx\d+ \(\d+\), /);
  expect(ran.stderr).toContain("Pass --image-size");
});

test("labels of the target are not read without asking", async () => {
  const ran = await dann(
    ["adapt", ...quick, "--image-size", "16x16", "--out", "unseen", "--no-cache", "--json"],
    inFolder,
  );
  expect(ran.code, ran.stderr).toBe(0);
  const { models } = adaptResult.parse(JSON.parse(ran.stdout));
  expect(models.map(({ metrics }) => metrics.target)).toEqual(models.map(() => null));
});

test("predictions carry the paths, at the size of training, and evaluate agrees", async () => {
  const ran = await dann(["predict", "run", "b"], inFolder);
  expect(ran.code, ran.stderr).toBe(0);
  const [head, first, ...rest] = ran.stdout.trimEnd().split("\n");
  expect(head).toBe("id,label,p_lying,p_standing");
  expect(first).toMatch(/^lying\/00\.jpg,(lying|standing),/);
  expect(rest).toHaveLength(39);
  const right = [first ?? "", ...rest].filter((line) => line.startsWith(`${line.split(",")[1]}/`)).length;
  const scored = await dann(["evaluate", "run", "b", "--labels", "folder", "--no-cache", "--json"], inFolder);
  expect(scored.code, scored.stderr).toBe(0);
  expect(evaluateDocument.parse(JSON.parse(scored.stdout)).metrics?.accuracy).toBeCloseTo(right / 40, 10);
  // A flat folder, and one with a file that is none.
  const flat = await dann(["predict", "run", "b/lying"], inFolder);
  expect(flat.stdout.split("\n")[1]).toMatch(/^00\.jpg,/);
  mkdirSync(join(folder, "c"));
  writeFiles(folder, { "c/1.png": png(20, 20, 3), "c/2.png": png(20, 20, 3).subarray(0, 60) });
  const bad = await dann(["predict", "run", "c"], inFolder);
  expect([bad.code, bad.stderr]).toEqual([3, expect.stringContaining("1 file cannot be read: 2.png (it ends early)")]);
  const skipped = await dann(["predict", "run", "c", "--skip-bad"], inFolder);
  expect([skipped.code, skipped.stdout.trimEnd().split("\n").length]).toEqual([0, 2]);
  expect(skipped.stderr).toContain("1 image skipped");
});

test("inspect counts, and caches by the platform's convention", async () => {
  const ran = await dann(
    ["data", "inspect", "a", "b", "--image-size", "8x8", "--image-fit", "contain", "--json"],
    inFolder,
  );
  expect(ran.code, ran.stderr).toBe(0);
  const { datasets, findings } = inspectDocument.parse(JSON.parse(ran.stdout));
  expect(datasets.map(({ rows, shape }) => [rows, shape])).toEqual([
    [60, [8, 8, 3]],
    [40, [8, 8, 3]],
  ]);
  expect(datasets[0]?.classes).toEqual([
    { name: "lying", rows: 30 },
    { name: "standing", rows: 30 },
  ]);
  expect(findings).toEqual([expect.objectContaining({ level: "warning", code: "left-out" })]);
  expect(readdirSync(join(folder, "xdg/dann"))).toHaveLength(2);
});

test("inspect says what is in folders that training would refuse, and whether they fit together", async () => {
  writeFiles(folder, {
    ...Object.fromEntries([1, 2, 3].map((i) => [`x/cat/${i}.png`, png(12, 12, 3)])),
    "x/dog/4.png": png(12, 14, 1),
    "x/dog/5.jpg": png(12, 12, 3).subarray(0, 40),
    ...Object.fromEntries([1, 2, 3].map((i) => [`y/cat/${i}.png`, png(10, 10, 1)])),
    "y/cow/4.png": png(10, 10, 1),
  });
  const ran = await dann(["data", "inspect", "x", "y", "--labels", "folder", "--no-cache"], inFolder);
  expect(ran.code, ran.stderr).toBe(0);
  for (const said of [
    "x\n  4 rows of image [12, 12, 3]\n  4 PNG, 1 grey\n  2 sizes from 12x12 to 12x14, the commonest 12x12 (3)\n  1 that cannot be read: dog/5.jpg\n",
    "  2 classes: cat (3), dog (1)\n",
    "y\n  4 rows of image [10, 10, 1]\n  4 PNG, 4 grey\n  all of 10x10\n",
    "error: x: 1 file cannot be read: dog/5.jpg (it ends early). Replace or remove them",
    "error: x: expected images of one size, got 2, the commonest 12x12 (3 of 4)",
    "error: y: expected images of 12x12, as in x, got 10x10. Pass --image-size 12x12",
  ])
    expect(ran.stdout).toContain(said);
  const fits = await dann(
    ["data", "inspect", "x", "y", "--image-size", "8x8", "--skip-bad", "--no-cache", "--json"],
    inFolder,
  );
  const { datasets, findings } = inspectDocument.parse(JSON.parse(fits.stdout));
  expect(datasets.map((one) => [one.shape, one.folder?.lookedAt])).toEqual([
    [[8, 8, 3], "8x8"],
    [[8, 8, 1], "8x8"],
  ]);
  // What is left is no matter of sizes or files: one image of a class.
  expect(findings.filter(({ level }) => level === "error").map(({ code }) => code)).toEqual(["class-too-small"]);
}, 120_000);

test("either decoder makes the same run possible, and the folder is a group", async () => {
  const config = readFileSync(join(folder, "run/config.yaml"), "utf8");
  expect(config).toContain("cache: kept");
  const ran = await dann(
    [
      "adapt",
      ...quick,
      "--image-size",
      "16x16",
      "--out",
      "js",
      "--no-cache",
      "--set",
      "data.read.decoder=javascript",
      "--dry-run",
    ],
    inFolder,
  );
  expect(ran.code, ran.stderr).toBe(0);
  const grouped = await dann(
    ["adapt", ...quick, "--image-size", "16x16", "--no-cache", "--group", "folder", "--dry-run"],
    inFolder,
  );
  // One folder a class: none can be held out whole.
  expect([grouped.code, grouped.stderr]).toEqual([3, expect.stringContaining("error[no-holdout]")]);
  const wrong = await dann(["adapt", ...quick, "--group", "patient", "--dry-run"], inFolder);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("expected --group folder")]);
});
