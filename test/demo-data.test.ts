/** The data that are shipped for `dann demo`: well formed, small enough, and what the script makes of the full sets. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { demoData } from "../scripts/demo-data.ts";
import { readDataset } from "../src/data/read.ts";
import { wordPiece } from "./support/tokenizer.ts";

const folder = new URL("../demo/", import.meta.url).pathname;
const packed = readdirSync(folder).filter((name) => name.endsWith(".gz"));

/** The complete sets, which are not part of the repository. */
const sets = process.env.DANN_DATA ?? new URL("../../shared/data", import.meta.url).pathname;
const complete = existsSync(`${sets}/mnist`) && existsSync(`${sets}/optdigits`);

describe("demo data", () => {
  test("the toy tokenizer is the one that the tests make", () => {
    const made = JSON.parse(new TextDecoder().decode(wordPiece()));
    expect(JSON.parse(readFileSync(`${folder}encoder/tokenizer.json`, "utf8"))).toEqual(made);
  });

  test("fit in 5 MB, each with its origin and licence in the README", () => {
    const readme = readFileSync(`${folder}README.md`, "utf8");
    const bytes = packed.reduce((sum, name) => sum + statSync(folder + name).size, 0);
    expect(bytes).toBeLessThan(5e6);
    for (const set of new Set(packed.map((name) => name.split("-")[0]))) expect(readme).toContain(`\`${set}-*\``);
    expect(readme).toMatch(/CC BY-SA 3\.0/);
    expect(readme).toMatch(/CC BY 4\.0/);
  });

  test.each([
    ["mnist", "train", 6000, 20],
    ["mnist", "test", 2000, 20],
    ["optdigits", "train", 3823, 8],
    ["optdigits", "test", 1797, 8],
  ])("%s %s: %i labelled images of ten classes", async (set, part, rows, size) => {
    const path = `${folder}${set}-${part}`;
    const data = await readDataset(`${path}-images-idx3-ubyte.gz`, { labels: `${path}-labels-idx1-ubyte.gz` });
    expect(data.rows).toMatchObject({ kind: "image", rows, height: size, width: size, channels: 1 });
    expect(data.labels).toHaveLength(rows);
    expect([...new Set(data.labels)].sort()).toEqual([..."0123456789"]);
  });

  test.skipIf(!complete)("are what the script makes (needs mnist/ and optdigits/ in DANN_DATA)", async () => {
    const made = await demoData(sets);
    expect(packed.sort()).toEqual([...made.keys()].map((name) => `${name}.gz`).sort());
    for (const [name, bytes] of made)
      expect(gunzipSync(readFileSync(`${folder}${name}.gz`)).equals(bytes), name).toBe(true);
  });
});
