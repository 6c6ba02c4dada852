/** The measurements of `dann doctor`: the time of a real training step, and its numbers against the reference. */
import type { DenseRows, ImageRows } from "../data/dataset.ts";
import { fitPreprocess } from "../data/preprocess.ts";
import { makeOptimizer, optimizerConfig } from "../optim/config.ts";
import { random } from "../random.ts";
import type { Backend } from "../runtime/backend.ts";
import { referenceBackend } from "../runtime/reference.ts";
import { trainConfig } from "../train/config.ts";
import { checkedMethod, networkOf, type TrainJob } from "../train/job.ts";
import { initialState, type State } from "../train/state.ts";
import { trainingStep } from "../train/step.ts";
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

/** Three steps of a small network on an engine and on the float64 reference: the largest relative difference of a parameter. */
export async function parity(backend: Backend): Promise<{ difference: number; ok: boolean }> {
  const chance = random("parity");
  const rows = (): DenseRows => ({
    kind: "dense",
    rows: 32,
    width: 6,
    values: Float32Array.from({ length: 32 * 6 }, () => chance.normal()),
  });
  const [source, target] = [rows(), rows()];
  const job: TrainJob = {
    network: { name: "mlp", options: { hidden: [8], domainHidden: [8], batchNorm: "perDomain" } },
    method,
    classes: 3,
    preprocess: fitPreprocess(source, target),
    source,
    labels: Int32Array.from({ length: 32 }, (_, row) => row % 3),
    target,
    config: configOf({ batch: { source: 16, target: 16 } }),
  };
  const [ours, exact] = [await after(job, backend), await after(job, referenceBackend())];
  let difference = 0;
  for (const [name, { data }] of exact) {
    const got = ours.get(name)?.data;
    const scale = Math.max(1, ...data.map(Math.abs));
    data.forEach((value, i) => {
      difference = Math.max(difference, Math.abs(value - (got?.[i] ?? Number.NaN)) / scale);
    });
  }
  return { difference, ok: difference <= 1e-4 };
}

async function after(job: TrainJob, backend: Backend): Promise<State> {
  const stepper = await open(job, backend);
  try {
    for (let step = 0; step < 3; step++) await stepper.run(step, 1, () => ({ lambda: 0.5, rate: 0.05 }));
    return stepper.state();
  } finally {
    await stepper.dispose();
  }
}

const configOf = (given: object): TrainJob["config"] =>
  trainConfig.parse({
    steps: 12,
    optimizer: { name: "sgd" },
    rate: { name: "paper" },
    lambda: { name: "paper" },
    ...given,
  });

async function open(job: TrainJob, backend: Backend): ReturnType<typeof createStepper> {
  const { config } = job;
  const step = trainingStep({
    network: networkOf(job),
    method: checkedMethod(job),
    preprocess: job.preprocess,
    batch: config.batch,
    optimizer: makeOptimizer(optimizerConfig.parse({ name: "sgd" })),
    partRates: config.partRates,
    gradientClip: undefined,
  });
  return createStepper(job, step, backend, initialState(step.carried, config.seed));
}
