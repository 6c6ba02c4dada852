/** Options that several methods share. */
import { z } from "zod";
import type { DomainLossReading } from "../dann/energy.ts";
import { classWeightOptions } from "./class-weights.ts";

/** Losses of labels that are numbers. */
const regressionLosses = ["squared", "huber"] as const;

/** Every method reads these: they are the label loss's. */
export const labelOptions = {
  labelSmoothing: z.number().min(0).lt(1).default(0).describe("share of a class label that is spread over all classes"),
  regressionLoss: z
    .enum(regressionLosses)
    .default("squared")
    .describe("label loss of a regression: squared error, or Huber's, which outliers pull less"),
  huberDelta: z
    .number()
    .positive()
    .default(1)
    .describe("error at which Huber's loss goes from squared to absolute, in deviations of the label"),
};

const readings: readonly [DomainLossReading, DomainLossReading] = ["sum", "half"];

/** Whether the domain classifier tells several sources apart. */
export const sourceReadings = ["apart", "pooled"] as const;

/** Of methods with a domain classifier. */
export const domainOptions = {
  domainLoss: z.enum(readings).default("sum").describe("sum of the domains' mean losses, or half of it"),
  domainWeight: z.number().nonnegative().default(1).describe("factor of the whole domain loss"),
  domainLabelSmoothing: z
    .number()
    .min(0)
    .lt(0.5)
    .default(0)
    .describe("environment label smoothing of the domain labels"),
  sourceDomains: z
    .enum(sourceReadings)
    .default("apart")
    .describe("several sources: apart, a class of the domain classifier for each; or pooled, one for all"),
  domainGradientPenalty: z
    .number()
    .nonnegative()
    .default(0)
    .describe("factor of a penalty that keeps the domain classifier flat at the rows"),
  domainSpectralNorm: z
    .boolean()
    .default(false)
    .describe("divide each weight of the domain classifier by its largest singular value"),
  ...classWeightOptions,
};
