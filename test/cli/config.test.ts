/** Defaults < preset < file < flags, and what a run saves. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Plain } from "../../src/config/merge.ts";
import { resolveRecipe, resolveRun } from "../../src/config/resolve.ts";
import { clinics, dann, quickRun, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
const files = clinics(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const resolved = (...configs: Plain[]) => resolveRecipe(configs.map((config, i) => ({ origin: `layer ${i}`, config })));

describe("presets are those of the design", () => {
  test("modern, the default", () => {
    const { preset, network, method, train } = resolved({});
    expect(preset).toBe("modern");
    expect(network).toEqual({
      name: "auto",
      options: {
        batchNorm: "auto",
        domainHidden: "auto",
        initialiser: "torchUniform",
        reversalAt: "last-hidden",
      },
    });
    expect(method).toMatchObject({ name: "dann", domainLoss: "half", domainLabelSmoothing: 0.1, domainWeight: 1 });
    expect(train.optimizer).toMatchObject({ name: "adam" });
    expect(train.rate).toEqual({ name: "cosine", from: 1e-3, to: 0 });
    expect(train.lambda).toEqual({ name: "paper", gamma: 10, max: 1 });
    expect(train.batch).toEqual({ source: 64, target: 64 });
  });
  test("paper", () => {
    const { network, method, train } = resolved({ preset: "paper" });
    expect(network.options).toEqual({ batchNorm: "none", initialiser: "glorotUniform", reversalAt: "features" });
    expect(method).toMatchObject({ domainLoss: "sum", domainLabelSmoothing: 0 });
    expect(train.optimizer).toMatchObject({ name: "sgd", momentum: 0.9, nesterov: false });
    expect(train.rate).toEqual({ name: "paper", mu0: 0.01, alpha: 10, beta: 0.75 });
  });
});

describe("precedence", () => {
  test("a later layer wins, key by key", () => {
    const { train, method } = resolved(
      { preset: "paper", train: { seed: 1, batch: { source: 8 } }, method: { domainWeight: 0.5 } },
      { train: { seed: 2 } },
    );
    expect(train.seed).toBe(2);
    expect(train.batch).toEqual({ source: 8, target: 64 });
    expect(method).toMatchObject({ domainWeight: 0.5, domainLoss: "sum" });
  });
  test("the preset of a flag lies below the file's keys", () => {
    const { preset, method } = resolved({ preset: "modern", method: { domainLoss: "sum" } }, { preset: "paper" });
    expect([preset, method.domainLoss, method.domainLabelSmoothing]).toEqual(["paper", "sum", 0]);
  });
  test("epochs replace the preset's steps; both at once are refused", () => {
    const { train } = resolved({ train: { epochs: 3 } });
    expect([train.steps, train.epochs]).toEqual([undefined, 3]);
    expect(() => resolved({ train: { epochs: 3, steps: 4 } })).toThrow("either steps or epochs");
  });
  test("another optimiser does not inherit Adam's keys", () => {
    expect(resolved({ train: { optimizer: { name: "sgd", momentum: 0.5 } } }).train.optimizer).toMatchObject({
      name: "sgd",
      momentum: 0.5,
    });
    expect(() => resolved({ train: { optimizer: { momentum: 0.5 } } })).toThrow("unknown key train.optimizer.momentum");
  });
  test("options of the preset that a network lacks are left out, those asked for are not", () => {
    expect(resolved({ network: { name: "mlp" } }).network.options).toMatchObject({ batchNorm: "auto" });
    expect(resolved({ network: { name: "./mine.js" } }).network.options).toEqual({});
    expect(resolved({ network: { name: "./mine.js", options: { dropout: 0.1 } } }).network.options).toEqual({
      dropout: 0.1,
    });
  });
  test("paths are needed", () => {
    expect(() => resolveRun([{ origin: "flags", config: {} }])).toThrow(
      "data.source: expected a path, or a list of them, got nothing",
    );
  });
});

test("a file and flags together, and what is saved with the run", async () => {
  const config = join(folder, "config.yaml");
  writeFileSync(
    config,
    `data: { source: ${files.a}, target: ${files.b}, sourceLabels: diagnosis, read: { drop: [patient] } }
preset: paper
train: { steps: 20, seed: 7, batch: { source: 16, target: 12 } }
`,
  );
  const out = join(folder, "run");
  const ran = await dann([
    "adapt",
    "--config",
    config,
    "--seed",
    "8",
    "--select",
    "last",
    "--set",
    "train.lambda.max=0.5",
    "--out",
    out,
    "--json",
  ]);
  expect(ran.code, ran.stderr).toBe(0);
  const saved = parse(readFileSync(join(out, "config.yaml"), "utf8"));
  expect(saved).toMatchObject({
    preset: "paper",
    train: { steps: 20, seed: 8, batch: { source: 16, target: 12 }, lambda: { name: "paper", gamma: 10, max: 0.5 } },
    data: { source: files.a, read: { drop: ["patient"] } },
    network: { options: { batchNorm: "none" } },
    evaluate: { select: "last" },
  });
  expect(JSON.parse(ran.stdout).select).toBe("last");
  // The saved configuration is complete: alone it makes the same model again.
  const again = join(folder, "again");
  const repeated = await dann(["adapt", "--config", join(out, "config.yaml"), "--out", again, "--quiet"]);
  expect(repeated.code, repeated.stderr).toBe(0);
  expect(readFileSync(join(again, "model.onnx")).equals(readFileSync(join(out, "model.onnx")))).toBe(true);
});

test("a wrong name of --select is told by the flag, with a guess", async () => {
  const ran = await dann([...quickRun(files, join(folder, "unselected")), "--select", "entropi"]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("evaluate.select (--select): expected one of auto, last, reverse, source-accuracy");
  expect(ran.stderr).toContain("Did you mean entropy?");
});

test("every flag that sets a key is heard", async () => {
  const flags = [
    ...["--drop", "patient", "--types", "age=category", "--delimiter", ",", "--decimal", ".", "--encoding", "utf-8"],
    ...["--header", "yes", "--format", "csv", "--standardise", "perDomain", "--preset", "paper", "--network", "mlp"],
    ...["--epochs", "2", "--batch", "8,4", "--seed", "3", "--device", "wasm", "--threads", "1", "--holdout", "0.2"],
  ];
  const base = quickRun(files, join(folder, "dry")).filter(
    (arg, i, all) =>
      !["--steps", "--id", "--batch"].includes(arg) && !["--steps", "--id", "--batch"].includes(all[i - 1] ?? ""),
  );
  const ran = await dann([...base, ...flags, "--no-adabn", "--dry-run", "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  const document = JSON.parse(ran.stdout);
  expect(document.task).toMatchObject({ sourceRows: 96, sourceScoredOn: "source-holdout: 24 rows" });
  expect(document.network.name).toBe("mlp");
  // ceil(2 epochs x 96 rows / 8)
  expect(document.trainings).toEqual([
    { name: "source-only", steps: 24 },
    { name: "dann", steps: 24 },
  ]);
});
