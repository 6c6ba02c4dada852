/** AdaBN as a method: source-only's training, after which nothing but the target's statistics moves. */
import { beforeAll, describe, expect, test } from "vitest";
import { openBackend } from "#runtime";
import { tinyJob } from "../../test/support/tiny-job.ts";
import type { BatchNormRegime } from "../nn/batch-norm.ts";
import type { Backend } from "../runtime/backend.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../train/checkpoint.ts";
import { fit as startFit, trained } from "../train/fit.ts";
import type { State } from "../train/state.ts";
import type { MethodOptions } from "./registry.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("cpu");
});

// With the 8th of 16 steps the weights are done.
const jobOf = (batchNorm: BatchNormRegime | "none", options: MethodOptions = {}): ReturnType<typeof tinyJob> =>
  tinyJob({
    method: { name: "adabn", estimation: 0.5, ...options },
    network: { name: "mlp", options: { hidden: [8], batchNorm } },
    config: { steps: 16, checkpointEvery: 8 },
  });

describe.each(["perDomain", "perDomainStats"] as const)("%s", (regime) => {
  test("weights stay, the target's statistics follow, and scale and shift are the source's", async () => {
    const saved: Uint8Array[] = [];
    const job = jobOf(regime);
    const { state } = await trained(
      startFit(job, { backend, onCheckpoint: async (point) => void saved.push(encodeCheckpoint(point)) }),
    );
    const half = decodeCheckpoint(saved[0] ?? new Uint8Array(), "checkpoint");
    expect(half.step).toBe(8);
    for (const [name, { data }] of state) {
      if (/\/(weight|bias)$/.test(name) && !name.startsWith("optimizer/"))
        expect(data, name).toEqual(half.state.get(name)?.data);
      if (/target\/mean$/.test(name)) expect(data, name).not.toEqual(half.state.get(name)?.data);
      if (/\/target\/(scale|shift)$/.test(name) && !name.startsWith("optimizer/"))
        expect(data, name).toEqual(state.get(name.replace("/target/", "/source/"))?.data);
    }
    const again = await trained(startFit(job, { backend, resume: half }));
    expect(bits(again.state)).toEqual(bits(state));
  });
});

const bits = (state: State): unknown => [...state].map(([name, { data }]) => [name, [...data]]);

test.each([
  ["none", /expected batch normalisation with statistics of each domain, got a network without any/],
  ["joint", /got statistics of both together/],
  ["source", /got statistics of both together/],
] as const)("batch norm %s is refused", async (regime, message) => {
  await expect(trained(startFit(jobOf(regime), { backend }))).rejects.toThrow(message);
});

test("an average of the weights is what keeps its place when the statistics are estimated", async () => {
  const points = new Map<number, State>();
  const { config, ...rest } = jobOf("perDomain");
  const job = { ...rest, config: { ...config, checkpointEvery: 1, weightAverage: 0.9 } };
  const { state } = await trained(
    startFit(job, { backend, onCheckpoint: async (point) => void points.set(point.step, point.state) }),
  );
  const name = "featureExtractor/fc1/weight";
  // Before the 9th step the phases change: what the first has trained is its average.
  expect(state.get(name)?.data).toEqual(points.get(8)?.get(`average/${name}`)?.data);
  expect(state.get(name)?.data).not.toEqual(points.get(8)?.get(name)?.data);
  // The statistics are of the same weights.
  expect(points.get(9)?.get(name)?.data).toEqual(state.get(name)?.data);
});
