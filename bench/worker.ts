/**
 * One of our rows: times blocks of steps on one engine with one thread count. Arguments: row threads, where the row is
 * `native`, `wasm`, or `repeat`: native with many steps in one run.
 */
import { createInterface } from "node:readline";
import type { Tensor } from "../src/graph/index.ts";
import type { Executable, Feeds } from "../src/runtime/backend.ts";
import { openBackend } from "../src/runtime/node.ts";
import type { Timing, TimingRequest } from "./protocol.ts";
import { buildStep, changing, type Step, workloads } from "./workloads.ts";

const [row, threads] = [process.argv[2], Number(process.argv[3] ?? 1)] as const;
const backend = await openBackend(row === "wasm" ? "wasm" : "cpu");

/** Two sets of state that swap roles, as training does it. */
interface Driver {
  readonly executable: Executable;
  readonly loss: Float32Array;
  /** Steps that one run does. */
  readonly perRun: number;
  readonly sides: readonly [{ feeds: Feeds; into: Feeds }, { feeds: Feeds; into: Feeds }];
  done: number;
}

const drivers = new Map<string, Driver>();

async function driverOf(name: string): Promise<Driver> {
  const known = drivers.get(name);
  if (known !== undefined) return known;
  const workload = workloads.find((candidate) => candidate.name === name);
  if (workload === undefined) throw new Error(`no workload ${name}`);
  const step = buildStep(workload);
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
  const driver: Driver = { executable, loss, sides, perRun, done: 0 };
  drivers.set(name, driver);
  return driver;
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
): Driver["sides"][0] {
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

async function run(driver: Driver, steps: number): Promise<void> {
  for (let i = 0; i < steps; i += driver.perRun) {
    const { feeds, into } = driver.sides[driver.done++ % 2 === 0 ? 0 : 1];
    await driver.executable.run(feeds, into);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as TimingRequest;
  const driver = await driverOf(request.workload);
  await run(driver, request.warmup);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await run(driver, request.steps);
  const used = process.cpuUsage(cpu);
  const timing: Timing = {
    ms: (performance.now() - start) / request.steps,
    cpuMs: (used.user + used.system) / 1000 / request.steps,
    loss: driver.loss.at(-1) ?? Number.NaN,
    peakMB: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(timing)}\n`);
}
