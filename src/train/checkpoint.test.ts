import { describe, expect, it } from "vitest";
import { tinyJob } from "../../test/support/tiny-job.ts";
import { random } from "../random.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, fingerprint } from "./checkpoint.ts";
import type { TrainEvent } from "./events.ts";
import { type FitOptions, fit as startFit } from "./fit.ts";
import type { TrainJob } from "./job.ts";
import type { State } from "./state.ts";

interface Outcome {
  readonly state: State;
  readonly events: readonly string[];
  readonly checkpoints: readonly Uint8Array[];
}

/** Events without what depends on the clock. */
const timeless = (event: TrainEvent): string =>
  JSON.stringify(event, (key, value) =>
    key === "stepsPerSecond" || key === "seconds" || key === "fromStep" ? 0 : value,
  );

async function run(job: TrainJob, options: FitOptions = {}, stopAt = Number.POSITIVE_INFINITY): Promise<Outcome> {
  const controller = new AbortController();
  const checkpoints: Uint8Array[] = [];
  const events: string[] = [];
  const stream = startFit(job, {
    ...options,
    signal: controller.signal,
    onCheckpoint: async (checkpoint) => {
      checkpoints.push(encodeCheckpoint(checkpoint));
    },
  });
  for await (const event of stream) {
    events.push(timeless(event));
    if ("step" in event && event.step >= stopAt) controller.abort();
  }
  return { state: (await stream.result).state, events, checkpoints };
}

const bits = (state: State): string =>
  JSON.stringify(
    [...state].map(([name, { dims, data }]) => [
      name,
      dims,
      [...new Uint32Array(data.buffer, data.byteOffset, data.length)],
    ]),
  );

const latest = ({ checkpoints }: Outcome): Checkpoint => {
  const bytes = checkpoints.at(-1);
  if (bytes === undefined) throw new Error("expected a checkpoint");
  return decodeCheckpoint(bytes, "checkpoint");
};

describe.each(["sgd", "adam"] as const)("resuming with %s", (optimizer) => {
  const job = tinyJob({ config: { steps: 60, logEvery: 7, checkpointEvery: 13, optimizer: { name: optimizer } } });

  it("gives the bits of a run that was never stopped, wherever it was stopped", async () => {
    const whole = await run(job);
    const draw = random("stops").split(optimizer);
    for (let trial = 0; trial < 4; trial++) {
      let sitting = await run(job, {}, 1 + draw.integer(25));
      // Two more stops, one of them from a resumed run.
      sitting = await run(job, { resume: latest(sitting) }, latest(sitting).step + 1 + draw.integer(25));
      sitting = await run(job, { resume: latest(sitting) });
      expect(bits(sitting.state)).toBe(bits(whole.state));
      // What divergence is told by as well.
      expect(latest(sitting).began?.labelLoss).toBeGreaterThan(0);
      expect(latest(sitting).began).toEqual(latest(whole).began);
      // Every event after the resumed step is there again, means over the interrupted interval included.
      expect(whole.events.slice(-sitting.events.length + 1)).toEqual(sitting.events.slice(1));
    }
  });

  it("resumes as well from the periodic checkpoint of a killed run", async () => {
    const whole = await run(job);
    for (const bytes of whole.checkpoints)
      expect(bits((await run(job, { resume: decodeCheckpoint(bytes, "checkpoint") })).state)).toBe(bits(whole.state));
  });
});

describe("checkpoints", () => {
  it("are written at their interval, at the end, and when training is aborted", async () => {
    const steps = (outcome: Outcome): number[] => outcome.checkpoints.map((bytes) => decodeCheckpoint(bytes, "c").step);
    expect(steps(await run(tinyJob()))).toEqual([7, 14, 21, 24]);
    expect(steps(await run(tinyJob(), {}, 10))).toEqual([7, 10]);
  });

  it("are refused for a job that differs, naming the part", async () => {
    const resume = latest(await run(tinyJob(), {}, 5));
    const message = async (job: TrainJob): Promise<string> =>
      run(job, { resume }).then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await message(tinyJob({ config: { seed: 1 } }))).toMatch(/differs in: training settings$/);
    expect(await message(tinyJob({ method: { domainLoss: "half" } }))).toMatch(/differs in: method$/);
    expect(await message(tinyJob({ network: { name: "mlp", options: { hidden: [9] } } }))).toMatch(
      /differs in: network$/,
    );
    expect(await message({ ...tinyJob(), labels: new Int32Array(60) })).toMatch(/differs in: data$/);
    // How often it reports does not decide the numbers.
    expect(await message(tinyJob({ config: { logEvery: 2, checkpointEvery: 3 } }))).toBe("");
  });

  it("are refused when their state does not fit", async () => {
    const resume = latest(await run(tinyJob(), {}, 5));
    const without = new Map(resume.state);
    without.delete("labelPredictor/logits/weight");
    const missing = [...resume.state.keys()].find((name) => name.startsWith("labelPredictor/")) ?? "";
    without.delete(missing);
    await expect(run(tinyJob(), { resume: { ...resume, state: without } })).rejects.toThrow(
      `the state ${missing} is missing`,
    );
    const wrong = new Map(resume.state).set(missing, { dims: [1], data: new Float32Array(1) });
    await expect(run(tinyJob(), { resume: { ...resume, state: wrong } })).rejects.toThrow(/got \[1\]/);
    const extra = new Map(resume.state).set("stray", { dims: [1], data: new Float32Array(1) });
    await expect(run(tinyJob(), { resume: { ...resume, state: extra } })).rejects.toThrow(/no state named stray/);
  });
});

it("class weights that are none leave a job what it was before there were any", () => {
  const job = tinyJob();
  const { classWeights: _w, classWeightsEvery: _e, classWeightsDecay: _d, ...before } = job.method;
  expect(fingerprint(job)).toEqual(fingerprint({ ...job, method: before }));
  const weighted = { ...job, method: { ...job.method, classWeights: "partial" as const } };
  expect(fingerprint(weighted)).not.toEqual(fingerprint(job));
});
