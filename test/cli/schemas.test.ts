/** The schemas in the repository are those of the code, and the documents that commands print fit them. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { jsonSchemas } from "../../src/cli/schemas.ts";
import { clinics, dann, quickRun, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
const files = clinics(folder);
const run = join(folder, "run");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const place = new URL("../../schemas/", import.meta.url).pathname;
const stored = (name: string): object => JSON.parse(readFileSync(join(place, name), "utf8")) as object;

test("schemas/ is current (npx tsx --conditions=dann-source scripts/make-schemas.ts)", () => {
  const made = jsonSchemas();
  expect(readdirSync(place).sort()).toEqual([...made.keys()].sort());
  for (const [name, schema] of made) expect(stored(name), name).toEqual(JSON.parse(JSON.stringify(schema)));
});

const moons = ["benchmark", "moons", "--tasks", "moons-150", "--seeds", "0"];

describe("documents", () => {
  beforeAll(async () => {
    await dann([...quickRun(files, run), "--quiet"]);
  }, 120_000);

  /** Read back from the stored schema, so that what is checked is what users have. */
  const check = (name: string, document: unknown): void => {
    const schema = z.fromJSONSchema(stored(name) as z.core.JSONSchema.JSONSchema);
    expect(schema.safeParse(document).error?.issues).toBeUndefined();
  };

  test.each([
    ["adapt.schema.json", () => ["adapt", "--resume", run]],
    ["adapt-dry-run.schema.json", () => [...quickRun(files, join(folder, "dry")), "--dry-run"]],
    ["adapt-seeds.schema.json", () => [...quickRun(files, join(folder, "seeds")), "--seeds", "3"]],
    ["benchmark-suites.schema.json", () => ["benchmark"]],
    ["benchmark-plan.schema.json", () => ["benchmark", "moons", "--dry-run"]],
    ["benchmark.schema.json", () => [...moons, "--set", "train.steps=5", "--store", join(folder, "store")]],
    ["predict.schema.json", () => ["predict", run, files.c, "--out", join(folder, "p.csv")]],
    [
      "export.schema.json",
      () => ["export", run, "--out", join(folder, "e.onnx"), "--parameters", join(folder, "e.safetensors")],
    ],
    ["evaluate.schema.json", () => ["evaluate", run, files.c, "--labels", "diagnosis"]],
    ["probe.schema.json", () => ["probe", "--source", files.a, "--target", files.b, "--id", "patient", "--run", run]],
    ["data-inspect.schema.json", () => ["data", "inspect", files.a, files.b, "--labels", "diagnosis"]],
    ["doctor.schema.json", () => ["doctor"]],
    ["inspect.schema.json", () => ["inspect", join(import.meta.dirname, "../golden/onnx/resnet.onnx"), "--check"]],
  ])("%s", async (name, args) => {
    const ran = await dann([...args(), "--json"]);
    expect(ran.code, ran.stderr).toBe(0);
    check(name, JSON.parse(ran.stdout));
  });

  test("a document that does not fit is noticed", () => {
    expect(() => check("evaluate.schema.json", { schema: 2 })).toThrow();
  });
});

test("data build mnist-m, from files as small as they come", async () => {
  const idx = (dims: readonly number[]): Uint8Array => {
    const header = [0, 0, 8, dims.length, ...dims.flatMap((size) => [0, 0, size >> 8, size & 255])];
    const size = dims.reduce((product, dim) => product * dim, 1);
    return Uint8Array.from([
      ...header,
      ...Array.from({ length: size }, (_, i) => (i * 37) % (dims.length === 1 ? 10 : 256)),
    ]);
  };
  const write = (name: string, dims: readonly number[]): void => writeFileSync(join(folder, name), idx(dims));
  for (const part of ["train", "t10k"]) {
    write(`${part}-images-idx3-ubyte`, [6, 28, 28]);
    write(`${part}-labels-idx1-ubyte`, [6]);
  }
  for (const part of ["train", "val"]) write(`${part}-patches-idx4-ubyte`, [4, 28, 28, 3]);
  const out = join(folder, "mnist-m");
  const ran = await dann(["data", "build", "mnist-m", "--mnist", folder, "--patches", folder, "--out", out, "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  const document = JSON.parse(ran.stdout) as { files: { path: string }[] };
  expect(document.files.map(({ path }) => path.slice(out.length + 1))).toEqual([
    "train-images-idx4-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "test-images-idx4-ubyte.gz",
    "test-labels-idx1-ubyte.gz",
  ]);
  z.fromJSONSchema(stored("data-build.schema.json") as z.core.JSONSchema.JSONSchema).parse(document);
});
