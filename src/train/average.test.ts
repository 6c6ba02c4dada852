/** The average of the weights: its values, that models are made of it, and that training does not look at it. */
import { beforeAll, expect, test } from "vitest";
import { openBackend } from "#runtime";
import { tinyJob } from "../../test/support/tiny-job.ts";
import type { Backend } from "../runtime/backend.ts";
import { modelState } from "./average.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { fit as startFit, type Trained, trained } from "./fit.ts";
import type { State } from "./state.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("cpu");
});

interface Ran {
  readonly result: Trained;
  readonly points: readonly Checkpoint[];
  readonly evaluated: readonly number[];
}

async function run(weightAverage: number | undefined, resume?: Checkpoint): Promise<Ran> {
  const job = tinyJob({ config: { steps: 4, checkpointEvery: 1, weightAverage } });
  const [points, evaluated]: [Checkpoint[], number[]] = [[], []];
  const result = await trained(
    startFit(job, {
      backend,
      ...(resume && { resume }),
      onCheckpoint: async (point) => void points.push(decodeCheckpoint(encodeCheckpoint(point), "checkpoint")),
      async onEpoch(snapshot) {
        evaluated.push(...(await snapshot.predict(job.source, "source")).logits);
        return { validators: {}, scores: {} };
      },
    }),
  );
  return { result, points, evaluated };
}

const name = "featureExtractor/fc1/weight";
const valuesOf = (state: State | undefined, of = name): number[] => [...(state?.get(of)?.data ?? [])];

test("is what the formula says of the weights of each step, and does not change them", async () => {
  const [plain, averaging] = [await run(undefined), await run(0.3)];
  averaging.points.forEach(({ state }, i) => {
    expect(valuesOf(state)).toEqual(valuesOf(plain.points[i]?.state));
    if (i === 0) return;
    // Step i + 1: (1 + 3) / (10 + 3) is above .3 from step 3 on.
    const decay = Math.min(0.3, (i + 2) / (i + 11));
    const before = valuesOf(averaging.points[i - 1]?.state, `average/${name}`);
    const weights = valuesOf(state);
    const expected = before.map((value, j) => decay * value + (1 - decay) * (weights[j] ?? 0));
    valuesOf(state, `average/${name}`).forEach((value, j) => {
      expect(value).toBeCloseTo(expected[j] ?? Number.NaN, 6);
    });
  });
});

test("stands in the place of the weights in what is trained and what is evaluated", async () => {
  const [plain, averaging] = [await run(undefined), await run(0.3)];
  const last = averaging.points.at(-1)?.state;
  expect(valuesOf(averaging.result.state)).toEqual(valuesOf(last, `average/${name}`));
  expect([...averaging.result.state.keys()].some((key) => key.startsWith("average/"))).toBe(false);
  expect(averaging.evaluated).not.toEqual(plain.evaluated);
  expect(valuesOf(modelState(last ?? new Map()))).toEqual(valuesOf(averaging.result.state));
});

test("goes on to the same bits after a save", async () => {
  const whole = await run(0.3);
  const resumed = await run(0.3, whole.points[1]);
  expect([...resumed.result.state].map(([key, { data }]) => [key, [...data]])).toEqual(
    [...whole.result.state].map(([key, { data }]) => [key, [...data]]),
  );
});
