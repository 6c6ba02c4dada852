/** The page of real runs: through the public API, without target labels, with pictures, from an older folder. */
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adapt, type Dataset, moons } from "dann";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEmbedding } from "../src/adapt/embedding-file.ts";
import { readReportParts, reportOf } from "../src/adapt/report.ts";
import { encodeNpz } from "../src/data/writers/npy.ts";
import { random } from "../src/random.ts";
import { temporaryFolder } from "./support/cli.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { source, target } = moons({ rows: 60, rotation: 35, seed: 0 });
const quick = { steps: 20, logEvery: 5 };
const run = join(folder, "moons");
const pageOf = (path: string): string => readFileSync(join(path, "report.html"), "utf8");

beforeAll(async () => {
  const started = await adapt({ source, target, train: quick, out: run });
  await started.done;
}, 120_000);

describe("moons with target labels", () => {
  test("lies in the run's folder and has every part", () => {
    const page = pageOf(run);
    expect([...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id)).toEqual([
      ...["verdict", "health", "models", "features", "training", "scores", "confusion", "calibration"],
      ...["samples", "setup"],
    ]);
    expect(page).not.toMatch(/NaN|undefined|\[object|https?:\/\/|<script/);
    for (const title of ["Label loss", "Domain loss", "Domain accuracy", "Lambda", "Learning rate", "SND", "RankMe"])
      expect(page).toContain(`<b>${title}</b>`);
    expect(page).toContain("After adaptation");
    expect(page).toContain('value="umap"');
    expect(Buffer.byteLength(page)).toBeLessThan(3e6);
  });

  test("figures of the table are those of the result", () => {
    const { models } = JSON.parse(readFileSync(join(run, "result.json"), "utf8"));
    const section = /<section id="models">(.*?)<\/table>/s.exec(pageOf(run))?.[1] ?? "";
    const cells = [...section.matchAll(/<td class="r">([^<]*)<\/td>/g)].map(([, text]) => text);
    const expected = models.flatMap((row: (typeof models)[number]) => [
      row.metrics.source.accuracy.toFixed(3),
      row.metrics.target.accuracy.toFixed(3),
    ]);
    expect(cells.filter((_, at) => at % 5 <= 1)).toEqual(expected);
  });

  test("confused rows are wrong, the surest first, and named by their number", async () => {
    const arrays = await readEmbedding(join(run, "embedding.npz"));
    const [names, predicted, truth, sure] = ["names", "predictions", "truth", "probabilities"].map((name) =>
      Array.from(arrays[`confused_${name}`]?.values as ArrayLike<string | number>),
    );
    expect(names?.length).toBeGreaterThan(0);
    expect(sure).toEqual(sure?.toSorted((a, b) => Number(b) - Number(a)));
    names?.forEach((name, at) => {
      expect(predicted?.[at]).not.toBe(truth?.[at]);
      expect(String(truth?.[at])).toBe(target.labels?.[Number(name)]);
    });
  });

  test("made again from the folder it is the same page, but for the place", async () => {
    expect(await reportOf(await readReportParts(run))).toBe(pageOf(run));
  });

  test("a folder whose embedding has no confused rows, or is gone, has a page without them", async () => {
    const old = join(folder, "old");
    cpSync(run, old, { recursive: true });
    const arrays = await readEmbedding(join(run, "embedding.npz"));
    const kept = Object.fromEntries(Object.entries(arrays).filter(([name]) => !name.startsWith("confused")));
    writeFileSync(join(old, "embedding.npz"), encodeNpz(kept));
    const page = await reportOf(await readReportParts(old));
    expect(page).toContain('id="features"');
    expect(page).not.toContain('id="samples"');
    rmSync(join(old, "embedding.npz"));
    expect(await reportOf(await readReportParts(old))).not.toContain('id="features"');
  });
});

/** Half of the pixels tell the class; the target is darker. */
function pictures(rows: number, dark: number, ids: boolean): Dataset {
  const chance = random(`pictures ${dark}`);
  const [height, width] = [80, 12];
  const pixels = new Uint8Array(rows * height * width);
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < height * width; at++) {
      const bright = at % width < width / 2 === (row % 2 === 0);
      pixels[row * height * width + at] = (bright ? 150 - dark : 40) + chance.integer(60);
    }
  return {
    origin: "pictures",
    rows: { kind: "image", rows, height, width, channels: 1, pixels },
    labels: Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? "left" : "right")),
    ...(ids && { ids: Array.from({ length: rows }, (_, row) => `shelf/${row} <a>.png`) }),
  };
}

test("pictures without target labels: small pictures of the least sure rows, by their names", {
  timeout: 120_000,
}, async () => {
  const out = join(folder, "pictures");
  const { labels: _, ...unlabelled } = pictures(40, 60, true);
  const evaluate = { adabn: false };
  const started = await adapt({
    ...{ source: pictures(40, 0, false), target: unlabelled, network: "compact", evaluate, out },
    train: { steps: 4, batch: { source: 8, target: 8 } },
  });
  await started.done;
  const page = pageOf(out);
  expect(page).toContain("the target rows that");
  expect(page).toContain("confusion on the target is not known");
  const [first] = [...page.matchAll(/<img src="data:image\/png;base64,([^"]+)"/g)].map(([, text]) => text ?? "");
  const png = Buffer.from(first ?? "", "base64");
  // 80 x 12 in at most 64 x 64.
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([10, 64]);
  expect(page).toMatch(/<span class="name">row shelf\/\d+ &lt;a&gt;\.png<\/span>/);
  const sure = [...page.matchAll(/taken for <b>[^<]+<\/b> \(([\d.]+)/g)].map(([, text]) => Number(text));
  expect(sure).toHaveLength(24);
  expect(sure).toEqual(sure.toSorted((a, b) => a - b));
});

test("a page that cannot be drawn costs no run: the log says so", { timeout: 120_000 }, async () => {
  const out = join(folder, "undrawn");
  const started = await adapt({ source, target, train: quick, out });
  for await (const event of started.events()) if (event.type === "plan") break;
  while (!existsSync(join(out, "config.yaml"))) await new Promise((done) => setTimeout(done, 5));
  writeFileSync(join(out, "config.yaml"), "train: [");
  await started.done;
  expect(existsSync(join(out, "report.html"))).toBe(false);
  expect(readFileSync(join(out, "log.txt"), "utf8")).toContain("report.html was not drawn");
});

test("a target with labels for some rows names confused rows by their number in the file", async () => {
  const out = join(folder, "some");
  const labels = target.labels?.map((label, row) => (row < 20 ? undefined : label));
  const started = await adapt({ source, target: { ...target, ...(labels && { labels }) }, train: quick, out });
  await started.done;
  const { confused_names: names } = await readEmbedding(join(out, "embedding.npz"));
  const numbers = Array.from(names?.values as readonly string[], Number);
  expect(numbers.length).toBeGreaterThan(0);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(20);
});
