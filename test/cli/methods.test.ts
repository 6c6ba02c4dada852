/** Methods by name on the command line: combinations, their options, and what is refused. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { clinics, dann, quickRun, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
const files = clinics(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("dann adapt --method", () => {
  test("a combination in any order, with an option, saved by its canonical name beside source-only", async () => {
    const out = join(folder, "run");
    const ran = await dann([
      ...quickRun(files, out),
      ...["--method", "mcc+cdan+e", "--set", "method.temperature=2", "--device", "cpu", "--json"],
    ]);
    expect(ran.code, ran.stderr).toBe(0);
    const { models } = JSON.parse(ran.stdout) as { models: { name: string; method: string }[] };
    expect(new Set(models.map(({ method }) => method))).toEqual(new Set(["source-only", "cdan+e+mcc"]));
    const { method } = parse(readFileSync(join(out, "config.yaml"), "utf8")) as { method: unknown };
    expect(method).toEqual({
      name: "cdan+e+mcc",
      labelSmoothing: 0,
      domainLoss: "half",
      domainWeight: 1,
      domainLabelSmoothing: 0.1,
      domainGradientPenalty: 0,
      domainSpectralNorm: false,
      classWeights: "none",
      classWeightsEvery: 1,
      classWeightsDecay: 0.5,
      sourceDomains: "apart",
      multilinearLimit: 4096,
      randomMapWidth: 1024,
      temperature: 2,
      confusionWeight: 1,
    });
    const predicted = await dann(["predict", out, files.c]);
    expect(predicted.code, predicted.stderr).toBe(0);
  });

  test.each([
    [
      ["--method", "dann", "--set", "method.temperature=2"],
      /method\.temperature: .* because dann does not read it, got 2/,
    ],
    [
      ["--method", "cdna"],
      /method\.name \(--method\): expected one of source-only, dann, cdan.*\n {2}Did you mean cdan\?/,
    ],
    [["--method", "cdan+mdd"], /cdan and mdd cannot be combined/],
    [
      ["--method", "mcc", "--set", "method.temprature=2"],
      /unknown key method\.temprature\n {2}Did you mean method\.temperature\?/,
    ],
    [["--method", "mcc", "--set", "method.temperature=0"], /method\.temperature: expected a number above 0, got 0/],
  ])("%j is refused", async (args, message) => {
    const ran = await dann([...quickRun(files, join(folder, "refused")), "--dry-run", ...args]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(message);
  });
});
