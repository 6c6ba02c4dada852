/** `dann adapt --backbone`: from arrays of images to a run that predicts, is exported and can be gone on with. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeNpy } from "../../src/data/writers/npy.ts";
import { random } from "../../src/random.ts";
import { dann, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const backbone = "test/golden/onnx/resnet.onnx";

beforeAll(() => {
  for (const [name, shade] of [
    ["a", 1],
    ["b", 0.5],
  ] as const) {
    const chance = random(name);
    const labels = Array.from({ length: 40 }, (_, row) => (row % 2 === 0 ? "light" : "dark"));
    const values = Uint8Array.from({ length: 40 * 32 * 32 * 3 }, (_, i) => {
      const light = Math.floor(i / (32 * 32 * 3)) % 2 === 0;
      return shade * ((light ? 140 : 60) + 100 * chance.uniform());
    });
    writeFileSync(at(`${name}.npy`), encodeNpy({ dims: [40, 32, 32, 3], values }));
    writeFileSync(at(`${name}-labels.txt`), `${labels.join("\n")}\n`);
  }
});

const flags = (out: string): string[] => [
  ...["adapt", "--source", at("a.npy"), "--source-labels", at("a-labels.txt"), "--target", at("b.npy")],
  ...["--steps", "20", "--batch", "16", "--out", at(out)],
];

test("frozen: a run that says so, predicts, is exported and verified", async () => {
  const ran = await dann([...flags("frozen"), "--backbone", backbone, "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  const { network } = JSON.parse(ran.stdout) as { network: { name: string; description: string; why: string } };
  expect(network.description).toMatch(/^G_f: image -> \/Flatten_output_0 \(frozen\), 16 features/);
  expect(ran.stderr).toContain("features");
  const predicted = await dann(["predict", at("frozen"), at("b.npy"), "--out", at("labels.csv")]);
  expect(predicted.code, predicted.stderr).toBe(0);
  expect(readFileSync(at("labels.csv"), "utf8").trim().split("\n")).toHaveLength(41);
  const exported = await dann(["export", at("frozen"), "--out", at("model.onnx")]);
  expect(exported.code, exported.stderr).toBe(0);
});

test("features are kept, and taken again: the same model to the bit, also without", async () => {
  const kept = at("kept");
  const runs = [];
  for (const [name, flag] of [
    ["first", ["--cache", kept]],
    ["second", ["--cache", kept]],
    ["without", ["--no-cache"]],
  ] as const) {
    const ran = await dann([...flags(name), "--backbone", backbone, "--quiet", "--no-target-trained", ...flag]);
    expect(ran.code, ran.stderr).toBe(0);
    runs.push(readFileSync(join(at(name), "model.onnx")));
    if (name === "first") expect(readdirSync(kept).filter((file) => file.startsWith("features-"))).toHaveLength(3);
  }
  expect(runs[1]?.equals(runs[0] as Buffer)).toBe(true);
  expect(runs[2]?.equals(runs[0] as Buffer)).toBe(true);
});

test("the last block and its rate; the saved configuration says the same", async () => {
  const which = [
    "--backbone",
    backbone,
    "--features",
    "/Flatten_output_0",
    "--train-backbone",
    "1",
    "--backbone-lr",
    "0.5",
  ];
  const ran = await dann([...flags("last"), ...which, "--quiet", "--no-target-trained"]);
  expect(ran.code, ran.stderr).toBe(0);
  const saved = readFileSync(join(at("last"), "config.yaml"), "utf8");
  expect(saved).toMatch(/train: 1\n/);
  expect(saved).toMatch(/backbone: 0.5\n/);
  const again = await dann(["adapt", "--config", join(at("last"), "config.yaml"), "--out", at("again"), "--quiet"]);
  expect(again.code, again.stderr).toBe(0);
  const model = (name: string): Buffer => readFileSync(join(at(name), "model.onnx"));
  expect(model("again").equals(model("last"))).toBe(true);
});

test("--dry-run says what would be trained", async () => {
  const ran = await dann([...flags("dry"), "--backbone", backbone, "--dry-run", "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  const { network } = JSON.parse(ran.stdout) as { network: { parameters: number } };
  // A head on 16 features; the backbone's own weights do not train.
  expect(network.parameters).toBeLessThan(20_000);
  expect(existsSync(at("dry"))).toBe(false);
});

test.each([
  [["--backbone", "missing.onnx"], 3, "error[model-unreadable]: missing.onnx"],
  [["--backbone", backbone, "--features", "fc"], 2, "error[onnx-wanted]"],
  [["--backbone", backbone, "--train-backbone", "some"], 2, "--train-backbone"],
  [["--backbone", backbone, "--train-backbone", "40"], 2, "error[backbone-blocks]"],
  [["--train-backbone", "all"], 2, "network.backbone.model"],
])("%j is refused", async (given, code, message) => {
  const ran = await dann([...flags("refused"), ...given]);
  expect(ran.stderr).toContain(message);
  expect(ran.code).toBe(code);
  expect(existsSync(at("refused"))).toBe(false);
});
