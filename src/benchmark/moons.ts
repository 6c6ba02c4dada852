/**
 * The inter-twinning moons of JMLR 17, section 5.1: 300 points a domain, the target turned by 35 degrees, no target
 * label in training. Plain DANN: nothing but the adversary and a slower, lower lambda than the paper's.
 *
 * Tuned on target (design 6), on seeds from 100 up; seeds 0, 1, 2, ... are for reporting. Two rounds:
 *
 * - 17 settings on 3 to 20 seeds. `domainLoss: half` with lambda to 1 was best, .975 without a failed run in 20. On
 *   seeds 0 to 4 it had .973 .957 .987 .720 .963, mean .920: one run aligned the moons the wrong way round.
 * - 8 settings on seeds 100 to 159. Rising to lambda .5 at half the pace had the best worst run: mean .969, least .930.
 *   On seeds 0 to 4: .963 .943 .983 .983 .870, mean .949; source-only .793 .827 .800 .743 .780, mean .789.
 *   The first round's choice fails in about one run of twenty, larger batches and a faster domain classifier more often.
 *
 * Virtual adversarial training, 15 settings on the seeds 100 to 102 (the last two on 100 to 104): a radius of .28 a
 * number. Alone it had 1.000 on the three, as had DANN with it (`dann+vat`). VADA's entropy has to be light: weight .1 had
 * 1.000 .760 .730, .01 had 1.000 1.000 .977, .003 had 1.000 on all five. On the seeds 0 and 1 VADA is at .99 or better;
 * VAT alone had 1.000 .880.
 */
import type { Dataset } from "../data/dataset.ts";
import { encodeRows } from "../data/encode.ts";
import { fitPreprocess } from "../data/preprocess.ts";
import { moons } from "../data/synthetic/moons.ts";
import { methodConfig, readOptions } from "../methods/config.ts";
import type { MethodOptions } from "../methods/registry.ts";
import { type TrainConfigInput, trainConfig } from "../train/config.ts";
import type { NetworkConfig, TrainJob } from "../train/job.ts";

export const moonsRecipe: {
  readonly data: { readonly rows: number; readonly rotation: number; readonly noise: number };
  readonly network: NetworkConfig;
  readonly method: MethodOptions;
  readonly train: TrainConfigInput;
} = {
  data: { rows: 300, rotation: 35, noise: 0.05 },
  network: {
    name: "mlp",
    options: {
      ...{ batchNorm: "none", initialiser: "glorotUniform", reversalAt: "features" },
      ...{ hidden: [64, 64], activation: "tanh", domainHidden: [64] },
    },
  },
  // Options of several methods: each takes those that it reads.
  method: {
    domainLoss: "half",
    domainWeight: 1,
    domainLabelSmoothing: 0,
    labelSmoothing: 0,
    vatRadius: 0.28,
    entropyWeight: 0.003,
  },
  train: {
    steps: 1000,
    batch: { source: 32, target: 32 },
    optimizer: { name: "adam" },
    rate: { name: "cosine", from: 3e-3 },
    lambda: { name: "paper", gamma: 5, max: 0.5 },
    logEvery: 1000,
  },
};

export interface MoonsTask {
  readonly job: TrainJob;
  /** For scoring alone. */
  readonly targetLabels: Int32Array;
}

/** One run of the recipe: `seed` decides the points, the initial weights and the order of rows. */
export function moonsTask(seed: number, name: string): MoonsTask {
  const { data, network, method: objective, train } = moonsRecipe;
  const { source, target } = moons({ ...data, seed });
  const preprocess = fitPreprocess(source.rows, target.rows, { standardise: "source" });
  return {
    job: {
      network,
      method: methodConfig.parse({ ...readOptions(name, objective), name }),
      classes: 2,
      preprocess,
      source: encodeRows(source.rows, preprocess),
      labels: classesOf(source),
      target: encodeRows(target.rows, preprocess),
      config: trainConfig.parse({ ...train, seed }),
    },
    targetLabels: classesOf(target),
  };
}

const classesOf = ({ labels = [] }: Dataset): Int32Array => Int32Array.from(labels, Number);
