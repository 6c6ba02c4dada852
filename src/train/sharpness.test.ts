/** Sharpness-aware steps against plain ones from the point that the formula names; and what has no task loss. */
import { beforeAll, expect, test } from "vitest";
import { openBackend } from "#runtime";
import { tinyJob } from "../../test/support/tiny-job.ts";
import type { Backend } from "../runtime/backend.ts";
import { fit as startFit, trained } from "./fit.ts";
import type { TrainJob } from "./job.ts";
import type { State } from "./state.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("cpu");
});

const rate = 0.5;
const jobOf = (method: string, sharpness?: number): TrainJob =>
  tinyJob({
    method: { name: method },
    network: { name: "mlp", options: { hidden: [5], activation: "tanh", domainHidden: [3] } },
    config: {
      ...{ steps: 1, logEvery: 1, optimizer: { name: "sgd" }, rate: { name: "constant", value: rate }, sharpness },
      lambda: { name: "constant", value: 1 },
    },
  });
const after = async (job: TrainJob, start: State): Promise<State> =>
  (await trained(startFit(job, { backend, start }))).state;
const begin = async (job: TrainJob): Promise<State> =>
  (
    await trained(
      startFit({ ...job, config: { ...job.config, rate: { name: "constant", value: 1e-30 } } }, { backend }),
    )
  ).state;

/** One SGD step's gradient, told from what it does to the weights. */
const gradientOf = (from: State, to: State, names: readonly string[]): Map<string, number[]> =>
  new Map(
    names.map((name) => [
      name,
      Array.from(from.get(name)?.data ?? [], (value, i) => (value - (to.get(name)?.data[i] ?? 0)) / rate),
    ]),
  );

test.each(["source-only", "dann"])(
  "%s: the gradient is that at w + rho g / |g|, g of the label loss",
  async (method) => {
    const rho = 0.3;
    const start = await begin(jobOf(method));
    const names = [...start.keys()].filter((name) => !name.startsWith("optimizer/"));
    const task = [...names].filter((name) => !name.startsWith("domainClassifier/"));
    // The label loss's own gradient, by source-only's step on the same rows.
    const g = gradientOf(start, await after(jobOf("source-only"), start), task);
    const length = Math.hypot(...[...g.values()].flat());
    const worse: State = new Map(
      [...start].map(([name, { dims, data }]) => [
        name,
        { dims, data: data.map((value, i) => value + (rho * (g.get(name)?.[i] ?? 0)) / length) },
      ]),
    );
    const there = gradientOf(worse, await after(jobOf(method), worse), names);
    const sharp = gradientOf(start, await after(jobOf(method, rho), start), names);
    const plain = gradientOf(start, await after(jobOf(method), start), names);
    let different = 0;
    for (const name of names)
      sharp.get(name)?.forEach((value, i) => {
        expect(value, name).toBeCloseTo(there.get(name)?.[i] ?? Number.NaN, 4);
        different = Math.max(different, Math.abs(value - (plain.get(name)?.[i] ?? 0)));
      });
    expect(different).toBeGreaterThan(0.01);
  },
);

test("a method without a label loss is refused", async () => {
  const { source: _s, labels: _l, ...job } = tinyJob({ config: { steps: 1, sharpness: 0.1 } });
  const refining = { ...job, method: { name: "shot" } };
  await expect(trained(startFit(refining, { backend }))).rejects.toThrow(
    /expected a method with a label loss, got shot/,
  );
});

test("a seed gives the same bits again, with batch normalisation and dropout", async () => {
  const job = tinyJob({ config: { steps: 6, sharpness: 0.05 } });
  const [a, b] = [await trained(startFit(job, { backend })), await trained(startFit(job, { backend }))];
  expect([...a.state.values()].map(({ data }) => [...data])).toEqual(
    [...b.state.values()].map(({ data }) => [...data]),
  );
});
