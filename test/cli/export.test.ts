import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBackend } from "#runtime";
import { exportRun } from "../../src/adapt/export.ts";
import { exportDocument } from "../../src/cli/documents.ts";
import { readModelInfo } from "../../src/onnx/read.ts";
import { decodeSafetensors } from "../../src/train/safetensors.ts";
import { clinics, dann, quickRun, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
const files = clinics(folder);
const run = join(folder, "run");
/** A copy of the run that a test may spoil. */
const copyOfRun = (name: string): string => {
  const path = join(folder, name);
  cpSync(run, path, { recursive: true });
  return path;
};
/** What is in the folder of the exports, half-written files as well. */
const place = join(folder, "exports");
const left = (): string[] => readdirSync(place).sort();

beforeAll(async () => {
  mkdirSync(place);
  const ran = await dann([...quickRun(files, run), "--quiet"]);
  expect(ran.code, ran.stderr).toBe(0);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("dann export", () => {
  test("writes a verified model with the domain's output, and the parameters", async () => {
    const [out, parameters] = [join(place, "a.onnx"), join(place, "a.safetensors")];
    const flags = ["--model", "dann", "--with", "domain-classifier", "--parameters", parameters];
    const ran = await dann(["export", run, "--out", out, ...flags, "--json"]);
    expect(ran.code, ran.stderr).toBe(0);
    const document = exportDocument.parse(JSON.parse(ran.stdout));
    expect(document).toMatchObject({ opset: 18, classes: ["sick", "well"], withoutData: null });
    expect(document.inputs).toEqual([
      { name: "numeric", dtype: "float32", shape: ["N", 2] },
      { name: "categorical", dtype: "int64", shape: ["N", 1] },
    ]);
    expect(document.outputs.map(({ name }) => name)).toEqual(["logits", "probabilities", "domainLogit", "domain"]);
    expect(document.metadata).toEqual(expect.arrayContaining(["dann.preprocess", "dann.calibration"]));
    const ran4 = document.verification.map((one) => ("absent" in one ? one.device : `${one.device} ${one.rows}`));
    expect(ran4).toEqual(["cpu held-out", "cpu random", "wasm held-out", "wasm random"]);
    for (const one of document.verification) {
      if ("absent" in one) continue;
      expect(Object.keys(one.outputs)).toHaveLength(4);
      for (const difference of Object.values(one.outputs)) expect(difference).toBeLessThan(1e-5);
    }
    const { tensors } = decodeSafetensors(readFileSync(parameters), parameters);
    expect(document.parameters).toEqual({ path: parameters, tensors: tensors.size });
    expect([...tensors.keys()].filter((name) => name.startsWith("domainClassifier/"))).not.toEqual([]);
    expect([...tensors.keys()].filter((name) => name.startsWith("optimizer/"))).toEqual([]);
    // The file by itself, in an engine: the probability of "target" is the sigmoid of its logit.
    const executable = await (await openBackend("auto")).load(readFileSync(out));
    const answer = await executable.run({
      numeric: { dtype: "float32", dims: [2, 2], data: Float32Array.of(50, Number.NaN, 70, 140) },
      categorical: { dtype: "int64", dims: [2, 1], data: BigInt64Array.of(-1n, 0n) },
    });
    const [logit, probability] = [answer.domainLogit?.data, answer.domain?.data] as Float32Array[];
    logit?.forEach((value, row) => {
      expect(probability?.[row]).toBeCloseTo(1 / (1 + Math.exp(-value)), 5);
    });
    await executable.dispose();
  });

  test("the chosen model is the run's model.onnx again, for people and without the domain classifier", async () => {
    const out = join(place, "b.onnx");
    const ran = await dann(["export", run, "--out", out, "--without", "domain-classifier"]);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/onnxruntime-node \S+ +12 held-out +logits \d\.\de-\d+, probabilities/);
    expect(ran.stdout).toMatch(/onnxruntime-web \S+ \(wasm\) +32 random/);
    const shape = (file: string): unknown => {
      const { inputs, outputs, operators } = readModelInfo(readFileSync(file));
      return { inputs, outputs, operators };
    };
    expect(shape(out)).toEqual(shape(join(run, "model.onnx")));
    expect(readFileSync(out).includes("domainClassifier")).toBe(false);
  });

  test("refuses what exists unless forced", async () => {
    const out = join(place, "c.onnx");
    writeFileSync(out, "mine");
    const ran = await dann(["export", run, "--out", out]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(
      /^error\[file-exists\]: .*c\.onnx: there is a file already\n {2}Choose another name, or add --force/,
    );
    expect(readFileSync(out, "utf8")).toBe("mine");
    expect((await dann(["export", run, "--out", out, "--force", "--model", "last"])).code).toBe(0);
    expect(readModelInfo(readFileSync(out)).producer).toBe("dann");
  });

  test.each([
    [[files.a], 3, /not-a-run.*got a file/],
    [[run, "--with", "labels"], 2, /--with: expected domain-classifier, got "labels"/],
    [[run, "--with", "domain-classifier", "--without", "domain-classifier"], 2, /expected one of them, got both/],
    [[run, "--parameters", "x.bin"], 2, /--parameters: expected a name that ends in \.safetensors/],
  ])("refuses %j", async (args, code, message) => {
    const before = left();
    const ran = await dann(["export", ...args, "--out", join(place, "refused.onnx")]);
    expect(ran.stderr).toMatch(message);
    expect(ran.code).toBe(code);
    expect(left()).toEqual(before);
  });

  test("another preprocessing in the run's model fails, and leaves nothing", async () => {
    const spoilt = copyOfRun("other-preprocessing");
    const model = readFileSync(join(spoilt, "model.onnx"));
    const at = model.indexOf('"mean":');
    model[at + 7] = model[at + 7] === 0x39 ? 0x38 : 0x39;
    writeFileSync(join(spoilt, "model.onnx"), model);
    const before = left();
    const ran = await dann(["export", spoilt, "--out", join(place, "e.onnx")]);
    expect(ran.stderr).toMatch(/error\[model-verification\].*not the one that its data give/);
    expect(ran.code).toBe(1);
    expect(left()).toEqual(before);
  });
});

describe("exportRun", () => {
  /** A disk that changes one weight, or the preprocessing, of what it is given. */
  const spoiling = (spoil: (bytes: Uint8Array) => void) => async (path: string, bytes: Uint8Array) => {
    const changed = bytes.slice();
    spoil(changed);
    writeFileSync(path, changed);
  };
  /** Adds 1 to the exponent's last bit of a weight: it doubles or halves. */
  const spoilWeight = (bytes: Uint8Array): void => {
    const { tensors } = decodeSafetensors(readFileSync(join(place, "a.safetensors")), "a");
    const weight =
      tensors.get("labelPredictor/logits/weight") ??
      [...tensors].find(([name]) => name.startsWith("labelPredictor/"))?.[1];
    if (weight === undefined) throw new Error("expected a weight of the label predictor");
    const data = new Uint8Array(weight.data.buffer, weight.data.byteOffset, weight.data.byteLength);
    const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(data);
    if (at < 0) throw new Error("expected the weights in the file as they are");
    bytes[at + 2] = (bytes[at + 2] ?? 0) ^ 0x80;
  };
  const spoilMean = (bytes: Uint8Array): void => {
    const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('"mean":');
    bytes[at + 7] = bytes[at + 7] === 0x39 ? 0x38 : 0x39;
  };

  const out = join(place, "refused.onnx");

  test.each([
    ["best", {}, /expected chosen, last, source-only, dann, got best/],
    ["adabn", {}, /got adabn/],
    ["source-only", { outputs: "classes-and-domain" }, /source-only was trained without a domain classifier/],
  ] as const)("refuses the model %s with %j", async (model, options, message) => {
    await expect(exportRun(run, { model, out, ...options })).rejects.toThrow(message);
  });

  test("refuses folders that are no finished run", async () => {
    await expect(exportRun(join(folder, "nowhere"), { out })).rejects.toThrow(/got nothing/);
    await expect(exportRun(folder, { out })).rejects.toThrow(/without config\.yaml/);
    const unfinished = copyOfRun("unfinished");
    rmSync(join(unfinished, "result.json"));
    await expect(exportRun(unfinished, { out })).rejects.toThrow(/expected a finished run.*without result\.json/);
    expect(left()).not.toContain("refused.onnx");
  });

  test("says so where the data are gone or changed, and verifies on random rows", async () => {
    const text = readFileSync(files.a, "utf8");
    try {
      for (const [spoil, reason] of [
        [() => writeFileSync(files.a, text.replace("40", "41")), /data have changed/],
        [() => rmSync(files.a), /a\.csv: no such file/],
      ] as const) {
        spoil();
        const { withoutData, verification } = await exportRun(run, { out, existing: "replace" });
        expect(withoutData).toMatch(reason);
        expect(verification.map((one) => "rows" in one && one.rows)).toEqual(["random", "random"]);
      }
    } finally {
      writeFileSync(files.a, text);
    }
  });

  test.each([
    ["a weight that changed on the disk", spoilWeight, /expected at most 0\.0001, got/],
    ["a description that changed on the disk", spoilMean, /its preprocessing differ/],
    ["a file that is cut off", (bytes: Uint8Array) => bytes.fill(0, bytes.length >> 1), /./],
  ])("notices %s, and leaves no file", async (_, spoil, message) => {
    const before = left();
    const out = join(place, "spoilt.onnx");
    await expect(exportRun(run, { model: "dann", out, write: spoiling(spoil) })).rejects.toThrow(message);
    expect(left()).toEqual(before);
  });

  test("notices parameters that changed on the disk", async () => {
    const [out, parameters] = [join(place, "g.onnx"), join(place, "g.safetensors")];
    const write = async (path: string, bytes: Uint8Array): Promise<void> => {
      const changed = bytes.slice();
      if (path.includes("safetensors")) changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      writeFileSync(path, changed);
    };
    await expect(exportRun(run, { out, parameters, write })).rejects.toThrow(/was not written as it was trained/);
    expect(existsSync(parameters)).toBe(false);
  });

  test("notices a checkpoint of another network", async () => {
    const other = copyOfRun("other-network");
    const config = readFileSync(join(other, "config.yaml"), "utf8");
    writeFileSync(join(other, "config.yaml"), config.replace("name: auto", "name: mlp\n  #"));
    expect(readFileSync(join(other, "config.yaml"), "utf8")).not.toBe(config);
    await expect(exportRun(other, { out: join(place, "h.onnx") })).rejects.toThrow(
      /cannot be made from config\.yaml|the network needs/,
    );
    copyFileSync(join(run, "config.yaml"), join(other, "config.yaml"));
    expect((await exportRun(other, { out: join(place, "h.onnx") })).model.name).toMatch(/dann|source-only/);
  });
});
