/** `dann probe` as a user runs it. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeNpy } from "../../src/data/writers/npy.ts";
import { probeDocument } from "../../src/probe/document.ts";
import { random } from "../../src/random.ts";
import { clinics, dann, quickRun, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
const files = clinics(folder);
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tables = ["probe", "--source", files.a, "--source-labels", "diagnosis", "--target", files.b];

test("a table: for people, and one document, the same every time", async () => {
  const ran = await dann([...tables, "--id", "patient"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toMatch(/^source {4}.*a\.csv: 120 rows, 2 classes: sick 60, well 60$/m);
  expect(ran.stdout).toMatch(/^distance {2}\d\.\d\d of 2 \(95 %: \d\.\d\d to \d\.\d\d\)/m);
  expect(ran.stdout).toMatch(
    / {2}try: dann adapt --source .*a\.csv --target .*b\.csv --source-labels diagnosis --id patient --/,
  );
  const [first, second] = [
    await dann([...tables, "--id", "patient", "--json"]),
    await dann([...tables, "--id", "patient", "--json"]),
  ];
  expect(second.stdout).toBe(first.stdout);
  const document = probeDocument.parse(JSON.parse(first.stdout));
  expect(document.top.map(({ name }) => name)).toEqual(expect.arrayContaining(["age", "pressure", 'sex = "f"']));
  expect(document.source.classes).toEqual([
    { name: "sick", rows: 60 },
    { name: "well", rows: 60 },
  ]);
  expect(document.target.classes).toBeNull();
}, 120_000);

test("a column of identifiers is found, and its command leaves it out", async () => {
  const numbered = (name: string, path: string, from: number): string => {
    const [head, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
    writeFileSync(at(name), `visit,${head}\n${lines.map((line, row) => `${from + row},${line}`).join("\n")}\n`);
    return at(name);
  };
  const [a, b] = [numbered("visits-a.csv", files.a, 0), numbered("visits-b.csv", files.b, 9000)];
  const ran = await dann(["probe", "--source", a, "--source-labels", "diagnosis", "--target", b, "--id", "patient"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain('Leave "visit" out');
  const command = /try: dann (adapt .*--drop visit)$/m.exec(ran.stdout)?.[1];
  const tried = await dann([...(command?.split(" ") ?? []), "--dry-run"]);
  expect(tried.code, tried.stderr).toBe(0);
});

test("--run estimates the shares of the classes", async () => {
  const run = at("run");
  expect((await dann([...quickRun(files, run), "--quiet"])).code).toBe(0);
  const [head, ...lines] = readFileSync(files.c, "utf8").trimEnd().split("\n");
  // Three sick rows of four, of half.
  const kept = lines.filter((line, row) => line.endsWith("sick") || row % 6 === 1);
  writeFileSync(at("sick.csv"), `${head}\n${kept.join("\n")}\n`);
  const flags = ["probe", "--source", files.a, "--source-labels", "diagnosis", "--target", at("sick.csv")];
  const ran = await dann([...flags, "--id", "patient", "--run", run, "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  const { labelShift } = probeDocument.parse(JSON.parse(ran.stdout));
  expect(labelShift?.run).toBe(run);
  const sick = labelShift?.shares?.find((one) => one.class === "sick");
  expect(sick?.target).toBeGreaterThan((sick?.source ?? 1) + 0.1);
  const people = await dann([...flags, "--id", "patient", "--run", run]);
  expect(people.stdout).toMatch(/^classes {3}\d+\.\d % of the rows differ in class/m);
  const wrong = await dann([...flags, "--id", "patient", "--run", at("nothing")]);
  expect(wrong.code).toBe(3);
  expect(wrong.stderr).toContain("expected the folder of a run, got nothing");
}, 120_000);

describe("images", () => {
  beforeAll(() => {
    for (const [name, from] of [
      ["dark", 0],
      ["light", 90],
    ] as const) {
      const chance = random(name);
      const values = Uint8Array.from({ length: 40 * 32 * 32 * 3 }, () => from + 120 * chance.uniform());
      writeFileSync(at(`${name}.npy`), encodeNpy({ dims: [40, 32, 32, 3], values }));
    }
  });
  const flags = ["probe", "--source", at("dark.npy"), "--target", at("light.npy")];

  test("--out: two grids, the darkest and the lightest here, and the document", async () => {
    const out = at("looks");
    const ran = await dann([...flags, "--out", out, "--json"]);
    expect(ran.code, ran.stderr).toBe(0);
    const document = probeDocument.parse(JSON.parse(ran.stdout));
    expect(document.files).toEqual(["most-source-like.png", "most-target-like.png", "probe.json"]);
    expect(readdirSync(out).sort()).toEqual([...document.files].sort());
    expect(JSON.parse(readFileSync(join(out, "probe.json"), "utf8"))).toEqual(document);
    const [dark, light] = ["most-source-like.png", "most-target-like.png"].map((name) => {
      const { data } = decode(readFileSync(join(out, name)));
      return Array.from(data).reduce((sum, value) => sum + value, 0) / data.length;
    });
    expect(light).toBeGreaterThan((dark ?? 0) + 50);
    expect(document.features.kind).toBe("pixels");
    expect(document.top.some(({ name }) => name.startsWith("brightness"))).toBe(true);
  });

  test("--backbone: its features, kept in the cache", async () => {
    const cache = at("kept");
    const asked = [...flags, "--backbone", "test/golden/onnx/resnet.onnx", "--cache", cache, "--json"];
    const [first, second] = [await dann(asked), await dann(asked)];
    expect(first.code, first.stderr).toBe(0);
    expect(second.stdout).toBe(first.stdout);
    expect(probeDocument.parse(JSON.parse(first.stdout)).features).toEqual({ kind: "backbone", width: 16 });
    expect(readdirSync(cache).filter((name) => name.startsWith("features-"))).toHaveLength(2);
  });
});

describe("hostile input: one line, the right code, nothing left behind", () => {
  test.each([
    ["no rows", "empty.csv", "age,pressure\n", 3, /empty\.csv/],
    [
      "few rows",
      "few.csv",
      "patient,age,pressure,sex\np1,40,110,f\np2,41,120,m\n",
      3,
      /at least 20 rows to probe, got 2/,
    ],
    ["other columns", "other.csv", `patient,b\n${"1,2\n".repeat(30)}`, 3, /expected the columns of .*a\.csv/],
    ["a broken cell", "broken.csv", `patient,age,pressure,sex\n${"p,old,1,m\n".repeat(30)}`, 3, /broken\.csv/],
  ])("%s", async (_, name, text, code, message) => {
    writeFileSync(at(name), text);
    const out = at("none");
    const ran = await dann([
      "probe",
      "--source",
      files.a,
      "--source-labels",
      "diagnosis",
      "--target",
      at(name),
      "--id",
      "patient",
      "--out",
      out,
    ]);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toMatch(/^error\[[a-z-]+\]: /);
    expect(ran.stderr).toMatch(message);
    expect(ran.stdout).toBe("");
    expect(existsSync(out)).toBe(false);
  });

  test.each([
    [["probe", "--source", files.a], 2, /target/],
    [["probe", "--source", files.a, "--target", files.b, "--steps", "3"], 2, /--steps/],
    [["probe", "--source", files.a, "--target", at("gone.csv")], 3, /gone\.csv/],
    [["probe", "--source", files.a, "--target", files.b, "--device", "webgpu"], 4, /webgpu/],
  ])("%j", async (args, code, message) => {
    const ran = await dann(args);
    expect(ran.code, ran.stderr).toBe(code);
    expect(ran.stderr).toMatch(message);
  });
});
