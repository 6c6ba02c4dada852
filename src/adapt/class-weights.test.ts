/** The warning about class weights beside normalisation by domain. */
import { expect, test } from "vitest";
import { tinyJob } from "../../test/support/tiny-job.ts";
import { weightsByDomain } from "./class-weights.ts";

const { preprocess } = tinyJob();

test.each([
  ["none", "auto", 0],
  ["label-shift", "auto", 1],
  ["partial", "perDomainStats", 1],
  ["partial", "none", 0],
  ["label-shift", "joint", 0],
] as const)("class weights %s with batch normalisation %s: %i warnings", (classWeights, batchNorm, count) => {
  const network = { kind: "named", name: "mlp", options: { batchNorm } } as const;
  const warnings = weightsByDomain({ name: "dann", classWeights }, network, preprocess);
  expect(warnings).toHaveLength(count);
  for (const warning of warnings) expect(warning).toContain("--set network.options.batchNorm=none");
});
