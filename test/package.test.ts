/**
 * The package as people get it: built, packed, installed into an empty project, with the native engine and without
 * it, and then used through its command and its public names. Needs npm's registry or its cache.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adaptResult } from "../src/adapt/result.ts";
import { random } from "../src/random.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const minutes = 60_000;

let folder = "";
let tarball = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dann-package-"));
  tarball = await pack(folder);
}, 5 * minutes);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each([
  { name: "with the native engine", flags: [], device: "cpu" },
  { name: "without optional packages", flags: ["--omit=optional"], device: "wasm" },
])("installed $name", ({ name, flags, device }) => {
  const project = (): string => join(folder, name.replaceAll(" ", "-"));

  beforeAll(async () => {
    await mkdir(project());
    await writeFile(join(project(), "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
    await writeFile(join(project(), "clinic-a.csv"), table("a", 0, true));
    await writeFile(join(project(), "clinic-b.csv"), table("b", 1, false));
    const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
    const { code, stderr } = await run("npm", ["install", ...quiet, ...flags, tarball], project(), 4 * minutes);
    expect(code, stderr).toBe(0);
  }, 5 * minutes);

  it("adapts from the command line and predicts with the model", { timeout: 4 * minutes }, async () => {
    const { code, stdout, stderr } = await run(
      "npx",
      [
        ...["--no-install", "dann", "adapt", "--source", "clinic-a.csv", "--source-labels", "diagnosis"],
        ...["--target", "clinic-b.csv", "--steps", "30", "--out", "run", "--json"],
      ],
      project(),
      2 * minutes,
    );
    expect(code, stderr).toBe(0);
    const result = adaptResult.parse(JSON.parse(stdout));
    expect(result.device).toBe(device);
    expect(result.task.classes).toEqual(["ill", "well"]);
    expect(JSON.parse(await readFile(join(project(), "run", "result.json"), "utf8"))).toEqual(result);
    const predicted = await script(`
      import { loadModel, readTable } from "dann";
      const model = await loadModel("run/model.onnx");
      const { labels } = await model.predict(await readTable("clinic-b.csv"));
      await model.dispose();
      console.log(JSON.stringify(labels));
    `);
    expect(predicted).toHaveLength(80);
    expect(new Set(predicted as string[])).toEqual(new Set(["ill", "well"]));
  });

  it("adapts from the library", { timeout: 3 * minutes }, async () => {
    const said = await script(`
      import { adapt, readTable } from "dann";
      const source = await readTable("clinic-a.csv", { label: "diagnosis" });
      const target = await readTable("clinic-b.csv");
      const run = await adapt({ source, target, train: { steps: 30 } });
      let steps = 0;
      for await (const event of run.events()) if (event.type === "step") steps += 1;
      const { device, models, chosen } = await run.done;
      const { labels } = await run.predict(target);
      console.log(JSON.stringify({ device, steps, chosen: models[chosen].name, rows: labels.length }));
    `);
    expect(said).toEqual({ device, steps: expect.any(Number), chosen: expect.any(String), rows: 80 });
  });

  /** Runs a module of the project and reads the JSON that it prints. */
  async function script(code: string): Promise<unknown> {
    const file = join(project(), "script.js");
    await writeFile(file, code);
    const { code: status, stdout, stderr } = await run(process.execPath, [file], project(), 2 * minutes);
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout);
  }
});

/** Builds beside the working tree, whose `dist` other tests may be using, and packs that. */
async function pack(into: string): Promise<string> {
  const stage = join(into, "stage");
  await mkdir(stage);
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { files: string[] };
  const taken = ["package.json", "README.md", "LICENSE", ...manifest.files.filter((name) => name !== "dist")];
  for (const name of taken) {
    await cp(join(root, name), join(stage, name), { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
      throw new Error(`${name}: named in package.json, cannot be packed`, { cause });
    });
  }
  const built = await run(
    "npx",
    ["tsc", "-p", "tsconfig.build.json", "--outDir", join(stage, "dist")],
    root,
    3 * minutes,
  );
  expect(built.code, built.stdout).toBe(0);
  const packed = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", into], stage, minutes);
  expect(packed.code, packed.stderr).toBe(0);
  const [file] = JSON.parse(packed.stdout) as { filename: string; files: { path: string }[] }[];
  if (file === undefined) throw new Error("npm packed nothing");
  const paths = file.files.map(({ path }) => path);
  expect(
    paths.filter((path) => /\.test\.|^(src|test|bench)\//.test(path)),
    "only what is used",
  ).toEqual([]);
  return join(into, basename(file.filename));
}

/** 80 rows of two classes, the columns moved by `shift`. */
function table(seed: string, shift: number, labelled: boolean): string {
  const draw = random(seed);
  const rows = Array.from({ length: 80 }, (_, i) => {
    const ill = i % 2 === 0;
    const cells = [draw.normal() + (ill ? 3 : 0) + shift, draw.normal() - (ill ? 2 : 0)].map((x) => x.toFixed(4));
    return [...cells, draw.integer(2) === 0 ? "north" : "south", ...(labelled ? [ill ? "ill" : "well"] : [])].join(",");
  });
  return `${["glucose", "pressure", "ward", ...(labelled ? ["diagnosis"] : [])].join(",")}\n${rows.join("\n")}\n`;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program without a shell; a program that takes too long is killed and has code -1. */
function run(program: string, args: readonly string[], cwd: string, timeout: number): Promise<Ended> {
  // npm hands its own settings to what it starts; the empty project must not see those of this one.
  const own = Object.entries(process.env).filter(([key]) => !/^(npm_|NODE_OPTIONS$|VITEST)/i.test(key));
  const env = { ...Object.fromEntries(own), ONNXRUNTIME_NODE_INSTALL: "skip", NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env, timeout, killSignal: "SIGKILL", maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : -1, stdout, stderr }),
    );
  });
}
