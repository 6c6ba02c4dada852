/** Which method aligns the domains, and how its objective is written. */
import { z } from "zod";
import type { DomainLossReading } from "../dann/energy.ts";
import type { Configured } from "../nn/configured.ts";

export type MethodName = "source-only" | "dann";

/** A method by name, with all options; a method ignores those of terms that it does not have. */
export interface MethodConfig {
  readonly name: MethodName;
  /** Sum of the two domains' means (the paper's equation), or half of it. */
  readonly domainLoss: DomainLossReading;
  /** Factor of the whole domain loss, the domain classifier's own learning included. */
  readonly domainWeight: number;
  /** Environment label smoothing of the domain labels. */
  readonly domainLabelSmoothing: number;
  /** Share of a class label that is spread over all classes. */
  readonly labelSmoothing: number;
}

const smoothing = z.number().min(0);

export const methodConfig: z.ZodType<MethodConfig, Configured<MethodConfig>> = z.strictObject({
  name: z.enum(["source-only", "dann"]).describe("how the domains are aligned"),
  domainLoss: z.enum(["sum", "half"]).default("sum").describe("sum of the domains' mean losses, or half of it"),
  domainWeight: z.number().nonnegative().default(1).describe("factor of the whole domain loss"),
  domainLabelSmoothing: smoothing.lt(0.5).default(0).describe("environment label smoothing of the domain labels"),
  labelSmoothing: smoothing.lt(1).default(0).describe("share of a class label that is spread over all classes"),
});
