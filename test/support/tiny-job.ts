/** A job that trains in milliseconds and still has everything: dropout, batch statistics, momentum, both domains. */
import type { DenseRows } from "../../src/data/dataset.ts";
import type { EncodedRows } from "../../src/data/encode.ts";
import { fitPreprocess } from "../../src/data/preprocess.ts";
import { methodConfig } from "../../src/methods/config.ts";
import { random } from "../../src/random.ts";
import { type TrainConfigInput, trainConfig } from "../../src/train/config.ts";
import type { TrainJob } from "../../src/train/job.ts";

/** Two round clouds, one a class, `shift` to the right of the origin. */
export function clouds(rows: number, shift: number, seed: number): { rows: DenseRows; labels: Int32Array } {
  const draw = random(seed);
  const labels = Int32Array.from({ length: rows }, (_, i) => i % 2);
  const values = new Float32Array(2 * rows);
  labels.forEach((label, i) => {
    values[2 * i] = draw.normal() + 3 * label + shift;
    values[2 * i + 1] = draw.normal() - 2 * label;
  });
  return { rows: { kind: "dense", rows, width: 2, values }, labels };
}

export interface TinyOptions {
  readonly method?: Partial<TrainJob["method"]>;
  readonly network?: TrainJob["network"];
  readonly config?: Partial<TrainConfigInput>;
}

/** A job that has all that a job can have. */
export interface WholeJob extends TrainJob {
  readonly source: EncodedRows;
  readonly labels: Int32Array;
  readonly target: EncodedRows;
}

/** 60 source and 50 target rows, 16 + 12 a batch, 24 steps unless told otherwise. */
export function tinyJob({ method, network, config }: TinyOptions = {}): WholeJob {
  const source = clouds(60, 0, 1);
  const target = clouds(50, 1, 2);
  return {
    network: network ?? {
      name: "mlp",
      options: { hidden: [8], dropout: 0.2, batchNorm: "perDomain", domainHidden: [4] },
    },
    method: methodConfig.parse({ name: "dann", ...method }),
    classes: 2,
    preprocess: fitPreprocess(source.rows, target.rows, { standardise: "perDomain" }),
    source: source.rows,
    labels: source.labels,
    target: target.rows,
    config: trainConfig.parse({
      ...(config?.epochs === undefined ? { steps: 24 } : {}),
      batch: { source: 16, target: 12 },
      optimizer: { name: "sgd", momentum: 0.9 },
      rate: { name: "paper" },
      lambda: { name: "paper" },
      logEvery: 5,
      checkpointEvery: 7,
      ...config,
    }),
  };
}
