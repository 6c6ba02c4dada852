/** `dann inspect` on the command line: what it says of good models, and of those that cannot be trained through. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { ModelDocument } from "../../src/cli/documents.ts";
import { dann, temporaryFolder } from "../support/cli.ts";
import { floatTensor, modelBytes, node, value } from "../support/onnx.ts";

const folder = temporaryFolder();
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const golden = (name: string): string => join(import.meta.dirname, "../golden/onnx", `${name}.onnx`);
const inspect = async (path: string, ...flags: string[]): Promise<ModelDocument> => {
  const ran = await dann(["inspect", path, "--json", ...flags]);
  expect(ran.code, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout) as ModelDocument;
};

const write = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

describe("features", () => {
  test.each([
    ["resnet", [16], "Flatten"],
    ["mobilenet-v3", [12], "Flatten"],
    ["shufflenet", [8], "ReduceMean"],
    ["vit", [16], "Gather"],
    ["swin", [16], "ReduceMean"],
    ["dino", [16], "Gather"],
    ["bert", [16], "Tanh"],
  ])("of %s", async (name, shape, operator) => {
    const { features, gradients, problem } = await inspect(golden(name));
    expect(problem).toBeNull();
    expect(features?.chosen).toMatchObject({ shape, operator });
    expect(features?.candidates.map((candidate) => candidate.name)).toContain(features?.chosen?.name);
    expect(gradients).toMatchObject({ unreached: [], problem: null });
  });

  test("another tensor can be asked for, a wrong one is refused", async () => {
    const { features } = await inspect(golden("mobilenet-v3"));
    const name = features?.candidates.at(-1)?.name ?? "";
    expect((await inspect(golden("mobilenet-v3"), "--features", name, "--check")).check).toMatchObject({ ok: true });
    const ran = await dann(["inspect", golden("mobilenet-v3"), "--features", "nowhere"]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('no tensor is named "nowhere"');
  });
});

test("batch normalisations are kept or look folded", async () => {
  expect((await inspect(golden("resnet"))).batchNorm).toEqual({ kept: 6, folded: [] });
  const { batchNorm } = await inspect(golden("resnet-folded"));
  expect(batchNorm?.kept).toBe(0);
  expect(batchNorm?.folded.length).toBeGreaterThan(2);
});

test("--check says the error, in words too", async () => {
  const ran = await dann(["inspect", golden("dilated"), "--check"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toMatch(/gradient against finite differences: right \(relative error \d\.\de-/);
});

test("an operator that cannot be imported is named; a tensor in front of it can still be used", async () => {
  const bytes = modelBytes({
    inputs: [value("x", ["N", 4])],
    outputs: [value("y", ["N", 2])],
    initializers: [floatTensor("w", [4, 4])],
    nodes: [node("MatMul", ["x", "w"], ["h"]), node("TopK", ["h", "k"], ["y", "i"], {}, "choose")],
    extra: [{ name: "k", dims: [1n], dataType: 7, int64Data: [2n] }],
  });
  const path = write("topk.onnx", bytes);
  const ran = await dann(["inspect", path, "--json"]);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain('TopK (first at node "choose" (TopK, 2 of 2))');
  const document = JSON.parse(ran.stdout) as ModelDocument;
  expect(document.operators).toEqual([
    { operator: "MatMul", count: 1, imported: true },
    { operator: "TopK", count: 1, imported: false },
  ]);
  expect(document.problem).toContain("TopK");
  expect((await inspect(path, "--features", "h", "--check")).check).toMatchObject({ ok: true });
});

test("weights behind rounding are said to get no gradient", async () => {
  const bytes = modelBytes({
    inputs: [value("x", ["N", 4])],
    outputs: [value("y", ["N", 4])],
    initializers: [floatTensor("w", [4, 4]), floatTensor("v", [4])],
    nodes: [node("MatMul", ["x", "w"], ["h"]), node("Round", ["h"], ["r"]), node("Mul", ["r", "v"], ["y"])],
  });
  const { gradients } = await inspect(write("round.onnx", bytes));
  expect(gradients).toMatchObject({ parameters: 2, unreached: ["w"], problem: null });
});

test("named sizes are given numbers for the check", async () => {
  const bytes = modelBytes({
    inputs: [value("x", ["N", "T", 4])],
    outputs: [value("y", ["N", 4])],
    initializers: [floatTensor("w", [4, 4])],
    nodes: [node("MatMul", ["x", "w"], ["h"]), node("ReduceMean", ["h", "axes"], ["y"], { keepdims: 0 })],
    extra: [{ name: "axes", dims: [1n], dataType: 7, int64Data: [1n] }],
  });
  const path = write("sizes.onnx", bytes);
  expect((await inspect(path, "--size", "T=5", "--check")).check).toMatchObject({ ok: true });
  const ran = await dann(["inspect", path, "--size", "S=5"]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("expected whole numbers above 0 for N, T, got S = 5");
});

test("a file that is no model is bad data", async () => {
  const ran = await dann(["inspect", write("text.onnx", new TextEncoder().encode("this is no model"))]);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(/^error\[onnx-malformed\]/);
});
