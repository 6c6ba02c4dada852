/** What is written into the inputs of a step: rows by the seed's order, labels, noise, and what the schedules say. */
import { augmenter } from "../data/augment.ts";
import { balancedStream, batchStream } from "../data/batches.ts";
import { type EncodedRows, gather, gatherInto } from "../data/encode.ts";
import type { Domain } from "../domain.ts";
import { type DataOf, type DType, sizeOf, type Tensor } from "../graph/tensor.ts";
import { type Random, random } from "../random.ts";
import { labelledBatchOf, type TrainJob } from "./job.ts";
import { drawNoise } from "./noise.ts";
import { labelsName } from "./renewal.ts";
import type { State } from "./state.ts";
import type { TrainingStep } from "./step.ts";

/** What the schedules say about one step. */
export interface StepInputs {
  readonly lambda: number;
  readonly rate: number;
}

/** Fills one input for `count` steps, step after step in one buffer. */
export interface Feeder {
  readonly name: string;
  readonly dtype: DType;
  /** Of one step. */
  readonly dims: readonly number[];
  readonly fill: (buffer: DataOf[DType], done: number, count: number, inputsAt: (done: number) => StepInputs) => void;
}

const scalarFeeder = (name: string, valueAt: (done: number, inputs: StepInputs) => number): Feeder => ({
  name,
  dtype: "float32",
  dims: [],
  fill(buffer, done, count, inputsAt) {
    for (let i = 0; i < count; i++) buffer[i] = valueAt(done + i, inputsAt(done + i));
  },
});

/** @param began steps before those of this phase: optimisers and averages that start afresh count from there. */
export const scalarFeeders = (began: number): readonly Feeder[] => [
  scalarFeeder("lambda", (_, { lambda }) => lambda),
  scalarFeeder("rate", (_, { rate }) => rate),
  scalarFeeder("step", (done) => done + 1 - began),
];

/** Of rows and noise. */
export function feedersOf(job: TrainJob, step: TrainingStep, state: State): Feeder[] {
  const seeded = random(job.config.seed);
  const noises = [...step.noises].map(([name, spec]): Feeder => {
    const stream = seeded.split("noise").split(name);
    const size = sizeOf(spec.shape);
    return {
      name: `noise:${name}`,
      dtype: "float32",
      dims: spec.shape,
      fill(buffer, done, count) {
        const values = buffer as Float32Array;
        for (let i = 0; i < count; i++)
          drawNoise(spec, stream.split(done + i), values.subarray(i * size, (i + 1) * size));
      },
    };
  });
  const sets = [
    ...step.reads.map((domain) => (domain === "source" ? sourceRows(job) : targetRows(job, state))),
    labelledTargetRows(job),
  ];
  return [...sets.flatMap((set) => (set === undefined ? [] : rowFeeders(job, set, seeded))), ...noises];
}

/** `index`: int64; `real`: float32, as labels of a regression are. */
interface RowNumbers {
  readonly kind: "index" | "real";
  readonly of: ArrayLike<number>;
}

const indexOf = (of: ArrayLike<number> | undefined): RowNumbers | undefined => of && { kind: "index", of };

/** Rows that a batch has some of, and numbers of each that go with them. */
interface RowSet {
  /** First part of the inputs' names, and what its draws are named by. */
  readonly name: Domain | "labelledTarget";
  readonly rows: EncodedRows;
  /** Of a batch. */
  readonly batch: number;
  /** Classes that come equally often; undefined: every row once a pass. */
  readonly balanced?: Int32Array | undefined;
  /** A number of each row, by the input's name. */
  readonly numbers: Readonly<Record<string, RowNumbers | undefined>>;
}

/** Labels and, of several sources, which each row is from. */
function sourceRows({ source, labels, sources, target, config }: TrainJob): RowSet | undefined {
  if (source === undefined) return undefined;
  return {
    name: "source",
    rows: source,
    batch: config.batch.source,
    balanced: config.sourceSampling === "balanced" && labels instanceof Int32Array ? labels : undefined,
    numbers: {
      y: labels instanceof Float32Array ? { kind: "real", of: labels } : indexOf(labels),
      of: target === undefined ? undefined : indexOf(sources?.of),
    },
  };
}

/** What the method takes the rows for: labels of theirs are nowhere in a job. */
const targetRows = ({ target, config }: TrainJob, state: State): RowSet | undefined =>
  target && {
    name: "target",
    rows: target,
    batch: config.batch.target,
    numbers: { pseudoLabels: indexOf(state.get(labelsName)?.data) },
  };

function labelledTargetRows(job: TrainJob): RowSet | undefined {
  const batch = labelledBatchOf(job);
  if (job.labelledTarget === undefined || batch === undefined) return undefined;
  const { rows, labels } = job.labelledTarget;
  return { name: "labelledTarget", rows, batch: batch.rows, numbers: { y: indexOf(labels) } };
}

function rowFeeders(job: TrainJob, { name: set, rows, batch, balanced, numbers }: RowSet, seeded: Random): Feeder[] {
  const order = seeded.split("batches").split(set);
  const batchOf =
    balanced === undefined ? batchStream(rows.rows, batch, order) : balancedStream(balanced, batch, order);
  // All inputs of a set ask for the same batches, one after the other: the last answer is kept.
  let kept = { done: -1, count: 0, indices: new Int32Array(0) };
  const indicesOf = (done: number, count: number): Int32Array => {
    if (kept.done === done && kept.count === count) return kept.indices;
    const indices = new Int32Array(count * batch);
    for (let i = 0; i < count; i++) indices.set(batchOf(done + i), i * batch);
    kept = { done, count, indices };
    return indices;
  };
  const { augment } = job.config;
  const change =
    augment === undefined || job.preprocess.kind !== "image"
      ? undefined
      : augmenter(augment, job.preprocess, seeded.split("augment").split(set));
  const inputs = Object.entries(gather(rows, new Int32Array(batch), job.preprocess)).map(
    ([name, { dtype, dims }]): Feeder => ({
      name: `${set}/${name}`,
      dtype,
      dims,
      fill(buffer, done, count) {
        const data = buffer.subarray(0, count * sizeOf(dims));
        gatherInto(rows, indicesOf(done, count), {
          [name]: { dtype, dims: [count * batch, ...dims.slice(1)], data } as Tensor,
        });
        if (change === undefined || !(data instanceof Uint8Array)) return;
        for (let i = 0; i < count; i++) change(done + i, data.subarray(i * sizeOf(dims), (i + 1) * sizeOf(dims)));
      },
    }),
  );
  const numbered = Object.entries(numbers).flatMap(([name, row]): Feeder[] =>
    row === undefined ? [] : [{ name: `${set}/${name}`, dims: [batch], ...numbersOf(row, indicesOf) }],
  );
  return [...inputs, ...numbered];
}

/** Writes the numbers of the rows of a batch. */
function numbersOf(
  { kind, of }: RowNumbers,
  rowsOf: (done: number, count: number) => Int32Array,
): Pick<Feeder, "dtype" | "fill"> {
  return kind === "real"
    ? {
        dtype: "float32",
        fill(buffer, done, count) {
          rowsOf(done, count).forEach((row, i) => {
            buffer[i] = of[row] ?? 0;
          });
        },
      }
    : {
        dtype: "int64",
        fill(buffer, done, count) {
          const values = buffer as BigInt64Array;
          rowsOf(done, count).forEach((row, i) => {
            values[i] = BigInt(of[row] ?? 0);
          });
        },
      };
}
