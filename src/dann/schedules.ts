/**
 * Schedules are pure functions of progress p in [0, 1]: how lambda rises and the learning rate falls. Layers keep no
 * counters; the value of a step enters its graph as an input, so nothing is recompiled and a resumed run sees the same
 * numbers.
 */
import { z } from "zod";
import { usageError } from "../errors.ts";
import type { Configured } from "../nn/configured.ts";

declare const progressBrand: unique symbol;

/** Share of the training that is done, from 0 before the first step towards 1. Made by `progress` alone. */
export type Progress = number & { readonly [progressBrand]: true };

export type Schedule = (p: Progress) => number;

/** Progress before step number `done` (from 0) of `steps`. */
export function progress(done: number, steps: number): Progress {
  if (!(steps > 0 && done >= 0 && done <= steps))
    throw usageError("progress", `progress: expected 0 <= done <= steps and steps > 0, got ${done} of ${steps}`);
  return (done / steps) as Progress;
}

export const constant =
  (value: number): Schedule =>
  () =>
    value;

export interface PaperLambdaOptions {
  /** How fast lambda rises; default 10, "not optimised" (JMLR 17, section 5.2.2). */
  readonly gamma?: number;
  /** What it rises to; default 1. */
  readonly max?: number;
}

/**
 * lambda_p = max * (2 / (1 + exp(-gamma p)) - 1), from 0 at the start to almost max: a fresh domain classifier is all
 * noise, and its reversed gradient would only disturb (JMLR 17, section 5.2.2). Dassl has the same form. DeepDA's is
 * gamma = 1, which ends at .46 max.
 */
export const paperLambda =
  ({ gamma = 10, max = 1 }: PaperLambdaOptions = {}): Schedule =>
  (p) =>
    max * (2 / (1 + Math.exp(-gamma * p)) - 1);

export interface TllibLambdaOptions {
  /** Steps of the whole training: this form counts steps, not progress. */
  readonly steps: number;
  /** Steps i after which lambda is 2 / (1 + exp(-1)) - 1 = .46 of max; default 1000. */
  readonly rampSteps?: number;
  /** What it rises to; default 1. */
  readonly max?: number;
}

/**
 * max * (2 / (1 + exp(-i / rampSteps)) - 1) at step i, however long the training is (Transfer-Learning-Library's
 * `WarmStartGradientReverseLayer`): .46 at step 1,000, .99 at 5,000.
 */
export const tllibLambda = ({ steps, rampSteps = 1000, max = 1 }: TllibLambdaOptions): Schedule =>
  paperLambda({ gamma: steps / rampSteps, max });

export interface PaperRateOptions {
  /** Rate at the start; default 0.01. */
  readonly mu0?: number;
  /** Default 10. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
}

/** mu_p = mu0 / (1 + alpha p)^beta (JMLR 17, section 5.2.2): .01 at the start, .00261 half-way, .00166 at the end. */
export const paperRate =
  ({ mu0 = 0.01, alpha = 10, beta = 0.75 }: PaperRateOptions = {}): Schedule =>
  (p) =>
    mu0 / (1 + alpha * p) ** beta;

/** Half a cosine from `from` down to `to` (Loshchilov and Hutter 2017, without restarts). */
export const cosine =
  (from: number, to = 0): Schedule =>
  (p) =>
    to + (from - to) * (0.5 + 0.5 * Math.cos(Math.PI * p));

/** How lambda goes over progress, as a configuration has it. */
export type LambdaSchedule =
  | { readonly name: "paper"; readonly gamma: number; readonly max: number }
  | { readonly name: "tllib"; readonly rampSteps: number; readonly max: number }
  | { readonly name: "constant"; readonly value: number };

/** How the learning rate goes over progress, as a configuration has it. */
export type RateSchedule =
  | { readonly name: "paper"; readonly mu0: number; readonly alpha: number; readonly beta: number }
  | { readonly name: "cosine"; readonly from: number; readonly to: number }
  | { readonly name: "constant"; readonly value: number };

const positive = z.number().positive();
const lambdaMax = z.number().nonnegative().default(1).describe("what lambda rises to");

export const lambdaSchedule: z.ZodType<LambdaSchedule, Configured<LambdaSchedule>> = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("paper").describe("2 / (1 + exp(-gamma p)) - 1, times max"),
    gamma: positive.default(10).describe("how fast lambda rises"),
    max: lambdaMax,
  }),
  z.strictObject({
    name: z.literal("tllib").describe("the same curve over steps instead of progress"),
    rampSteps: positive.default(1000).describe("steps after which lambda is .46 of max"),
    max: lambdaMax,
  }),
  z.strictObject({
    name: z.literal("constant").describe("the same lambda throughout"),
    value: z.number().nonnegative().default(1).describe("lambda"),
  }),
]);

export const rateSchedule: z.ZodType<RateSchedule, Configured<RateSchedule>> = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("paper").describe("mu0 / (1 + alpha p)^beta"),
    mu0: positive.default(0.01).describe("rate at the start"),
    alpha: z.number().nonnegative().default(10).describe("how soon the rate falls"),
    beta: z.number().nonnegative().default(0.75).describe("how far the rate falls"),
  }),
  z.strictObject({
    name: z.literal("cosine").describe("half a cosine from `from` to `to`"),
    from: positive.default(1e-3).describe("rate at the start"),
    to: z.number().nonnegative().default(0).describe("rate at the end"),
  }),
  z.strictObject({
    name: z.literal("constant").describe("the same rate throughout"),
    value: positive.default(1e-3).describe("rate"),
  }),
]);

/** @param steps steps of the whole training, for the forms that count steps. */
export function makeLambdaSchedule(config: LambdaSchedule, steps: number): Schedule {
  switch (config.name) {
    case "paper":
      return paperLambda(config);
    case "tllib":
      return tllibLambda({ ...config, steps });
    case "constant":
      return constant(config.value);
    default:
      throw usageError("lambda-schedule", `unknown lambda schedule ${String(config satisfies never)}`);
  }
}

export function makeRateSchedule(config: RateSchedule): Schedule {
  switch (config.name) {
    case "paper":
      return paperRate(config);
    case "cosine":
      return cosine(config.from, config.to);
    case "constant":
      return constant(config.value);
    default:
      throw usageError("rate-schedule", `unknown rate schedule ${String(config satisfies never)}`);
  }
}
