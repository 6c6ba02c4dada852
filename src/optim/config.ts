/** Optimisers by name, as a run's configuration has them. */
import { z } from "zod";
import { usageError } from "../errors.ts";
import type { Configured } from "../nn/configured.ts";
import { adam, adamw } from "./adam.ts";
import { withMaxNorm } from "./max-norm.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

interface Common {
  readonly weightDecay: number;
  readonly maxNorm?: number | undefined;
}

interface Moments extends Common {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** An optimiser by its name, with the options that it has. */
export type OptimizerConfig =
  | ({ readonly name: "sgd"; readonly momentum: number; readonly nesterov: boolean } & Common)
  | ({ readonly name: "adam" } & Moments)
  | ({ readonly name: "adamw" } & Moments);

const fraction = z.number().min(0).lt(1);
const weightDecay = z.number().nonnegative().default(0).describe("weight decay; biases and scales are exempt");
const maxNorm = z
  .number()
  .positive()
  .optional()
  .describe("largest norm of a unit's incoming weights; absent: no limit");
const moments = {
  beta1: fraction.default(0.9).describe("decay of the mean of gradients"),
  beta2: fraction.default(0.999).describe("decay of the mean of squared gradients"),
  epsilon: z.number().positive().default(1e-8).describe("added to the root of the second moment"),
  weightDecay,
  maxNorm,
};

export const optimizerConfig: z.ZodType<OptimizerConfig, Configured<OptimizerConfig>> = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("sgd").describe("gradient descent with momentum"),
    momentum: fraction.default(0.9).describe("share of the last direction that is kept"),
    nesterov: z.boolean().default(false).describe("look ahead along the momentum"),
    weightDecay,
    maxNorm,
  }),
  z.strictObject({ name: z.literal("adam").describe("Adam; weight decay inside the gradient"), ...moments }),
  z.strictObject({ name: z.literal("adamw").describe("Adam; weight decay on the weight itself"), ...moments }),
]);

export function makeOptimizer(config: OptimizerConfig): Optimizer {
  const optimizer = plainOptimizer(config);
  return config.maxNorm === undefined ? optimizer : withMaxNorm(optimizer, config.maxNorm);
}

function plainOptimizer(config: OptimizerConfig): Optimizer {
  switch (config.name) {
    case "sgd":
      return sgd(config);
    case "adam":
      return adam(config);
    case "adamw":
      return adamw(config);
    default:
      throw usageError("optimizer", `unknown optimiser ${String(config satisfies never)}`);
  }
}
