/** The measurements of `dann doctor`: the time of a real training step, and its numbers against the reference. */
import type { DenseRows, ImageRows } from "../data/dataset.ts";
import { fitPreprocess } from "../data/preprocess.ts";
import { inputsOf } from "../graph/graph.ts";
import { sizeOf, type Tensor } from "../graph/tensor.ts";
import { makeOptimizer } from "../optim/config.ts";
import { random } from "../random.ts";
import type { Backend, Fetches } from "../runtime/backend.ts";
import { referenceBackend } from "../runtime/reference.ts";
import { trainConfig } from "../train/config.ts";
import { checkedMethod, networkOf, type TrainJob } from "../train/job.ts";
import { initialState } from "../train/state.ts";
import { type TrainingStep, trainingStep } from "../train/step.ts";
import { createStepper } from "../train/stepper.ts";

const method = {
  name: "dann",
  domainLoss: "sum",
  domainWeight: 1,
  domainLabelSmoothing: 0,
  labelSmoothing: 0,
} as const;

/** Median milliseconds of one step of the paper's MNIST network on 64 + 64 grey images. */
export async function benchmark(backend: Backend, threads: number, steps = 12): Promise<number> {
  const chance = random("benchmark");
  const images = (): ImageRows => ({
    kind: "image",
    rows: 128,
    height: 28,
    width: 28,
    channels: 1,
    pixels: Uint8Array.from({ length: 128 * 28 * 28 }, () => chance.integer(256)),
  });
  const [source, target] = [images(), images()];
  const stepper = await open(
    {
      network: { name: "mnist", options: {} },
      method,
      classes: 10,
      preprocess: fitPreprocess(source, target),
      source,
      labels: Int32Array.from({ length: 128 }, (_, row) => row % 10),
      target,
      config: configOf({ batch: { source: 64, target: 64 }, threads }),
    },
    backend,
  );
  try {
    const times: number[] = [];
    for (let step = 0; step < steps; step++) {
      const began = performance.now();
      await stepper.run(step, 1, () => ({ lambda: 1, rate: 0.01 }));
      times.push(performance.now() - began);
    }
    // The first steps pay for memory and caches.
    return times.slice(2).sort((a, b) => a - b)[Math.floor((steps - 2) / 2)] ?? Number.NaN;
  } finally {
    await stepper.dispose();
  }
}

/**
 * One step of a small network (forward, backward, update) on an engine and on the float64 reference.
 * @returns the largest difference of any output, relative to the largest value of that output where that is above 1.
 */
export async function parity(backend: Backend): Promise<{ difference: number; ok: boolean }> {
  const chance = random("parity");
  const width = 6;
  const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => chance.normal());
  const rows: DenseRows = { kind: "dense", rows: 16, width, values: draw(16 * width) };
  const job: TrainJob = {
    network: { name: "mlp", options: { hidden: [8], domainHidden: [8], batchNorm: "perDomain" } },
    method,
    classes: 3,
    preprocess: fitPreprocess(rows, rows),
    source: rows,
    labels: Int32Array.from({ length: 16 }, (_, row) => row % 3),
    target: rows,
    config: configOf({ batch: { source: 16, target: 16 } }),
  };
  const step = stepOf(job);
  const state = initialState(step.carried, job.config.seed);
  const feeds: Record<string, Tensor> = {};
  for (const [name, { type }] of inputsOf(step.graph)) {
    const dims = type.shape.map(Number);
    const known = state.get(name.replace(/^state:/, ""));
    if (type.dtype === "int64")
      feeds[name] = { dtype: "int64", dims, data: BigInt64Array.from(job.labels ?? [], BigInt) };
    else feeds[name] = { dtype: "float32", dims, data: known?.data ?? draw(sizeOf(dims)).map(Math.abs) };
  }
  const run = async (engine: Backend): Promise<Fetches> => {
    const executable = await engine.compile(step.graph);
    try {
      return await executable.run(feeds);
    } finally {
      await executable.dispose();
    }
  };
  const [ours, exact] = [await run(backend), await run(referenceBackend())];
  let difference = 0;
  for (const [name, { data }] of Object.entries(exact)) {
    const expected = Array.from(data, Number);
    const got = Array.from(ours[name]?.data ?? [], Number);
    const scale = Math.max(1, ...expected.map(Math.abs));
    // Math.max of NaN is NaN: an engine that gives nothing or no numbers fails.
    for (const [i, value] of expected.entries())
      difference = Math.max(difference, Math.abs(value - (got[i] ?? Number.NaN)) / scale);
  }
  return { difference, ok: difference <= 1e-4 };
}

const configOf = (given: object): TrainJob["config"] =>
  trainConfig.parse({
    steps: 12,
    optimizer: { name: "sgd" },
    rate: { name: "paper" },
    lambda: { name: "paper" },
    ...given,
  });

function stepOf(job: TrainJob): TrainingStep {
  const { config } = job;
  return trainingStep({
    network: networkOf(job),
    method: checkedMethod(job),
    preprocess: job.preprocess,
    batch: config.batch,
    optimizer: makeOptimizer(config.optimizer),
    partRates: config.partRates,
    gradientClip: undefined,
    sources: job.sources === undefined ? "one" : "several",
  });
}

async function open(job: TrainJob, backend: Backend): ReturnType<typeof createStepper> {
  const step = stepOf(job);
  return createStepper(job, step, backend, { state: initialState(step.carried, job.config.seed), phase: 0 });
}
