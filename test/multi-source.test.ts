/** Several sources: the domain classifier has a class for each, from the library and from the command line. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adapt, type Dataset, loadModel, poolDatasets } from "dann";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fit as train } from "../src/train/fit.ts";
import { dann } from "./support/cli.ts";
import { clouds, tinyJob } from "./support/tiny-job.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dann-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const place = (origin: string, shift: number, seed: number): Dataset => {
  const { rows, labels } = clouds(80, shift, seed);
  return { origin, rows, labels: Array.from(labels, String) };
};
const data = { source: poolDatasets([place("east", 0, 1), place("west", 4, 2)]), target: place("south", 2, 3) };
const quick = { train: { steps: 30 }, evaluate: { evaluations: 2 }, thread: "same" } as const;

test("a class of the domain classifier for each source, in the result and in the model", async () => {
  const run = await adapt({ ...data, ...quick });
  const result = await run.done;
  expect(result.task.sources).toEqual([
    { name: "east", rows: expect.any(Number), apart: true },
    { name: "west", rows: expect.any(Number), apart: true },
  ]);
  expect(result.task.sources?.reduce((sum, { rows }) => sum + rows, 0)).toBe(result.task.sourceRows);
  expect(result.network.description).toMatch(/G_d:.* fc 3$/);
  const { labels } = await (await loadModel(await run.model())).predict(data.target);
  expect(labels).toHaveLength(80);
});

test("pooled is another training, of one logit; a method without a domain classifier says that it pools", async () => {
  const pooled = await (await adapt({ ...data, ...quick, method: { name: "dann", sourceDomains: "pooled" } })).done;
  expect(pooled.network.description).toMatch(/G_d:.* fc 1$/);
  expect(pooled.task.sources?.every(({ apart }) => !apart)).toBe(true);
  const other = await (await adapt({ ...data, ...quick, method: "deep-coral" })).done;
  expect(other.warnings).toContainEqual(expect.stringContaining("does not tell 2 sources apart"));
});

test("training hears which source a row is from", async () => {
  const job = tinyJob();
  const of = Int32Array.from({ length: job.source.rows }, (_, row) => row % 3);
  const lossOf = async (sources: Int32Array): Promise<number | undefined> => {
    const training = train({ ...job, sources: { names: ["a", "b", "c"], of: sources } });
    let loss: number | undefined;
    for await (const event of training) if (event.type === "step") loss = event.terms.loss;
    return loss;
  };
  const [first, again, swapped] = [await lossOf(of), await lossOf(of), await lossOf(of.map((one) => (one + 1) % 3))];
  expect(first).toBe(again);
  expect(swapped).not.toBe(first);
});

const csv = (name: string, shift: number, seed: number): string => {
  const { rows, labels } = clouds(60, shift, seed);
  const lines = Array.from(labels, (y, i) => `${rows.values[2 * i]},${rows.values[2 * i + 1]},${y}`);
  const file = join(folder, `${name}.csv`);
  writeFileSync(file, ["a,b,y", ...lines].join("\n"));
  return file;
};
const flags = (name: string, ...values: readonly string[]): string[] => values.flatMap((value) => [name, value]);

test("--source several times, with one column of labels", { timeout: 180_000 }, async () => {
  const [east, west, south] = [csv("east", 0, 1), csv("west", 4, 2), csv("south", 2, 3)];
  const out = join(folder, "run");
  const quickly = flags("--set", "train.steps=20", "evaluate.evaluations=1");
  const done = await dann([
    ...["adapt", ...flags("--source", east, west), "--source-labels", "y", "--target", south],
    ...["--target-labels", "y", ...quickly, "--out", out, "--json"],
  ]);
  expect(done.code, done.stderr).toBe(0);
  const { sources } = JSON.parse(done.stdout).task;
  expect(sources.map(({ name }: { name: string }) => name)).toEqual(["east.csv", "west.csv"]);
  expect(readFileSync(join(out, "config.yaml"), "utf8")).toMatch(/source:\n\s+- .*east\.csv\n\s+- .*west\.csv/);
  // The exported domain classifier still answers one probability of "target".
  const model = ["--model", "dann", "--with", "domain-classifier", "--out", join(folder, "m.onnx")];
  const exported = await dann(["export", out, ...model, "--json"]);
  expect(exported.code, exported.stderr).toBe(0);
  const outputs: { name: string; shape: unknown[] }[] = JSON.parse(exported.stdout).outputs;
  expect(outputs.find(({ name }) => name === "domain")?.shape).toEqual(["N", 1]);
});

test("labels that fit no number of sources, and sources of other columns, are refused", async () => {
  const [east, west, south] = [csv("east", 0, 1), csv("west", 4, 2), csv("south", 2, 3)];
  const wrong = await dann([
    ...["adapt", ...flags("--source", east, west), ...flags("--source-labels", "y", "y", "y"), "--target", south],
  ]);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("one for each of 2, got 3") });
  const other = join(folder, "other.csv");
  writeFileSync(other, "a,c,y\n1,2,0\n2,3,1\n");
  const misfit = await dann(["adapt", ...flags("--source", east, other), "--source-labels", "y", "--target", south]);
  expect(misfit.code).toBe(3);
  expect(misfit.stderr).toContain("other.csv");
});
