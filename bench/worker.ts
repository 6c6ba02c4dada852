/** One of our rows: times blocks of steps on one engine with one thread count. Arguments: device threads. */
import { createInterface } from "node:readline";
import type { Tensor } from "../src/graph/index.ts";
import type { Executable, Feeds } from "../src/runtime/backend.ts";
import { openBackend } from "../src/runtime/node.ts";
import type { Timing, TimingRequest } from "./protocol.ts";
import { buildStep, type Step, workloads } from "./workloads.ts";

const [device, threads] = [process.argv[2] === "wasm" ? "wasm" : "cpu", Number(process.argv[3] ?? 1)] as const;
const backend = await openBackend(device);

/** Two sets of state that swap roles, as training does it. */
interface Driver {
  readonly executable: Executable;
  readonly loss: Float32Array;
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
  const executable = await backend.compile(step.graph, { threads });
  const loss = new Float32Array(1);
  const [first, second] = [copies(step), copies(step)];
  const driver: Driver = {
    executable,
    loss,
    sides: [side(step, first, second, loss), side(step, second, first, loss)],
    done: 0,
  };
  drivers.set(name, driver);
  return driver;
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
  const into: Record<string, Tensor> = { "term:loss": { dtype: "float32", dims: [], data: loss } };
  for (const name of step.states) {
    feeds[`state:${name}`] = from[name] as Tensor;
    into[`next:${name}`] = to[name] as Tensor;
  }
  return { feeds, into };
}

async function run(driver: Driver, steps: number): Promise<void> {
  for (let i = 0; i < steps; i++) {
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
    loss: driver.loss[0] ?? Number.NaN,
    peakMB: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(timing)}\n`);
}
