/**
 * One of our rows: times blocks of steps on one engine with one thread count. Arguments: row threads, where the row is
 * `native`, `wasm`, or `repeat`: native with many steps in one run.
 */
import { createInterface } from "node:readline";
import { computeFeatures } from "../src/adapt/features.ts";
import type { PreprocessSpec } from "../src/data/preprocess.ts";
import type { Tensor } from "../src/graph/index.ts";
import type { Feeds } from "../src/runtime/backend.ts";
import { openBackend } from "../src/runtime/node.ts";
import type { Timing, TimingRequest } from "./protocol.ts";
import { resnet18 } from "./resnet18.ts";
import {
  buildStep,
  changing,
  checksum,
  type FeaturesWorkload,
  pixels,
  type Step,
  type TrainingWorkload,
  workloads,
} from "./workloads.ts";

const [row, threads] = [process.argv[2], Number(process.argv[3] ?? 1)] as const;
const backend = await openBackend(row === "wasm" ? "wasm" : "cpu");

/** One workload, ready to be timed. */
interface Driver {
  run(steps: number): Promise<void>;
  /** Of the last step. */
  loss(): number;
}

const drivers = new Map<string, Driver>();

async function driverOf(name: string): Promise<Driver> {
  const known = drivers.get(name);
  if (known !== undefined) return known;
  const workload = workloads.find((candidate) => candidate.name === name);
  if (workload === undefined) throw new Error(`no workload ${name}`);
  const driver = workload.kind === "training" ? await training(workload) : await extraction(workload);
  drivers.set(name, driver);
  return driver;
}

/** Two sets of state swap roles, as training does it. */
async function training(workload: TrainingWorkload): Promise<Driver> {
  const step = await buildStep(workload);
  const perRun = row === "repeat" ? workload.stepsPerRun : 1;
  const carried = Object.fromEntries(step.states.map((state) => [`next:${state}`, `state:${state}`]));
  const executable =
    perRun === 1
      ? await backend.compile(step.graph, { threads })
      : await backend.compileSteps(step.graph, { carried, stacked: changing }, { threads });
  const loss = new Float32Array(perRun);
  const fed = perRun === 1 ? step : { ...step, feeds: stackFeeds(step.feeds, perRun) };
  const [first, second] = [copies(step), copies(step)];
  const sides = [side(fed, first, second, loss), side(fed, second, first, loss)] as const;
  let done = 0;
  return {
    async run(steps) {
      for (let i = 0; i < steps; i += perRun) {
        const { feeds, into } = sides[done++ % 2 === 0 ? 0 : 1];
        await executable.run(feeds, into);
      }
    },
    loss: () => loss.at(-1) ?? Number.NaN,
  };
}

/** Pixels to features, compilation included, as `adapt` does it before it trains on a frozen backbone. */
async function extraction({ shape, rows }: FeaturesWorkload): Promise<Driver> {
  const [channels = 0, height = 0, width = 0] = shape;
  const frozen = { extract: await resnet18({ train: "none" }), width: 512 };
  const none = Array.from({ length: channels }, () => 0);
  const size = { height, width, channels: channels === 3 ? channels : 1 } as const;
  const preprocess: PreprocessSpec = {
    kind: "image",
    ...size,
    resize: false,
    scale: 1 / 255,
    centre: "none",
    source: none,
    target: none,
  };
  const images = { kind: "image", rows, ...size, pixels: pixels(rows * channels * height * width) } as const;
  const values = new Float32Array(rows * frozen.width);
  return {
    async run(passes) {
      for (let pass = 0; pass < passes; pass++)
        await computeFeatures({ preprocess, frozen, backend, domain: "source", threads }, images, values);
    },
    loss: () => checksum(values),
  };
}

/** The same rows for each of the steps of a run. */
function stackFeeds(feeds: Feeds, steps: number): Feeds {
  const stacked = Object.entries(feeds).map(([name, tensor]) => {
    if (!changing.includes(name)) return [name, tensor];
    const bytes = new Uint8Array(tensor.data.byteLength * steps);
    const one = new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
    for (let step = 0; step < steps; step++) bytes.set(one, step * one.length);
    const data = tensor.dtype === "int64" ? new BigInt64Array(bytes.buffer) : new Float32Array(bytes.buffer);
    return [name, { ...tensor, dims: [steps, ...tensor.dims], data }];
  });
  return Object.fromEntries(stacked) as Feeds;
}

const copies = (step: Step): Record<string, Tensor> =>
  Object.fromEntries(
    step.states.map((name) => {
      const tensor = step.feeds[`state:${name}`] as Tensor;
      return [name, { ...tensor, data: tensor.data.slice() } as Tensor];
    }),
  );

function side(
  step: Step,
  from: Record<string, Tensor>,
  to: Record<string, Tensor>,
  loss: Float32Array,
): { feeds: Feeds; into: Feeds } {
  const feeds: Record<string, Tensor> = { ...step.feeds };
  const into: Record<string, Tensor> = {
    "term:loss": { dtype: "float32", dims: loss.length === 1 ? [] : [loss.length], data: loss },
  };
  for (const name of step.states) {
    feeds[`state:${name}`] = from[name] as Tensor;
    into[`next:${name}`] = to[name] as Tensor;
  }
  return { feeds, into };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as TimingRequest;
  const driver = await driverOf(request.workload);
  await driver.run(request.warmup);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await driver.run(request.steps);
  const used = process.cpuUsage(cpu);
  const timing: Timing = {
    ms: (performance.now() - start) / request.steps,
    cpuMs: (used.user + used.system) / 1000 / request.steps,
    loss: driver.loss(),
    peakMB: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(timing)}\n`);
}
