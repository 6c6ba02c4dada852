/** A comparison as data: what `dann compare --json` prints. Its JSON Schema is in `schemas/`. */
import * as z from "zod";
import { verdictCodes } from "../../adapt/verdict.ts";
import { differenceSchema, spreadSchema } from "../table.ts";

const count = z.int().nonnegative();

/** Which model of a run is compared. */
export const comparedModels = ["chosen", "selected", "last", "source-only"] as const;
export type ComparedModel = (typeof comparedModels)[number];

const run = z.object({
  run: z.string(),
  seed: z.int(),
  model: z.string().nullable().describe("name of the compared model; null where the run has none (it diverged)"),
  selection: z.string().nullable().describe("how its epoch was taken"),
  epoch: z.number().nullable(),
  source: z.number().nullable().describe("the metric on source rows that did not train"),
  target: z.number().nullable().describe("the metric on target rows; null unless labels were given"),
  verdict: z.enum(verdictCodes),
  seconds: z.number().nonnegative(),
});

const group = z.object({
  name: z.string().describe("A, B, …"),
  runs: z.array(run).describe("by seed"),
  source: spreadSchema.nullable(),
  target: spreadSchema.nullable(),
  verdicts: z.partialRecord(z.enum(verdictCodes), count).describe("how often each was given"),
  seconds: z.number().nonnegative().describe("mean of its runs"),
});

const paired = differenceSchema
  .extend({ p: z.number().nullable().describe("exact, two-sided, by flipping signs; null with more than 20 pairs") })
  .describe("the second less the first, paired by seed, with a 95 % interval (Student's t)");

export const compareDocument = z.object({
  schema: z.literal(1),
  model: z.enum(comparedModels).describe("chosen: the run's own; selected, last: of the method; source-only"),
  metric: z.enum(["accuracy", "balancedAccuracy", "macroF1"]),
  groups: z.array(group).describe("runs that differ in the seed alone"),
  differences: z
    .array(z.object({ key: z.string(), values: z.record(z.string(), z.unknown()).describe("by group") }))
    .describe("keys of the configuration that are not the same in all groups"),
  comparisons: z
    .array(
      z.object({
        of: z.string(),
        to: z.string().describe("the first group"),
        seeds: z.array(z.int()).describe("that both have"),
        source: paired.nullable(),
        target: paired.nullable(),
        refused: z.string().nullable().describe("why they are not compared"),
      }),
    )
    .describe("of each further group to the first"),
  warnings: z.array(z.string()),
  version: z.string().describe("of dann"),
});

export type CompareDocument = z.output<typeof compareDocument>;
