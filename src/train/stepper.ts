/**
 * Runs a compiled training step again and again. State lives in two sets of buffers that swap roles, rows and noise are
 * written into the same buffers each time: after the first step a run allocates next to nothing.
 */
import { batchStream } from "../data/batches.ts";
import { type EncodedRows, gather, gatherInto } from "../data/encode.ts";
import type { Domain } from "../domain.ts";
import { inputsOf } from "../graph/graph.ts";
import { sizeOf, type Tensor, type TensorOf } from "../graph/tensor.ts";
import { type Random, random } from "../random.ts";
import type { Backend } from "../runtime/backend.ts";
import type { TrainJob } from "./job.ts";
import { drawNoise } from "./noise.ts";
import { copyState, type State } from "./state.ts";
import type { TrainingStep } from "./step.ts";

/** What the schedules say about one step. */
export interface StepInputs {
  readonly lambda: number;
  readonly rate: number;
}

export interface Stepper {
  /** Does the step after `done` steps. Rows and noise are a function of the seed and `done` alone. */
  run(done: number, inputs: StepInputs): Promise<void>;
  /** Parts of the loss of the last step, by name. */
  readonly terms: ReadonlyMap<string, Float32Array>;
  /** The current state, live: the next step but one overwrites it. */
  state(): State;
  dispose(): Promise<void>;
}

type Float = TensorOf<"float32">;

export async function createStepper(
  job: TrainJob,
  step: TrainingStep,
  backend: Backend,
  initial: State,
): Promise<Stepper> {
  const executable = await backend.compile(step.graph, { threads: job.config.threads });
  const seeded = random(job.config.seed);
  const scalars = { lambda: scalar(), rate: scalar(), step: scalar() };
  const fillRows = step.reads.map((domain) => rowsOf(job, domain, seeded));
  const noises = [...step.noises].map(([name, spec]) => ({
    spec,
    stream: seeded.split("noise").split(name),
    tensor: floatTensor(spec.shape),
    name: `noise:${name}`,
  }));
  const terms = new Map(step.terms.map((name) => [name, new Float32Array(1)]));
  const changing: Record<string, Tensor> = Object.assign({}, ...fillRows.map((rows) => rows.feeds));
  for (const [name, tensor] of Object.entries(scalars)) changing[name] = tensor;
  for (const { name, tensor } of noises) changing[name] = tensor;

  // Two sets: one is read while the other is written. State that no step changes is shared between them.
  const changed = new Set(step.changed);
  const first = copyState(initial);
  const second: State = new Map(
    [...first].map(([name, { dims, data }]) => [
      name,
      changed.has(name) ? { dims, data: data.slice() } : { dims, data },
    ]),
  );
  // A method need not read everything that is on offer: source-only has no lambda, SGD no step number.
  const read = inputsOf(step.graph);
  const sides = [side(first, second), side(second, first)] as const;
  let current: 0 | 1 = 0;

  function side(from: State, to: State): { state: State; feeds: Record<string, Tensor>; into: Record<string, Tensor> } {
    const offered = { ...changing };
    const into: Record<string, Tensor> = {};
    for (const [name, value] of from) offered[`state:${name}`] = { dtype: "float32", ...value };
    const feeds = Object.fromEntries(Object.entries(offered).filter(([name]) => read.has(name)));
    for (const [name, value] of to) if (changed.has(name)) into[`next:${name}`] = { dtype: "float32", ...value };
    for (const [name, data] of terms) into[`term:${name}`] = { dtype: "float32", dims: [], data };
    return { state: from, feeds, into };
  }

  return {
    terms,
    async run(done, { lambda, rate }) {
      for (const rows of fillRows) rows.fill(done);
      for (const { spec, stream, tensor } of noises) drawNoise(spec, stream.split(done), tensor.data);
      scalars.lambda.data[0] = lambda;
      scalars.rate.data[0] = rate;
      scalars.step.data[0] = done + 1;
      const { feeds, into } = sides[current];
      await executable.run(feeds, into);
      current = current === 0 ? 1 : 0;
    },
    state: () => sides[current].state,
    dispose: () => executable.dispose(),
  };
}

/** Buffers of one domain's rows in the step's feeds, and a function that fills them for the step after `done`. */
function rowsOf(
  job: TrainJob,
  domain: Domain,
  seeded: Random,
): { feeds: Record<string, Tensor>; fill: (done: number) => void } {
  const rows: EncodedRows | undefined = domain === "source" ? job.source : job.target;
  if (rows === undefined) return { feeds: {}, fill: () => undefined };
  const batch = job.config.batch[domain];
  const indicesAt = batchStream(rows.rows, batch, seeded.split("batches").split(domain));
  const buffers = gather(rows, new Int32Array(batch), job.preprocess);
  const y = { dtype: "int64", dims: [batch], data: new BigInt64Array(batch) } as const;
  const feeds: Record<string, Tensor> = domain === "source" ? { "source/y": y } : {};
  for (const [name, tensor] of Object.entries(buffers)) feeds[`${domain}/${name}`] = tensor;
  return {
    feeds,
    fill(done) {
      const indices = indicesAt(done);
      gatherInto(rows, indices, buffers);
      if (domain === "source") for (let i = 0; i < batch; i++) y.data[i] = BigInt(job.labels[indices[i] ?? 0] ?? 0);
    },
  };
}

const floatTensor = (dims: readonly number[]): Float => ({
  dtype: "float32",
  dims,
  data: new Float32Array(sizeOf(dims)),
});
const scalar = (): Float => floatTensor([]);
