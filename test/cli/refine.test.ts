/** `dann adapt --from RUN`: a finished run's model goes on with rows of the target alone. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { refine } from "../../src/adapt/refine/refine.ts";
import { adaptResult } from "../../src/adapt/result.ts";
import { readDataset } from "../../src/data/read.ts";
import { clinics, dann, quickRun, type Ran, temporaryFolder } from "../support/cli.ts";
import { fingerprint, killAfter } from "../support/resume.ts";

const folder = temporaryFolder();
const files = clinics(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const from = join(folder, "from");
const refining = (out: string, ...more: readonly string[]): string[] => [
  ...["adapt", "--from", from, "--target", files.b, "--target-labels", "diagnosis", "--method", "shot"],
  ...["--out", out, "--steps", "40", "--quiet", ...more],
];

beforeAll(async () => {
  const ran = await dann([...quickRun(files, from), "--target-labels", "diagnosis", "--no-target-trained", "--quiet"]);
  expect(ran.code, ran.stderr).toBe(0);
}, 120_000);

describe("shot", () => {
  const out = join(folder, "shot");
  let ran: Ran;
  beforeAll(async () => {
    ran = await dann(refining(out, "--from-model", "source-only", "--json"));
  }, 60_000);

  test("scores the model that it began with and its own, and nothing of a source", () => {
    expect(ran.code, ran.stderr).toBe(0);
    const result = adaptResult.parse(JSON.parse(ran.stdout));
    expect(result.models.map(({ name, selection }) => [name, selection])).toEqual([
      ["source-only", "last"],
      ["shot", "last"],
      ["shot", "oracle"],
    ]);
    expect(result.from).toEqual({ run: from, model: "source-only" });
    expect(result.task).toMatchObject({ sourceRows: 0, targetRows: 120 });
    expect(result.domainDistance).toBe(null);
    const before = adaptResult.parse(JSON.parse(readFileSync(join(from, "result.json"), "utf8"))).models[0];
    expect(result.models[0]?.metrics.target).toEqual(before?.metrics.target);
    for (const { metrics, scoredOn, validators } of result.models) {
      expect([metrics.source, scoredOn.source]).toEqual([null, null]);
      for (const name of ["source-accuracy", "iwcv", "dev", "devn", "atc"]) expect(validators).not.toHaveProperty(name);
    }
    expect(result.models[1]?.validators).toHaveProperty("information-maximisation");
    expect(result.models[1]?.metrics.target).not.toEqual(result.models[0]?.metrics.target);
  });

  test("has a page: the verdict first, features before and after, curves, and no word of a source", () => {
    const page = readFileSync(join(out, "report.html"), "utf8");
    expect([...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id)).toEqual([
      ...["verdict", "models", "features", "training", "scores", "confusion", "setup"],
    ]);
    expect(page).toMatch(/<section id="verdict" class="verdict (good|caution|bad)">/);
    for (const text of ["Before: source-only", "After adaptation", "the model that it began with", "Information"])
      expect(page).toContain(text);
    expect(page).toContain(`dann adapt --config ${out}/config.yaml --out FOLDER`);
    expect(page).not.toMatch(/NaN|undefined|\[object|https?:\/\/|<script|Distance of the domains|disc: source/);
  });

  test("trains as the run was trained, at a tenth of its rate, and says so in its configuration", () => {
    const [own, run] = [out, from].map(
      (path) => parse(readFileSync(join(path, "config.yaml"), "utf8")) as Record<string, Record<string, unknown>>,
    );
    expect(own?.method).toEqual({ name: "shot", informationWeight: 1, pseudoWeight: 0.3, pseudoEvery: 1 });
    expect(own?.train).toEqual({
      ...run?.train,
      steps: 40,
      partRates: { featureExtractor: 0.1, labelPredictor: 0.1, domainClassifier: 0.1, backbone: 0.01 },
    });
    expect(own?.network).toEqual(run?.network);
  });

  test("leaves a run that predicts, evaluates and exports", async () => {
    const onnx = join(folder, "shot.onnx");
    for (const args of [
      ["predict", out, files.b, "--out", join(folder, "said.csv")],
      ["evaluate", out, files.b, "--labels", "diagnosis"],
      ["export", out, "--model", "shot", "--out", onnx],
    ]) {
      const done = await dann(args);
      expect(done.code, done.stderr).toBe(0);
    }
    expect(existsSync(onnx)).toBe(true);
    const start = await dann(["export", out, "--model", "source-only", "--out", join(folder, "start.onnx")]);
    expect(start.stderr).toContain(`Use the run that it is from: ${from}`);
  });

  test("the library's refine is the command: the same rows and seed give the same scores", async () => {
    const byCommand = adaptResult.parse(JSON.parse(readFileSync(join(out, "result.json"), "utf8")));
    const target = await readDataset(files.b, { labels: "diagnosis", id: "patient" });
    const mine = join(folder, "by-code");
    const run = await refine({
      ...{ from, model: "source-only", target, method: "shot", train: { steps: 40 }, out: mine },
    });
    const result = await run.done;
    expect(result.models).toEqual(byCommand.models);
    const said = await run.predict(target);
    expect(said.labels).toHaveLength(120);
    // Its folder is a run like another: gone on from, and read by commands.
    const again = await refine({ from: mine, model: "shot", target, method: "dirt-t", train: { steps: 2 } });
    expect((await again.done).from).toMatchObject({ run: mine });
    await expect(refine({ from, target, method: "mcc" })).rejects.toThrow(/refine: .*expected a refinement \(shot/);
    await expect(refine({ from: join(folder, "none"), target, method: "shot" })).rejects.toThrow(/expected the folder/);
  }, 60_000);

  test("killed and resumed it gives the same bits", async () => {
    const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
    const long = ["--steps", "1500", "--set", "train.checkpointEvery=20", "--set", "train.logEvery=10"];
    expect((await dann(refining(whole, ...long))).code).toBe(0);
    await killAfter(refining(killed, ...long), killed, 60, "SIGKILL");
    expect(existsSync(join(killed, "result.json"))).toBe(false);
    const resumed = await dann(["adapt", "--resume", killed, "--quiet"]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(fingerprint(killed)).toEqual(fingerprint(whole));
  }, 240_000);
});

test.each([
  [["--source", "a.csv"], /--source with --from: a refinement reads no source rows\n {2}Leave it out\./],
  [["--preset", "paper"], /--preset with --from/],
  [["--target-labelled", "b.csv"], /--target-labelled with --from: a refinement reads no labels/],
  [["--set", "train.labelledTargetWeight=2"], /train\.labelledTargetWeight: a refinement reads no labels, got 2/],
  [["--network", "mnist"], /network: expected the one that the run was trained with/],
  [["--select", "atc"], /evaluate\.select \(--select\): expected one of last, entropy/],
  [["--method", "mcc"], /method\.name \(--method\): expected a refinement \(shot.*\) with --from, got mcc/],
  [["--from-model", "cdan"], /model: expected chosen, last, source-only/],
])("--from with %j is refused", async (more, message) => {
  const ran = await dann(refining(join(folder, "refused"), ...more));
  expect(ran.stderr).toMatch(message);
  expect(ran.code).toBe(2);
});

test("--dry-run says what would be done, and writes nothing", async () => {
  const out = join(folder, "dry");
  const ran = await dann(refining(out, "--dry-run", "--json", "--from-model", "source-only"));
  expect(ran.code, ran.stderr).toBe(0);
  const schema = JSON.parse(
    readFileSync(new URL("../../schemas/adapt-dry-run.schema.json", import.meta.url), "utf8"),
  ) as Parameters<typeof z.fromJSONSchema>[0];
  const document = JSON.parse(ran.stdout) as unknown;
  expect(z.fromJSONSchema(schema).safeParse(document).error?.issues).toBeUndefined();
  expect(document).toMatchObject({
    run: out,
    from: { run: from, model: "source-only" },
    task: { sourceRows: 0, targetRows: 120, sourceScoredOn: null, targetScoredOn: "target: 120 rows" },
    trainings: [{ name: "shot", steps: 40 }],
  });
  expect(existsSync(out)).toBe(false);
  const text = await dann(refining(out, "--dry-run"));
  expect(text.stdout).toContain("rows       120 target (scored on target: 120 rows)\nfrom       ");
  expect(text.stdout).toContain("trainings  shot 40 steps\n");
  expect(text.stdout).toContain("nothing was trained or written");
  expect(existsSync(out)).toBe(false);
});

test("without --from it is refused, with the way to call it", async () => {
  const ran = await dann([...quickRun(files, join(folder, "refused")), "--method", "shot"]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(/shot goes on from a finished run.*\n {2}Name the run: --from RUN/);
});
