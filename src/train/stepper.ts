/**
 * Runs a compiled training step again and again, small ones many at a time. State lives in two sets of buffers that
 * swap roles, rows and noise are written into the same buffers each time: once warm, a run allocates next to nothing.
 */
import { inputsOf, topologicalOrder } from "../graph/graph.ts";
import { arrayTypes, sizeOf, type Tensor } from "../graph/tensor.ts";
import type { Backend, Executable } from "../runtime/backend.ts";
import { type Feeder, feedersOf, type StepInputs, scalarFeeders } from "./feeders.ts";
import type { TrainJob } from "./job.ts";
import { copyState, type State } from "./state.ts";
import type { TrainingStep } from "./step.ts";

export interface Stepper {
  /**
   * Does the steps after `done`, at most `limit` of them, and returns how many it did. Rows and noise are a function of
   * the seed and the number of the step alone; how steps are grouped changes no bit.
   */
  run(done: number, limit: number, inputsAt: (done: number) => StepInputs): Promise<number>;
  /** Parts of the loss by name, one value for each step of the last run. */
  readonly terms: ReadonlyMap<string, Float32Array>;
  /** The norm of the gradient before it is clipped, in the same way; undefined where it is not. */
  readonly gradientNorm: Float32Array | undefined;
  /** The current state, live: the next run but one overwrites it. What no step changes may be changed in place. */
  state(): State;
  dispose(): Promise<void>;
}

/** Longest time in milliseconds of a run of several steps: signals are heard between runs. */
const longestRun = 20;

/**
 * Largest number of steps in one run, by the size of what is fed to each: a call into the engine takes tens of
 * microseconds, which only matters beside small steps. Convolutions take milliseconds. A function of the graph alone,
 * so that a run and its resumption use the same compilation.
 */
function mostSteps(step: TrainingStep, fedBytes: number): number {
  const order = topologicalOrder(Object.values(step.graph.outputs));
  if (order.some(({ op }) => op === "Conv" || op === "ConvTranspose")) return 1;
  // Powers of two, so that few sets of buffers serve every number of steps.
  const most = 2 ** Math.floor(Math.log2(Math.max(1, 2 ** 24 / fedBytes)));
  return most < 4 ? 1 : Math.min(64, most);
}

/** Where a stepper begins. */
export interface Opening {
  readonly state: State;
  /** Number of steps done at which its phase begins: 0, but for the second of two phases. */
  readonly phase: number;
}

export async function createStepper(
  job: TrainJob,
  step: TrainingStep,
  backend: Backend,
  { state: initial, phase }: Opening,
): Promise<Stepper> {
  const reads = inputsOf(step.graph);
  // A method need not read everything that is on offer: source-only has no lambda, SGD no step number.
  const first = copyState(initial);
  const offered = [...feedersOf(job, step, first), ...scalarFeeders(phase)];
  const feeders = offered.filter(({ name }) => reads.has(name));
  const most = mostSteps(
    step,
    feeders.reduce((sum, { dims, dtype }) => sum + sizeOf(dims) * arrayTypes[dtype].BYTES_PER_ELEMENT, 0),
  );
  const executable = await compile(step, backend, feeders, most, job.config.threads);
  const changed = new Set(step.changed);

  // Two sets: one is read while the other is written. State that no step changes is shared between them.
  const second: State = new Map(
    [...first].map(([name, { dims, data }]) => [
      name,
      changed.has(name) ? { dims, data: data.slice() } : { dims, data },
    ]),
  );
  const sides = [first, second] as const;
  let current: 0 | 1 = 0;

  const buffers = feeders.map(({ dtype, dims }) => new arrayTypes[dtype](most * sizeOf(dims)));
  const terms = new Map(step.terms.map((name) => [name, new Float32Array(most)]));
  const gradientNorm = step.tellsNorm ? new Float32Array(most) : undefined;
  const told = [
    ...[...terms].map(([name, data]) => [`term:${name}`, data] as const),
    ...(gradientNorm === undefined ? [] : [["gradientNorm", gradientNorm] as const]),
  ];
  const frames = new Map<number, readonly [Frame, Frame]>();
  /** Views of the buffers for a run of `count` steps, for either direction between the sides. */
  const framesOf = (count: number): readonly [Frame, Frame] => {
    const known = frames.get(count);
    if (known !== undefined) return known;
    const stacked = (dims: readonly number[]): readonly number[] => (most === 1 ? dims : [count, ...dims]);
    const fed = feeders.map(({ name, dtype, dims }, i) => {
      const data = buffers[i]?.subarray(0, count * sizeOf(dims));
      return [name, { dtype, dims: stacked(dims), data } as Tensor] as const;
    });
    const frame = (from: State, to: State): Frame => {
      const feeds: Record<string, Tensor> = Object.fromEntries(fed);
      const into: Record<string, Tensor> = {};
      for (const [name, value] of from)
        if (reads.has(`state:${name}`)) feeds[`state:${name}`] = { dtype: "float32", ...value };
      for (const [name, value] of to) if (changed.has(name)) into[`next:${name}`] = { dtype: "float32", ...value };
      for (const [name, data] of told)
        into[name] = { dtype: "float32", dims: stacked([]), data: data.subarray(0, count) };
      return { feeds, into };
    };
    const made = [frame(first, second), frame(second, first)] as const;
    frames.set(count, made);
    return made;
  };

  let fitting = 1;
  return {
    terms,
    gradientNorm,
    async run(done, limit, inputsAt) {
      const count = Math.min(fitting, 2 ** Math.floor(Math.log2(Math.max(1, limit))));
      const began = performance.now();
      feeders.forEach((feeder, i) => {
        const buffer = buffers[i];
        if (buffer !== undefined) feeder.fill(buffer, done, count, inputsAt);
      });
      const { feeds, into } = framesOf(count)[current];
      await executable.run(feeds, into);
      current = current === 0 ? 1 : 0;
      const perStep = (performance.now() - began) / count;
      fitting = Math.min(most, 2 * fitting, 2 ** Math.max(0, Math.floor(Math.log2(longestRun / perStep))));
      return count;
    },
    state: () => sides[current],
    dispose: () => executable.dispose(),
  };
}

interface Frame {
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly into: Readonly<Record<string, Tensor>>;
}

function compile(
  step: TrainingStep,
  backend: Backend,
  feeders: readonly Feeder[],
  most: number,
  threads: number,
): Promise<Executable> {
  if (most === 1) return backend.compile(step.graph, { threads });
  const carried = Object.fromEntries(step.changed.map((name) => [`next:${name}`, `state:${name}`]));
  return backend.compileSteps(step.graph, { carried, stacked: feeders.map(({ name }) => name) }, { threads });
}
