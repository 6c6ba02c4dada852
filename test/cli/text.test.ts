import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportRun } from "../../src/adapt/export.ts";
import { adaptResult } from "../../src/adapt/result.ts";
import { readDataset } from "../../src/data/read.ts";
import { random } from "../../src/random.ts";
import { loadModel } from "../../src/train/load-model.ts";
import { dann, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Reviews of books or knives: opinions that both share among words that are each shop's own. */
function reviews(name: string, own: readonly string[], price: number): string {
  const draw = random(name);
  const pick = (words: readonly string[]): string => words[draw.integer(words.length)] ?? "";
  let text = "number,review,price,paid,opinion\n";
  for (let i = 0; i < 120; i++) {
    const good = i % 2 === 0;
    const said = [pick(own), good ? "Good!" : "dull,", pick(own), good ? "great" : "awful", pick(own)];
    text += `${i},"${said.join(" ")}",${(price + draw.uniform()).toFixed(2)},${pick(["card", "cash"])},${good ? "yes" : "no"}\n`;
  }
  writeFileSync(file(name), text);
  return file(name);
}
const books = reviews("books.csv", ["page", "story", "hero", "ending"], 10);
const knives = reviews("knives.csv", ["blade", "steel", "handle", "edge"], 10.3);
const flags = [...["--source", books, "--source-labels", "opinion", "--target", knives, "--id", "number"], "--quiet"];

beforeAll(async () => {
  const training = [
    "--target-labels",
    "opinion",
    "--text",
    "review",
    "--text-features",
    "512",
    "--steps",
    "60",
    "--batch",
    "32",
  ];
  const ran = await dann(["adapt", ...flags, ...training, "--out", file("run"), "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  const { models, task } = adaptResult.parse(JSON.parse(ran.stdout));
  expect(task.inputShape).toEqual([1 + 2 + 512]);
  expect(models.find(({ selection }) => selection === "validator")?.metrics.target?.accuracy).toBeGreaterThan(0.95);
}, 120_000);

test("predict takes the raw text, and says what the library says", async () => {
  const ran = await dann(["predict", file("run"), knives, "--id", "number"]);
  expect(ran.code, ran.stderr).toBe(0);
  const said = ran.stdout
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",")[1]);
  const model = await loadModel(file("run/model.onnx"));
  const { labels } = await model.predict(await readDataset(knives));
  expect(labels).toEqual(said);
  expect(said.filter((label, row) => label === (row % 2 === 0 ? "yes" : "no")).length).toBeGreaterThan(114);
  // Texts made by hand, one of them missing.
  const few = await model.predict({
    kind: "table",
    rows: 2,
    columns: [
      { kind: "text", name: "review", values: ["Good edge, GREAT", undefined] },
      { kind: "number", name: "price", values: Float64Array.of(10.5, 10.5) },
      { kind: "category", name: "paid", codes: Int32Array.of(0, 0), vocabulary: ["card"] },
    ],
  });
  expect(few.labels[0]).toBe("yes");
  await model.dispose();
  const scored = await dann(["evaluate", file("run"), knives, "--labels", "opinion"]);
  expect(scored.stdout, scored.stderr).toMatch(/^accuracy 0\.9|^accuracy 1\.0/);
});

test("the export of such a run is verified", async () => {
  const { verification, inputs } = await exportRun(file("run"), { out: file("text.onnx") });
  expect(inputs.text).toEqual({ dtype: "float32", shape: ["N", 512] });
  expect(verification.map((one) => "rows" in one && one.rows)).toEqual(["held-out", "random", "held-out", "random"]);
});

test("text that nobody has named is refused, with what to do", async () => {
  const long = file("long.csv");
  const rows = readFileSync(books, "utf8").split("\n");
  writeFileSync(long, rows.map((row, i) => row.replace(/"(.*)"/, `"$1 ${i}"`)).join("\n"));
  const ran = await dann([
    "adapt",
    "--source",
    long,
    "--source-labels",
    "opinion",
    "--target",
    knives,
    "--out",
    file("no"),
  ]);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(
    /error\[text-column\]: .*got free text in "?review.*\n {2}Read it as text with --text review/,
  );
});

test.each([
  [["--text", "review,reviw"], /no-such-column.*"reviw"/],
  [["--text", "review", "--text-ngrams", "2,1"], /--text-ngrams.*shortest first/],
  [["--text", "review", "--text-unit", "sentence"], /--text-unit/],
])("refuses %j", async (more, message) => {
  const ran = await dann(["adapt", ...flags, ...more, "--out", file("no")]);
  expect(ran.stderr).toMatch(message);
});
