/** Which model of a run is exported, or why none. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adapt, moons, refine } from "dann";
import { afterAll, expect, test } from "vitest";
import { exportRun } from "../src/adapt/export.ts";

const folder = mkdtempSync(join(tmpdir(), "dann-models-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const { source, target } = moons({ rows: 60, seed: 100 });
const quick = {
  ...{ source, target, train: { steps: 4, batch: { source: 16, target: 16 }, seed: 100 }, thread: "same" as const },
  evaluate: { targetTrained: false, adabn: false },
} as const;
const both = (name: string, model: string) =>
  exportRun(at(name), { out: at(`${name}.onnx`), model, outputs: "classes-and-domain" });

test("a model without a domain classifier of its own has none to be exported", async () => {
  await (await adapt({ ...quick, targetLabelled: target, out: at("semi") })).done;
  await expect(both("semi", "source-and-labelled-target")).rejects.toMatchObject({
    code: "no-domain-classifier",
    remedy: "Export dann: --model dann.",
  });
  await both("semi", "dann");
});

test("a domain classifier with normalised weights is not kept, and that is said", async () => {
  await (await adapt({ ...quick, method: { name: "dann", domainSpectralNorm: true }, out: at("spectral") })).done;
  await expect(both("spectral", "dann")).rejects.toThrow("spectrally normalised weights (method.domainSpectralNorm)");
  await expect(both("spectral", "dann")).rejects.toMatchObject({
    remedy: "Export a run of dann without method.domainSpectralNorm.",
  });
});

test("what a refinement began with is not its own model, though it is called as it", async () => {
  await (await adapt({ ...quick, out: at("run") })).done;
  const on = { target, method: "shot", train: { steps: 2 }, thread: "same" } as const;
  await (await refine({ ...on, from: at("run"), out: at("once") })).done;
  await (await refine({ ...on, from: at("once"), model: "shot", out: at("twice") })).done;
  const path = join(at("twice"), "result.json");
  const result = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...result, chosen: 0 }));
  await expect(exportRun(at("twice"), { out: at("twice.onnx") })).rejects.toMatchObject({ code: "model-elsewhere" });
  const { model } = await exportRun(at("twice"), { out: at("twice.onnx"), model: "shot" });
  expect(model).toMatchObject({ name: "shot", selection: "validator" });
  await expect(
    refine({ ...on, from: at("once"), train: { steps: 2, sourceSampling: "balanced" } as object, out: at("no") }),
  ).rejects.toThrow("train.sourceSampling: a refinement reads no source rows");
}, 60_000);
