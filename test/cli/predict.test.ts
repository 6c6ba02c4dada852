import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { modelOfRun, networkOfRun, openSavedRun } from "../../src/adapt/saved-run.ts";
import { evaluateDocument, predictDocument } from "../../src/cli/documents.ts";
import { readDataset } from "../../src/data/read.ts";
import { readModelInfo } from "../../src/onnx/read.ts";
import { loadModel } from "../../src/train/load-model.ts";
import { decodeMetadata } from "../../src/train/metadata.ts";
import { exportModel } from "../../src/train/model.ts";
import { clinics, dann, quickRun, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
const files = clinics(folder);
const run = join(folder, "run");
/** What the run of these steps and this seed ends with. */
const why = "it is kept where adaptation has not helped, and the verdict is no-gain";
const answers = `${run}: its source-only model answers: ${why}\n`;
beforeAll(async () => {
  const ran = await dann([...quickRun(files, run), "--quiet"]);
  expect(ran.code, ran.stderr).toBe(0);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("CSV on stdout: id, label and a probability a class; nothing else", async () => {
  const ran = await dann(["predict", run, files.c, "--id", "patient"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toBe(answers);
  const [head, first, ...rest] = ran.stdout.trimEnd().split("\n");
  expect(head).toBe("id,label,p_sick,p_well");
  expect(first).toMatch(/^p5000,(sick|well),[0-9.e-]+,[0-9.e-]+$/);
  expect(rest).toHaveLength(119);
});

test("JSON Lines, NPZ and the library say the same", async () => {
  const [jsonl, npz] = [join(folder, "p.jsonl"), join(folder, "p.npz")];
  const ran = await dann(["predict", run, files.c, "--id", "patient", "--out", jsonl, "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  const document = predictDocument.parse(JSON.parse(ran.stdout));
  expect(document).toMatchObject({ rows: 120, format: "jsonl", out: jsonl });
  expect(Object.values(document.classes).reduce((sum, n) => sum + n, 0)).toBe(120);
  expect((await dann(["predict", run, files.c, "--out", npz, "--quiet"])).code).toBe(0);

  const lines = readFileSync(jsonl, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: string; label: string; probabilities: Record<string, number> });
  expect(lines[0]?.id).toBe("p5000");
  const archive = await readDataset(npz, { features: "probabilities", labels: "label" });
  expect(archive.labels).toEqual(lines.map(({ label }) => label));
  const model = await loadModel(join(run, "model.onnx"));
  const own = await model.predict(await readDataset(files.c));
  expect(own.labels).toEqual(archive.labels);
  lines.forEach((line, row) => {
    expect(line.probabilities.sick).toBeCloseTo(own.probabilities[2 * row] ?? Number.NaN, 5);
  });
  await model.dispose();
});

test("--abstain-below leaves labels empty by the written probabilities, and counts them", async () => {
  const [csv, jsonl, npz] = ["a.csv", "a.jsonl", "a.npz"].map((name) => join(folder, name)) as [string, string, string];
  const ask = (out: string) => ["predict", run, files.c, "--abstain-below", "0.9", "--out", out, "--json"];
  const ran = await dann(ask(csv));
  expect(ran.code, ran.stderr).toBe(0);
  const { abstained, classes, rows } = predictDocument.parse(JSON.parse(ran.stdout));
  const [head, ...lines] = readFileSync(csv, "utf8").trimEnd().split("\n");
  expect(head).toBe("id,label,abstained,p_sick,p_well");
  const without = lines.map((line) => {
    const [, label, said, sick, well] = line.split(",");
    const below = Math.max(Number(sick), Number(well)) < 0.9;
    expect(said).toBe(String(below));
    expect(label).toBe(below ? "" : Number(sick) > Number(well) ? "sick" : "well");
    return below;
  });
  const count = without.filter(Boolean).length;
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThan(rows);
  expect(abstained).toEqual({ below: 0.9, rows: count });
  expect(Object.values(classes).reduce((sum, n) => sum + n, 0)).toBe(rows - count);

  expect((await dann(ask(jsonl))).code).toBe(0);
  const read = readFileSync(jsonl, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(read.map((row) => row.abstained)).toEqual(without);
  expect(read.map((row) => row.label === null)).toEqual(without);
  expect((await dann(ask(npz))).code).toBe(0);
  const archive = await readDataset(npz, { features: "probabilities", labels: "abstained" });
  expect(archive.labels).toEqual(without.map((one) => (one ? "1" : "0")));
  const people = await dann(["predict", run, files.c, "--abstain-below", "0.9", "--out", csv, "--quiet"]);
  expect(people.stdout).toContain(`${count} of ${rows} rows have no label: their highest probability is below 0.9`);
});

test.each(["0", "-0.1", "1.01", "x", ""])("--abstain-below %j is refused in one line", async (value) => {
  const ran = await dann(["predict", run, files.c, `--abstain-below=${value}`]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain(`--abstain-below: expected a probability above 0 and at most 1, got "${value}"`);
});

test("--raw-probabilities are the softmax of the logits, and a model without a temperature has no others", async () => {
  const { calibration, ...rest } = decodeMetadata(readModelInfo(readFileSync(join(run, "model.onnx"))).metadata, run);
  expect(calibration).toBeDefined();
  const saved = await openSavedRun(run);
  const model = await modelOfRun(saved, "chosen");
  const parts = { ...model, ...rest, network: (await networkOfRun(saved)).network };
  const [old, hot] = [join(folder, "old.onnx"), join(folder, "hot.onnx")];
  writeFileSync(old, exportModel({ ...parts, calibration: undefined }));
  writeFileSync(hot, exportModel({ ...parts, calibration: { temperature: 4, basis: "source" } }));
  const by = async (...args: string[]): Promise<string> => (await dann(["predict", ...args])).stdout;
  const own = await by(old, files.c);
  const numbersOf = (text: string): number[] =>
    text
      .split(/[\n,]/)
      .map(Number)
      .filter((value) => !Number.isNaN(value));
  const raw = numbersOf(await by(hot, files.c, "--raw-probabilities"));
  numbersOf(own).forEach((value, i) => {
    expect(raw[i]).toBeCloseTo(value, 5);
  });
  expect(await by(old, files.c, "--raw-probabilities")).toBe(own);
  expect(await by(hot, files.c)).not.toBe(own);
  const labels = (text: string): string[] => text.split("\n").map((line) => line.split(",")[1] ?? "");
  expect(labels(await by(hot, files.c))).toEqual(labels(own));
  const noted = await dann(["predict", old, files.c, "--abstain-below", "0.6"]);
  expect(noted.stderr).toContain("was not calibrated");
});

test("ids that the run had and this command did not ask for are told", async () => {
  const ran = await dann(["predict", run, files.c]);
  expect(ran.stderr).toBe(
    `${answers}ids are numbers of rows, from 0; the run's were those of column "patient": --id patient\n`,
  );
  expect(ran.stdout.split("\n")[1]).toMatch(/^0,/);
});

test("which of the run's models answers is said, by predict and evaluate, to people and in the document", async () => {
  const { models, chosen } = JSON.parse(readFileSync(join(run, "result.json"), "utf8"));
  const { name, selection, epoch } = models[chosen];
  const said = { name, selection, epoch, why };
  const predicted = ["predict", run, files.c, "--out", join(folder, "said.csv"), "--json"];
  const scored = ["evaluate", run, files.c, "--labels", "diagnosis", "--json"];
  for (const args of [predicted, scored]) {
    const ran = await dann(args);
    expect(ran.stderr).toContain(answers);
    expect(JSON.parse(ran.stdout).chosen).toEqual(said);
    expect((await dann([...args, "--quiet"])).stderr).toBe("");
    const alone = await dann(args.map((word) => (word === run ? join(run, "model.onnx") : word)));
    expect(alone.stderr).not.toContain("answers");
    expect(JSON.parse(alone.stdout).chosen).toBeNull();
  }
});

test("a model.onnx by itself predicts as its run does", async () => {
  const by = async (model: string): Promise<string> => (await dann(["predict", model, files.c])).stdout;
  expect(await by(join(run, "model.onnx"))).toBe(await by(run));
});

test("a broken row leaves no file behind", async () => {
  const bad = join(folder, "bad.csv");
  writeFileSync(bad, `${readFileSync(files.c, "utf8")}p9,old,1,m,sick\n`);
  const out = join(folder, "broken.csv");
  const before = readdirSync(folder);
  const ran = await dann(["predict", run, bad, "--out", out]);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain("bad.csv");
  expect(existsSync(out)).toBe(false);
  expect(readdirSync(folder)).toEqual(before);
});

test("evaluate: metrics of labelled rows, for people and as a document", async () => {
  const ran = await dann(["evaluate", run, files.c, "--labels", "diagnosis", "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  const { metrics, unknownClasses } = evaluateDocument.parse(JSON.parse(ran.stdout));
  expect(metrics?.rows).toBe(120);
  expect(unknownClasses).toBe(0);
  expect(metrics?.confusion.flat().reduce((sum, n) => sum + n, 0)).toBe(120);
  const people = await dann(["evaluate", run, files.c, "--labels", "diagnosis"]);
  expect(people.stdout).toMatch(/^accuracy 0\.\d{3}, balanced accuracy/);
  expect(people.stdout).toContain("truth \\ said");
});

test("evaluate agrees with the predictions, counted by hand", async () => {
  const said = (await dann(["predict", run, files.c])).stdout
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",")[1]);
  const truth = readFileSync(files.c, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",")[4]);
  const right = said.filter((label, row) => label === truth[row]).length;
  const ran = await dann(["evaluate", run, files.c, "--labels", "diagnosis", "--json"]);
  expect(evaluateDocument.parse(JSON.parse(ran.stdout)).metrics?.accuracy).toBe(right / truth.length);
});
