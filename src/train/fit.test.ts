import { describe, expect, it } from "vitest";
import { type TinyOptions, tinyJob } from "../../test/support/tiny-job.ts";
import type { DannError } from "../errors.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import type { TrainEvent } from "./events.ts";
import { type FitOptions, type Snapshot, fit as startFit, trained } from "./fit.ts";
import type { TrainJob } from "./job.ts";
import type { State } from "./state.ts";

async function eventsOf(job: TrainJob, options?: FitOptions): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of startFit(job, options)) events.push(event);
  return events;
}

const errorOf = (promise: Promise<unknown>): Promise<DannError> =>
  promise.then(
    () => expect.unreachable("expected an error"),
    (error: DannError) => error,
  );

const entries = (state: State): [string, number[]][] => [...state].map(([name, { data }]) => [name, [...data]]);

describe("fit", () => {
  it("tells its steps, epochs and end in order", async () => {
    const events = await eventsOf(tinyJob());
    expect(events.map((event) => ("step" in event ? `${event.type} ${event.step}` : event.type))).toEqual([
      "start",
      // 60 source rows in batches of 16: epochs end after ceil(60 e / 16) steps.
      ...[
        "epoch 4",
        "step 5",
        "epoch 8",
        "step 10",
        "epoch 12",
        "step 15",
        "epoch 15",
        "epoch 19",
        "step 20",
        "epoch 23",
      ],
      ...["step 24", "epoch 24", "done 24"],
    ]);
    expect(events[0]).toMatchObject({
      method: "dann",
      network: "mlp",
      steps: 24,
      stepsPerEpoch: 4,
      fromStep: 0,
      threads: 1,
    });
    expect(events.flatMap((event) => (event.type === "epoch" ? [event.epoch] : []))).toEqual([1, 2, 3, 4, 5, 6, 6.4]);
    expect(events.at(-1)).toMatchObject({ reason: "finished" });
  });

  it("reports means of the terms, and what the schedules say at the last step", async () => {
    const fine = await eventsOf(tinyJob({ config: { logEvery: 1 } }));
    const coarse = await eventsOf(tinyJob({ config: { logEvery: 24 } }));
    const steps = fine.filter((event) => event.type === "step");
    const [all] = coarse.filter((event) => event.type === "step");
    expect(steps).toHaveLength(24);
    for (const term of ["labelLoss", "domainLoss", "loss"]) {
      const mean = steps.reduce((sum, event) => sum + (event.terms[term] ?? Number.NaN), 0) / 24;
      expect(all?.terms[term]).toBeCloseTo(mean, 10);
    }
    expect(steps[0]).toMatchObject({ progress: 0, lambda: 0, learningRate: 0.01 });
    expect(steps[12]).toMatchObject({ progress: 0.5, lambda: 2 / (1 + Math.exp(-5)) - 1 });
  });

  it("gives the same bits for a seed, and others for another", async () => {
    const run = async (seed: number): Promise<[string, number[]][]> =>
      entries((await trained(startFit(tinyJob({ config: { seed } })))).state);
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });

  it("groups steps in runs of the engine without changing a bit", async () => {
    const run = async (logEvery: number): Promise<[string, number[]][]> =>
      entries((await trained(startFit(tinyJob({ config: { steps: 150, logEvery, checkpointEvery: 1000 } })))).state);
    const one = await run(1);
    for (const logEvery of [7, 150]) expect(await run(logEvery)).toEqual(one);
  });

  it("carries parameters, running statistics and slots, and changes all of them", async () => {
    const { state } = await trained(startFit(tinyJob()));
    const before = await trained(startFit(tinyJob({ config: { steps: 1, rate: { name: "constant", value: 1e-12 } } })));
    expect([...state.keys()].filter((name) => name.startsWith("optimizer/")).length).toBeGreaterThan(4);
    for (const [name, { data }] of state) {
      expect(data.every(Number.isFinite), name).toBe(true);
      expect([...data], name).not.toEqual([...(before.state.get(name)?.data ?? [])]);
    }
  });

  it("trains the source alone by the same code, without a domain term or a target row", async () => {
    const { target: _, ...job } = tinyJob({ method: { name: "source-only" } });
    const events = await eventsOf(job);
    const step = events.find((event) => event.type === "step");
    expect(Object.keys(step?.terms ?? {})).toEqual(["labelLoss", "loss"]);
    const { state } = await trained(startFit(job));
    expect([...state.keys()].some((name) => name.includes("domainClassifier"))).toBe(false);
    // The target's rows change nothing, and neither does lambda.
    const other = tinyJob({ method: { name: "source-only" }, config: { lambda: { name: "constant", value: 7 } } });
    expect(entries((await trained(startFit(other))).state)).toEqual(entries(state));
  });

  it("freezes a part whose rate is 0 and scales others", async () => {
    const initial = await trained(
      startFit(tinyJob({ config: { steps: 1, rate: { name: "constant", value: 1e-30 } } })),
    );
    const { state } = await trained(
      startFit(tinyJob({ config: { partRates: { featureExtractor: 0, domainClassifier: 1e-20 } } })),
    );
    const moved = (prefix: string): boolean =>
      [...state].some(
        ([name, { data }]) =>
          name.startsWith(prefix) &&
          /(weight|bias)$/.test(name) &&
          data.some((value, i) => Math.abs(value - (initial.state.get(name)?.data[i] ?? 0)) > 1e-9),
      );
    expect(moved("featureExtractor/")).toBe(false);
    expect(moved("domainClassifier/")).toBe(false);
    expect(moved("labelPredictor/")).toBe(true);
    expect([...state.keys()].some((name) => name.startsWith("optimizer/momentum/featureExtractor/"))).toBe(false);
  });

  it("clips the gradients together", async () => {
    const change = async (gradientClip: number | undefined): Promise<number> => {
      const config = {
        steps: 1,
        optimizer: { name: "sgd", momentum: 0 },
        rate: { name: "constant", value: 1 },
      } as const;
      const start = (
        await trained(startFit(tinyJob({ config: { ...config, rate: { name: "constant", value: 1e-30 } } })))
      ).state;
      const end = (await trained(startFit(tinyJob({ config: { ...config, gradientClip } })))).state;
      let sum = 0;
      for (const [name, { data }] of end)
        if (/(weight|bias|scale|shift)$/.test(name))
          for (const [i, value] of data.entries()) sum += (value - (start.get(name)?.data[i] ?? 0)) ** 2;
      return Math.sqrt(sum);
    };
    expect(await change(undefined)).toBeGreaterThan(0.1);
    expect(await change(0.01)).toBeCloseTo(0.01, 4);
    // The norm that is told is that of before: as far as a plain step goes.
    const config = { optimizer: { name: "sgd", momentum: 0 }, steps: 1, gradientClip: 0.01 } as const;
    const [event] = (await eventsOf(tinyJob({ config }))).filter(({ type }) => type === "step");
    expect(event).toMatchObject({ gradientNorm: { mean: expect.closeTo(await change(undefined), 5) } });
  });

  it("tells mean and largest of the gradient's norm where it is clipped, and the same after a resumption", async () => {
    const norms = async (config: NonNullable<TinyOptions["config"]>, options?: FitOptions) =>
      (await eventsOf(tinyJob({ config }), options)).flatMap((event) =>
        event.type === "step" ? [event.gradientNorm] : [],
      );
    expect(await norms({})).toEqual(Array(5).fill(undefined));
    const each = (await norms({ gradientClip: 0.5, logEvery: 1 })).map((norm) => norm?.mean ?? Number.NaN);
    const some = await norms({ gradientClip: 0.5 });
    expect(some).toHaveLength(5);
    expect(some[1]?.largest).toBe(Math.max(...each.slice(5, 10)));
    expect(some[1]?.mean).toBeCloseTo(
      each.slice(5, 10).reduce((sum, norm) => sum + norm / 5, 0),
      10,
    );
    let saved: Checkpoint | undefined;
    await norms(
      { gradientClip: 0.5 },
      {
        async onCheckpoint(one) {
          saved ??= one;
        },
      },
    );
    const resume = decodeCheckpoint(encodeCheckpoint(saved as Checkpoint), "test");
    expect(resume.step).toBe(7);
    expect(await norms({ gradientClip: 0.5 }, { resume })).toEqual(some.slice(1));
  });

  it("leaves the event loop its turns", async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await trained(startFit(tinyJob({ config: { steps: 400, logEvery: 400, checkpointEvery: 400 } })));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });
});

it("feeds every class equally often where asked, and to the same bits each time", async () => {
  // A tenth of the rows is of class 1.
  const plain = tinyJob({ method: { name: "source-only" } });
  const labels = Int32Array.from(plain.labels, (_, i) => (i % 10 === 0 ? 1 : 0));
  const of = async (sourceSampling: "shuffled" | "balanced"): Promise<unknown> => {
    const config = { ...plain.config, sourceSampling };
    const { state } = await trained(startFit({ ...plain, labels, config }));
    return [...state].map(([name, { data }]) => [name, [...data]]);
  };
  const balanced = await of("balanced");
  expect(await of("balanced")).toEqual(balanced);
  expect(await of("shuffled")).not.toEqual(balanced);
});

describe("snapshots", () => {
  it("predict with the state of their step, and not afterwards", async () => {
    const job = tinyJob({ config: { steps: 200 } });
    let kept: Snapshot | undefined;
    let last: Float32Array | undefined;
    const accuracies: number[] = [];
    const events = await eventsOf(job, {
      onEpoch: async (snapshot) => {
        kept = snapshot;
        const { logits, features, featureWidth } = await snapshot.predict(job.source, "source");
        expect(featureWidth).toBe(8);
        expect(features).toHaveLength(60 * 8);
        last = logits;
        const right = job.labels.reduce(
          (n, label, i) => n + (Number((logits[2 * i + 1] ?? 0) > (logits[2 * i] ?? 0)) === label ? 1 : 0),
          0,
        );
        accuracies.push(right / 60);
        return { validators: { one: 1 }, scores: { source: right / 60 } };
      },
    });
    expect(events.filter((event) => event.type === "epoch").at(-1)).toMatchObject({
      validators: { one: 1 },
      scores: { source: accuracies.at(-1) },
    });
    expect(accuracies.at(-1)).toBeGreaterThan(0.85);
    expect(last).toHaveLength(120);
    expect(() => kept?.state()).toThrow(/snapshot of step 200/);
  });

  it("use the source's statistics for a network that never saw the target", async () => {
    const job = tinyJob({ method: { name: "source-only" } });
    await eventsOf(job, {
      onEpoch: async (snapshot) => {
        const { logits } = await snapshot.predict(job.source, "target", { features: false });
        expect(logits.every(Number.isFinite)).toBe(true);
        return { validators: {}, scores: {} };
      },
    });
  });
});

describe("ends", () => {
  it("stops after the step in progress when the signal says so", async () => {
    const controller = new AbortController();
    const events: TrainEvent[] = [];
    const run = startFit(tinyJob(), { signal: controller.signal });
    for await (const event of run) {
      events.push(event);
      if (event.type === "step" && event.step === 10) controller.abort();
    }
    expect(events.at(-1)).toMatchObject({ type: "done", step: 10, reason: "aborted" });
    expect(await run.result).toMatchObject({ step: 10, reason: "aborted", apart: "statistics" });
  });

  it("gives a reader that leaves what was trained until then", async () => {
    const run = startFit(tinyJob());
    for await (const event of run) if (event.type === "step") break;
    expect(await run.result).toMatchObject({ step: 5, reason: "aborted" });
  });

  it("says how far the state is when the reader leaves in the middle of a run of several steps", async () => {
    const job = tinyJob({ config: { steps: 300, logEvery: 300, checkpointEvery: 300 } });
    const run = startFit(job);
    for await (const event of run) if (event.type === "epoch" && event.step > 100) break;
    const { step, state } = await run.result;
    const states: [number, State][] = [];
    for await (const _ of startFit(
      { ...job, config: { ...job.config, checkpointEvery: step } },
      {
        onCheckpoint: async (checkpoint) => {
          states.push([checkpoint.step, checkpoint.state]);
        },
      },
    ));
    expect(states.find(([at]) => at === step)?.[1]).toEqual(state);
  });

  it("stops at a loss that is no number, with the step and the term", async () => {
    const job = tinyJob({ config: { rate: { name: "constant", value: 1e30 } } });
    const run = startFit(job);
    const error = await errorOf(trained(run));
    expect(error.code).toBe("diverged");
    expect(error.message).toMatch(/(labelLoss|domainLoss|loss) .* at step \d+$/);
    expect(await errorOf(run.result)).toBe(error);
  });

  it.each([
    ["labels of another length", { labels: new Int32Array(59) }, /expected a label for each of 60 source rows, got 59/],
    ["a label beyond the classes", { classes: 1 }, /label of source row 1: expected 0 to 0, got 1/],
    ["no target", { target: undefined }, /needs rows of the target, got none/],
  ])("refuses %s", async (_, change, message) => {
    const job = { ...tinyJob(), ...change } as TrainJob;
    expect((await errorOf(trained(startFit(job)))).message).toMatch(message);
  });
});
