import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBackend } from "#runtime";
import { clouds, tinyJob } from "../../test/support/tiny-job.ts";
import type { TableRows } from "../data/dataset.ts";
import { encodeRows } from "../data/encode.ts";
import { fitPreprocess } from "../data/preprocess.ts";
import { encodeModel } from "../onnx/encode.ts";
import { readModelInfo } from "../onnx/read.ts";
import type { Backend } from "../runtime/backend.ts";
import { referenceBackend } from "../runtime/reference.ts";
import { packageVersion } from "../version.ts";
import type { TrainConfigInput } from "./config.ts";
import { fit as startFit, type Trained, trained } from "./fit.ts";
import type { TrainJob } from "./job.ts";
import { loadModel } from "./load-model.ts";
import { decodeMetadata } from "./metadata.ts";
import { exportModel, type ModelParts } from "./model.ts";
import { verifyModel } from "./verify.ts";

const job = tinyJob({ config: { steps: 300 } });
let done: Trained;
let parts: ModelParts;
let bytes: Uint8Array;
let backend: Backend;

const partsOf = ({ preprocess }: TrainJob, result: Trained, domain: "source" | "target"): ModelParts => ({
  network: result.network,
  preprocess,
  state: result.state,
  domain,
  apart: result.apart,
});

beforeAll(async () => {
  backend = await openBackend("auto");
  done = await trained(startFit(job));
  parts = partsOf(job, done, "target");
  bytes = exportModel({ ...parts, classes: ["no", "yes"], metadata: { "run.seed": "0" } });
});

describe("exportModel", () => {
  it("takes raw inputs of any batch size and gives logits and probabilities", () => {
    const info = readModelInfo(bytes);
    expect(info.producer).toBe("dann");
    expect(info.inputs).toEqual({ numeric: { dtype: "float32", shape: ["N", 2] } });
    expect(info.outputs).toEqual({
      logits: { dtype: "float32", shape: ["N", 2] },
      probabilities: { dtype: "float32", shape: ["N", 2] },
    });
  });

  it("says in its metadata what it is", () => {
    const { metadata } = readModelInfo(bytes);
    const field = (key: string): unknown => JSON.parse(metadata[key] ?? "null");
    expect(field("dann.schema")).toBe(1);
    expect(field("dann.classes")).toEqual(["no", "yes"]);
    expect(field("dann.preprocess")).toEqual(job.preprocess);
    expect(field("dann.domain")).toBe("target");
    expect(field("dann.network")).toBe("mlp");
    expect(field("dann.version")).toBe(packageVersion);
    expect(metadata["run.seed"]).toBe("0");
  });

  it("carries weights and statistics, and nothing of the domain classifier", () => {
    const text = new TextDecoder("latin1").decode(bytes);
    expect(text).not.toContain("state:");
    expect(text).not.toContain("domainClassifier");
  });

  it("is a function of the state: the same bytes again, others for the source's statistics", () => {
    expect(exportModel({ ...parts, classes: ["no", "yes"], metadata: { "run.seed": "0" } })).toEqual(bytes);
    expect(exportModel({ ...parts, domain: "source", classes: ["no", "yes"] })).not.toEqual(bytes);
  });

  it("refuses names that are not one for each class", () => {
    expect(() => exportModel({ ...parts, classes: ["one"] })).toThrow(/a name for each of 2 classes, got 1/);
  });
});

describe("calibration", () => {
  const calibration = { temperature: 2.5, basis: "weighted" } as const;
  const { rows } = clouds(40, 1, 9);
  let calibrated: Uint8Array;
  beforeAll(() => {
    calibrated = exportModel({ ...parts, calibration, classes: ["no", "yes"] });
  });
  const predict = async (model: Uint8Array, probabilities?: "raw" | "calibrated") => {
    const loaded = await loadModel(model);
    try {
      return await loaded.predict(rows, probabilities === undefined ? undefined : { probabilities });
    } finally {
      await loaded.dispose();
    }
  };
  it("divides the logits of the probabilities, and leaves logits and labels", async () => {
    const [before, after] = [await predict(bytes), await predict(calibrated)];
    expect(after.logits).toEqual(before.logits);
    expect(after.labels).toEqual(before.labels);
    after.probabilities.forEach((p, i) => {
      const [own = 0, other = 0] = [after.logits[i], after.logits[i ^ 1]];
      expect(p).toBeCloseTo(1 / (1 + Math.exp((other - own) / 2.5)), 5);
    });
  });

  it("gives the network's own probabilities when asked, and of a model without a temperature always", async () => {
    const before = await predict(bytes);
    const raw = await predict(calibrated, "raw");
    raw.probabilities.forEach((p, i) => {
      expect(p).toBeCloseTo(before.probabilities[i] ?? Number.NaN, 6);
    });
    expect((await predict(bytes, "raw")).probabilities).toEqual(before.probabilities);
    expect(decodeMetadata(readModelInfo(bytes).metadata, "old").calibration).toBeUndefined();
    expect(decodeMetadata(readModelInfo(calibrated).metadata, "new").calibration).toEqual(calibration);
  });

  it("is verified: a file of another temperature, or that says another, is refused", async () => {
    expect(await verifyModel(calibrated, { ...parts, calibration }, rows, { backend })).toMatchObject({ rows: 40 });
    await expect(verifyModel(bytes, { ...parts, calibration }, rows, { backend })).rejects.toThrow(/differs/);
    const told = { "dann.calibration": JSON.stringify({ temperature: 3, basis: "weighted" }) };
    const lying = exportModel({ ...parts, calibration, classes: ["no", "yes"], metadata: told });
    await expect(verifyModel(lying, { ...parts, calibration }, rows, { backend })).rejects.toThrow(
      /its calibration differ/,
    );
  });

  it("refuses a temperature that is none", () => {
    for (const temperature of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() =>
        exportModel({ ...parts, calibration: { temperature, basis: "none" }, classes: ["no", "yes"] }),
      ).toThrow(/calibration.temperature: expected a finite number above 0/);
  });
});

describe("verifyModel", () => {
  const rows = clouds(40, 1, 9).rows;

  it("agrees with the forward pass, on the engine and in float64", async () => {
    expect(await verifyModel(bytes, parts, rows, { backend })).toMatchObject({ rows: 40 });
    const { difference } = await verifyModel(bytes, parts, rows, { backend, reference: referenceBackend() });
    expect(difference).toBeLessThan(1e-5);
  });

  it("refuses a file whose weights are not the ones that were trained", async () => {
    const state = new Map(done.state);
    const [name, value] = [...state].find(([key]) => key.startsWith("labelPredictor/") && key.endsWith("weight")) ?? [];
    if (name === undefined || value === undefined) return expect.unreachable();
    state.set(name, { ...value, data: value.data.map((w, i) => (i === 0 ? w + 0.01 : w)) });
    const other = exportModel({ ...parts, state, classes: ["no", "yes"] });
    await expect(verifyModel(other, parts, rows, { backend })).rejects.toThrow(/differs from the trained network/);
  });

  it("refuses the source's statistics in a model for the target", async () => {
    const other = exportModel({ ...parts, domain: "source", classes: ["no", "yes"] });
    await expect(verifyModel(other, parts, rows, { backend })).rejects.toThrow(/expected at most 0.0001/);
  });
});

describe("loadModel", () => {
  let folder: string;
  let path: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dann-model-"));
    path = join(folder, "model.onnx");
    await writeFile(path, bytes);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("predicts raw rows as the training's own forward pass does, in batches", async () => {
    const { rows, labels } = clouds(101, 1, 5);
    const model = await loadModel(bytes, { batch: 8 });
    const predicted = await model.predict(rows);
    expect(model.classes).toEqual(["no", "yes"]);
    expect(predicted.labels).toHaveLength(101);
    const right = predicted.labels.filter((label, i) => label === (labels[i] === 1 ? "yes" : "no")).length;
    expect(right / 101).toBeGreaterThan(0.8);
    for (let i = 0; i < 101; i++)
      expect((predicted.probabilities[2 * i] ?? 0) + (predicted.probabilities[2 * i + 1] ?? 0)).toBeCloseTo(1, 5);
    // Another batch size, the same rows: nothing depends on the other rows of a batch.
    const whole = await (await loadModel(bytes, { batch: 4096 })).predict({ origin: "test", rows });
    expect(whole.labels).toEqual(predicted.labels);
    whole.logits.forEach((logit, i) => {
      expect(logit).toBeCloseTo(predicted.logits[i] ?? Number.NaN, 4);
    });
    await model.dispose();
  });

  it("opens a path, a file URL and bytes", async () => {
    const { rows } = clouds(3, 1, 5);
    const expected = (await (await loadModel(bytes)).predict(rows)).labels;
    expect((await (await loadModel(path)).predict(rows)).labels).toEqual(expected);
    expect((await (await loadModel(pathToFileURL(path))).predict(rows)).labels).toEqual(expected);
  });

  it("gives the same answers on WebAssembly", async () => {
    const { rows } = clouds(50, 1, 5);
    const native = await (await loadModel(bytes)).predict(rows);
    const wasm = await (await loadModel(bytes, { device: "wasm" })).predict(rows);
    expect(wasm.labels).toEqual(native.labels);
    wasm.logits.forEach((logit, i) => {
      expect(logit).toBeCloseTo(native.logits[i] ?? Number.NaN, 4);
    });
  });

  it("refuses what is no file, no model, or not ours", async () => {
    await expect(loadModel(join(folder, "none.onnx"))).rejects.toThrow(/none\.onnx: cannot be read: ENOENT/);
    await expect(loadModel(new Uint8Array([1, 2, 3]))).rejects.toThrow(/expected an ONNX model/);
    const { inferenceGraph } = await import("./inference.ts");
    const foreign = encodeModel(inferenceGraph({ ...parts, apart: "statistics" }).graph);
    await expect(loadModel(foreign)).rejects.toThrow(/not one that dann wrote/);
    const damaged = exportModel({ ...parts, classes: ["no", "yes"], metadata: { "dann.classes": "[]" } });
    await expect(loadModel(damaged)).rejects.toThrow(/dann\.classes in its metadata/);
  });

  it("takes tables with columns in another order, words it never saw, and gaps", async () => {
    const table = (rows: number): TableRows => ({
      kind: "table",
      rows,
      columns: [
        { kind: "number", name: "age", values: Float64Array.from({ length: rows }, (_, i) => i % 7) },
        {
          kind: "category",
          name: "site",
          codes: Int32Array.from({ length: rows }, (_, i) => i % 2),
          vocabulary: ["a", "b"],
        },
      ],
    });
    const preprocess = fitPreprocess(table(40), table(40));
    const tableJob: TrainJob = {
      ...tinyJob({ network: { name: "mlp", options: { hidden: [4] } } }),
      preprocess,
      source: encodeRows(table(40), preprocess),
      target: encodeRows(table(40), preprocess),
      labels: Int32Array.from({ length: 40 }, (_, i) => i % 2),
    };
    const result = await trained(startFit(tableJob));
    const file = exportModel({ ...partsOf(tableJob, result, "target"), classes: ["x", "y"] });
    const model = await loadModel(file);
    const swapped: TableRows = {
      kind: "table",
      rows: 3,
      columns: [
        { kind: "text", name: "site", values: ["b", "never seen", undefined] },
        { kind: "number", name: "spare", values: new Float64Array(3) },
        { kind: "number", name: "age", values: Float64Array.of(1, 2, Number.NaN) },
      ],
    };
    const { logits } = await model.predict(swapped);
    expect(logits).toHaveLength(6);
    expect(logits.every(Number.isFinite)).toBe(true);
    // Not the first class, as comparing with NaN would have it.
    const values = (...ages: number[]): TableRows => ({
      ...table(3),
      columns: [{ kind: "number", name: "age", values: Float64Array.of(...ages) }, ...table(3).columns.slice(1)],
    });
    for (const age of [Number.POSITIVE_INFINITY, 1e300])
      await expect(model.predict(values(1, 2, age))).rejects.toMatchObject({
        code: "not-finite",
        message: expect.stringContaining(
          "row 2 of the 3 given (counted from 0): expected a finite answer of the model",
        ),
      });
  });

  it("takes raw counts, though training transformed them beforehand", async () => {
    const values = clouds(40, 1, 2).rows.values.map((value) => Math.round(Math.abs(value)));
    const rows = { kind: "dense", rows: 40, width: 2, values } as const;
    const preprocess = fitPreprocess(rows, rows, { counts: "tf-idf" });
    // One step on all rows that moves nothing: its loss is that of the initial network, which prediction sees too.
    const config = {
      steps: 1,
      batch: { source: 40, target: 40 },
      rate: { name: "constant", value: 1e-30 },
      logEvery: 1,
    };
    const countJob = {
      ...tinyJob({ network: { name: "mlp", options: { hidden: [4] } }, config: config as TrainConfigInput }),
      preprocess,
      source: rows,
      target: rows,
      labels: Int32Array.from({ length: 40 }, (_, i) => i % 2),
    };
    const stream = startFit(countJob);
    let loss = Number.NaN;
    for await (const event of stream) if (event.type === "step") loss = event.terms.labelLoss ?? Number.NaN;
    const file = exportModel({ ...partsOf(countJob, await stream.result, "target"), classes: ["x", "y"] });
    const { probabilities } = await (await loadModel(file)).predict(rows);
    const logarithms = countJob.labels.reduce((sum, label, i) => sum + Math.log(probabilities[2 * i + label] ?? 0), 0);
    expect(loss).toBeCloseTo(-logarithms / 40, 5);
  });

  it("carries no network definitions, gradients, optimisers, methods or training loop into a bundle", async () => {
    const own = await bundled(resolve(import.meta.dirname, "load-model.ts"));
    expect(own).toContain("train/load-model.ts");
    expect(own).toContain("runtime/web.ts");
    const training =
      /^(nn|dann|optim|methods|adapt|cli|evaluate)\/|^graph\/gradients|^train\/(fit|step|stepper|job|config|model|checkpoint)\.ts/;
    expect(own.filter((file) => training.test(file))).toEqual([]);
    expect((await bundled(resolve(import.meta.dirname, "fit.ts"))).filter((file) => training.test(file))).not.toEqual(
      [],
    );
  });
});

/** Files of ours of which a browser's bundle of `entry` holds code, after tree-shaking. */
async function bundled(entry: string): Promise<string[]> {
  const root = resolve(import.meta.dirname, "..");
  const result = await build({
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["dann-source", "browser"] },
    build: { write: false, lib: { entry, formats: ["es"] }, rolldownOptions: { external: [/^onnx/, /^@?[a-z]+/] } },
  });
  const outputs = [result].flat().flatMap((one) => ("output" in one ? one.output : []));
  return outputs.flatMap((chunk) =>
    chunk.type === "chunk"
      ? Object.entries(chunk.modules)
          .filter(([file, { renderedLength }]) => file.startsWith(root) && renderedLength > 0)
          .map(([file]) => file.slice(root.length + 1))
      : [],
  );
}
