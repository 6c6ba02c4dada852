/** `dann adapt --backbone encoder.onnx --tokenizer tokenizer.json`: from a CSV of texts to a model that reads raw text. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adaptResult } from "../../src/adapt/result.ts";
import { readDataset } from "../../src/data/read.ts";
import { loadModel } from "../../src/train/load-model.ts";
import { dann, temporaryFolder } from "../support/cli.ts";
import { fingerprint, killAfter } from "../support/resume.ts";
import { reviews, wordPiece, words } from "../support/tokenizer.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const encoder = "demo/encoder/encoder.onnx";

writeFileSync(at("books.csv"), reviews("books", 120));
writeFileSync(at("knives.csv"), reviews("knives", 120));
writeFileSync(at("tokenizer.json"), wordPiece());

const data = ["adapt", "--source", at("books.csv"), "--source-labels", "opinion", "--target", at("knives.csv")];
const text = ["--text", "review", "--backbone", encoder, "--tokenizer", at("tokenizer.json")];
const alone = ["--drop", "stars"];
const quick = ["--batch", "32", "--quiet", "--no-adabn", "--no-target-trained"];

describe("frozen", () => {
  const cache = ["--cache", at("kept")];
  beforeAll(async () => {
    const scored = ["--target-labels", "opinion", "--steps", "80", "--json"];
    const ran = await dann([...data, ...text, ...alone, ...quick, ...scored, ...cache, "--out", at("run")]);
    expect(ran.code, ran.stderr).toBe(0);
    const { network, task, models, chosen } = adaptResult.parse(JSON.parse(ran.stdout));
    expect(network.description).toMatch(
      /^G_f: input_ids -> last_hidden_state, mean over tokens \(frozen\), 16 features, fc/,
    );
    expect(network.why).toContain("the output: no classifier follows it; the mean over the tokens of a text");
    expect(task.inputShape).toEqual([24]);
    expect(models[chosen]?.metrics.target?.accuracy).toBeGreaterThan(0.9);
  }, 120_000);

  test("predict, evaluate and the library read raw text, and say the same", async () => {
    const ran = await dann(["predict", at("run"), at("knives.csv")]);
    expect(ran.code, ran.stderr).toBe(0);
    const said = ran.stdout
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[1]);
    const model = await loadModel(at("run/model.onnx"));
    const { labels, truncated } = await model.predict(await readDataset(at("knives.csv")));
    expect(labels).toEqual(said);
    expect(truncated).toBe(0);
    const few = await model.predict({
      kind: "table",
      rows: 3,
      columns: [{ kind: "text", name: "review", values: ["GREAT edges, a joy", "awful and dull", undefined] }],
    });
    expect(few.labels.slice(0, 2)).toEqual(["yes", "no"]);
    expect([...few.probabilities].every(Number.isFinite)).toBe(true);
    await model.dispose();
    const scored = await dann(["evaluate", at("run"), at("knives.csv"), "--labels", "opinion"]);
    expect(scored.stdout, scored.stderr).toMatch(/^accuracy (0\.9|1\.0)/);
  });

  test("features are kept by model, tokenizer and data", async () => {
    const kept = (): number => readdirSync(at("kept")).filter((name) => name.startsWith("features-")).length;
    const before = kept();
    expect(before).toBe(3);
    const again = async (name: string, tokenizer: string): Promise<Buffer> => {
      const flags = ["--text", "review", "--backbone", encoder, "--tokenizer", at(tokenizer), "--steps", "80"];
      const scored = ["--target-labels", "opinion"];
      const ran = await dann([...data, ...flags, ...alone, ...quick, ...scored, ...cache, "--out", at(name)]);
      expect(ran.code, ran.stderr).toBe(0);
      return readFileSync(join(at(name), "model.onnx"));
    };
    expect((await again("same", "tokenizer.json")).equals(readFileSync(at("run/model.onnx")))).toBe(true);
    expect(kept()).toBe(before);
    writeFileSync(at("other.json"), wordPiece([...words].reverse()));
    await again("other", "other.json");
    expect(kept()).toBe(2 * before);
  });

  test("the run keeps its tokenizer; an export has it beside it, and is verified", async () => {
    expect(readFileSync(at("run/tokenizer.json")).equals(Buffer.from(wordPiece()))).toBe(true);
    const ran = await dann(["export", at("run"), "--out", at("e.onnx"), "--json"]);
    expect(ran.code, ran.stderr).toBe(0);
    const { inputs, tokenizer, verification } = JSON.parse(ran.stdout) as Record<string, unknown>;
    expect(inputs).toEqual([
      { name: "attention_mask", dtype: "int64", shape: ["N", 24] },
      { name: "input_ids", dtype: "int64", shape: ["N", 24] },
    ]);
    expect(tokenizer).toBe(at("e.tokenizer.json"));
    expect((verification as { rows: string }[]).map(({ rows }) => rows)).toEqual([
      ...["held-out", "random"],
      ...["held-out", "random"],
    ]);
    const [here, there] = [await loadModel(at("e.onnx")), await loadModel(at("run/model.onnx"))];
    const rows = await readDataset(at("knives.csv"));
    expect((await here.predict(rows)).probabilities).toEqual((await there.predict(rows)).probabilities);
    for (const model of [here, there]) await model.dispose();
  });

  test("a model without its tokenizer, or with another one, is refused", async () => {
    mkdirSync(at("bare"));
    copyFileSync(at("run/model.onnx"), at("bare/model.onnx"));
    const without = await dann(["predict", at("bare/model.onnx"), at("knives.csv")]);
    expect(without.code).toBe(3);
    expect(without.stderr).toMatch(/error\[no-tokenizer\]: .*bare\/tokenizer\.json\)\n {2}Put the tokenizer\.json/);
    writeFileSync(at("bare/tokenizer.json"), wordPiece([...words].reverse()));
    const other = await dann(["predict", at("bare/model.onnx"), at("knives.csv")]);
    expect(other.code).toBe(3);
    expect(other.stderr).toContain("error[tokenizer-differs]");
    const bytes = new Uint8Array(readFileSync(at("run/model.onnx")));
    await expect(loadModel(bytes)).rejects.toThrow("it reads texts by a tokenizer, and there is none");
    const given = await loadModel(bytes, { tokenizer: at("tokenizer.json") });
    await given.dispose();
  });

  test("texts that are cut are counted, in training and in prediction", async () => {
    const ran = await dann([...data, ...text, ...alone, "--max-tokens", "12", "--dry-run", "--json"]);
    expect(ran.code, ran.stderr).toBe(0);
    const { warnings, task } = JSON.parse(ran.stdout) as { warnings: string[]; task: { inputShape: number[] } };
    expect(task.inputShape).toEqual([12]);
    expect(warnings.join()).toMatch(
      /column "review": \d+ of 240 texts have more than 12 tokens, of which the last are not read/,
    );
    writeFileSync(at("long.csv"), `review\n${"good ".repeat(60)}\ndull\n`);
    const predicted = await dann(["predict", at("run"), at("long.csv")]);
    expect(predicted.stderr).toContain('column "review": 1 of 2 texts has more than 24 tokens');
    expect(predicted.stdout.split("\n")).toHaveLength(4);
  });
});

test("trained through, beside other columns; killed and resumed to the same bits, with the same tokenizer alone", async () => {
  const own = at("own.json");
  copyFileSync(at("tokenizer.json"), own);
  const flags = (out: string): string[] => [
    ...[...data, "--text", "review", "--backbone", encoder, "--tokenizer", own, "--train-backbone", "all"],
    ...["--max-tokens", "16", ...quick, "--steps", "60", "--target-labels", "opinion", "--out", at(out)],
    ...["--set", "train.checkpointEvery=10", "--set", "train.logEvery=5"],
  ];
  const whole = await dann(flags("whole"));
  expect(whole.code, whole.stderr).toBe(0);
  const { network, task, models } = adaptResult.parse(JSON.parse(readFileSync(at("whole/result.json"), "utf8")));
  // 37 of the file's tensors lead to the tokens' vectors, which stand beside one number.
  expect(network.description).toMatch(
    /^G_f: input_ids -> last_hidden_state, mean over tokens \(37 of 37 weights trained\), 17 features/,
  );
  expect(task.inputShape).toEqual([17]);
  for (const { metrics } of models) expect(metrics.target?.accuracy).toBeGreaterThan(0.9);

  const killed = await killAfter(flags("killed"), at("killed"), 12, "SIGKILL");
  expect(killed.code).toBe(null);
  expect(existsSync(at("killed/result.json"))).toBe(false);
  writeFileSync(own, wordPiece([...words].reverse()));
  const other = await dann(["adapt", "--resume", at("killed"), "--quiet"]);
  expect(other.stderr).toMatch(/error\[data-changed\]/);
  copyFileSync(at("tokenizer.json"), own);
  const resumed = await dann(["adapt", "--resume", at("killed"), "--quiet"]);
  expect(resumed.code, resumed.stderr).toBe(0);
  const [after, before] = [fingerprint(at("killed")), fingerprint(at("whole"))];
  for (const part of Object.keys(before)) expect(after[part], part).toEqual(before[part]);
  expect(readFileSync(at("killed/tokenizer.json")).equals(Buffer.from(wordPiece()))).toBe(true);
}, 180_000);

describe("refused:", () => {
  const bert = ["--text", "review", "--backbone", "test/golden/onnx/bert.onnx", "--tokenizer", at("tokenizer.json")];
  const resnet = "test/golden/onnx/resnet.onnx";
  writeFileSync(at("large.json"), wordPiece([...Array.from({ length: 40 }, (_, i) => `x${i}`), ...words]));
  writeFileSync(at("vocab.txt"), "[PAD]\n[UNK]\n");
  test.each([
    ["no tokenizer", ["--text", "review", "--backbone", encoder], 2, "error[no-tokenizer]: demo/encoder/encoder.onnx"],
    ["no text", [...text.slice(2), "--drop", "review"], 2, "error[no-text]: expected a column of text"],
    ["two texts", [...text, "--types", "stars=text"], 3, "error[two-texts]: expected one column of text"],
    ["too long", [...text, "--max-tokens", "30"], 2, "expected at most 24 tokens a text, for which it has positions"],
    ["another length", [...bert, "--max-tokens", "12"], 2, "expected 9 tokens a text, for which it was exported"],
    ["other tokens", [...text.slice(0, 4), "--tokenizer", at("large.json")], 3, "but the encoder has 40 tokens"],
    ["images", [...text.slice(0, 2), "--backbone", resnet, ...text.slice(4)], 2, "got image float32["],
    ["a word list", [...text.slice(0, 4), "--tokenizer", at("vocab.txt")], 3, "error[tokenizer]"],
    ["no file", [...text.slice(0, 4), "--tokenizer", at("none.json")], 3, "error[tokenizer-unreadable]"],
    ["n-grams", [...text, "--text-ngrams", "1,2"], 2, "error[text-options]"],
    ["no encoder", ["--text", "review", "--tokenizer", at("tokenizer.json")], 2, "network.backbone.model"],
    ["no number", [...text, "--max-tokens", "2"], 2, "--max-tokens"],
  ] as const)("%s", async (_, given, code, message) => {
    const ran = await dann([...data, ...given, "--out", at("refused")]);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).toMatch(/^error\[/m);
    expect(ran.code).toBe(code);
    expect(existsSync(at("refused"))).toBe(false);
  });
});
