/** A sweep as data: what `dann sweep --json` prints and its folder keeps. Its JSON Schema is in `schemas/`. */
import * as z from "zod";
import { verdictCodes } from "../../adapt/verdict.ts";
import { differenceSchema, madeSchema, spreadSchema } from "../table.ts";

const count = z.int().nonnegative();
const share = z.number().describe("mean over seeds");

const setting = z.object({
  name: z.string().describe("its words with blanks between"),
  values: z.record(z.string(), z.unknown()).describe("by key of the configuration"),
  rung: count.describe("the last one that it reached: an index into rungs"),
  standing: z
    .enum(["eligible", "below-floor", "harmed", "failed"])
    .describe(
      "below-floor: the source is classified clearly worse; harmed: some seed diverged or was judged worse than source-only",
    ),
  scores: z
    .object({
      sourceOnly: share.describe("source-only's accuracy on held-out source rows"),
      source: share.describe("that of the method as selected without target labels"),
      information: share.describe(
        "information maximisation on the target, 0 to 1: what chooses, but with --select reverse",
      ),
      reverseRisk: share
        .optional()
        .describe("risk of reverse validation of the method: with --select reverse, what chooses"),
      distance: share.describe("proxy A-distance of the domains in its features, 0 to 2"),
    })
    .nullable()
    .describe("means over the seeds that have a result, without target labels; null where none has"),
  verdicts: z.partialRecord(z.enum(verdictCodes), count).describe("how often each was given"),
  target: spreadSchema.nullable().describe("accuracy on target rows: scoring only; null unless labels were given"),
  difference: differenceSchema.nullable().describe("of it to source-only of the same seed: scoring only"),
  seconds: z.number().nonnegative().describe("of its jobs of the last rung"),
  jobs: z.array(z.object({ seed: z.int(), id: z.string().describe("its run is STORE/jobs/ID") })),
});

export const sweepDocument = z.object({
  schema: z.literal(1),
  source: z.string(),
  target: z.string(),
  search: z.enum(["grid", "random"]),
  keys: z.array(z.string()).describe("what was varied"),
  seeds: z.array(z.int()),
  rungs: z
    .array(
      z.object({
        settings: count,
        budget: z
          .object({ key: z.enum(["train.steps", "train.epochs"]), value: count })
          .nullable()
          .describe("null without halving"),
      }),
    )
    .describe("of successive halving, the smallest budget first; one without"),
  rule: z.string().describe("how settings are chosen"),
  settings: z.array(setting).describe("the best first; those that reached a later rung before the others"),
  winner: z
    .object({
      setting: count.describe("index into settings"),
      command: z.string().describe("trains its models again, to the same bits"),
    })
    .nullable()
    .describe("null where no setting is eligible"),
  failures: z.array(z.object({ setting: z.string(), seed: z.int(), job: z.string(), reason: z.string() })),
  command: z.string().describe("gives the sweep again"),
  made: madeSchema,
  version: z.string().describe("of dann"),
});

export type SweepDocument = z.output<typeof sweepDocument>;
export type SweepRow = SweepDocument["settings"][number];

export const sweepPlanDocument = z.object({
  schema: z.literal(1),
  dryRun: z.literal(true),
  store: z.string(),
  workers: count,
  threads: count,
  seeds: z.array(z.int()),
  rungs: sweepDocument.shape.rungs,
  settings: z
    .array(
      z.object({
        name: z.string(),
        jobs: z.array(z.object({ seed: z.int(), id: z.string(), state: z.enum(["finished", "begun", "to do"]) })),
      }),
    )
    .describe("of the first rung: which go on is not known yet"),
});
export type SweepPlanDocument = z.output<typeof sweepPlanDocument>;
