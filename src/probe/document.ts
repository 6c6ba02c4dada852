/** What a probe finds, as `dann probe --json` prints it; its JSON Schema is in `schemas/`. */
import * as z from "zod";
import { recommendationCodes } from "./recommend.ts";

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
const pad = z.number().min(0).max(2);

const dataset = z.object({
  origin: z.string(),
  rows: count,
  classes: z
    .array(z.object({ name: z.string(), rows: count }))
    .nullable()
    .describe("null where no labels were given"),
  imbalance: z.number().nullable().describe("rows of the largest class for each of the smallest"),
});

const apart = z.object({
  distance: pad.describe("proxy A-distance, 0: cannot be told apart, 2: always"),
  low: pad,
  high: pad.describe("ends of its 95 % interval"),
  accuracy: share.describe("rows told right by a linear classifier that has not seen them; .5 by chance"),
  neighbours: share.describe(
    "the same of the better of a linear classifier and five nearest neighbours, on half the rows",
  ),
  chance: z.boolean().describe("whether neither tells the domains apart better than chance"),
  rows: count.describe("rows judged, as many of each domain"),
});

const statistics = z.object({ mean: z.number(), deviation: z.number() });
const rowPair = z.object({ source: z.string(), target: z.string() });

export const probeDocument = z.object({
  schema: z.literal(1),
  source: dataset,
  target: dataset,
  features: z.object({
    kind: z.enum(["columns", "features", "pixels", "signal", "backbone"]).describe("what the domains are separated by"),
    width: count,
  }),
  apart,
  separators: z
    .array(z.object({ column: z.string(), accuracy: share, why: z.string() }))
    .describe("columns that tell the domains apart by themselves"),
  withoutSeparators: apart.nullable().describe("without these columns; null where there are none, or no others"),
  top: z
    .array(
      z.object({
        name: z.string(),
        weight: z.number().describe("of the standardised feature; above 0 speaks for the target"),
        source: statistics,
        target: statistics,
      }),
    )
    .describe("features that the linear classifier goes by most"),
  duplicates: z.object({
    exact: z.object({
      rows: count.describe("target rows with the same values as a source row"),
      examples: z.array(rowPair),
    }),
    near: z.object({
      rows: count.describe("target rows, of those looked at, with an almost equal source row"),
      within: count.describe("the same among the target's own rows"),
      tolerance: z.number().describe("root mean square of the differences, in standard deviations"),
      looked: z.object({ source: count, target: count }),
      examples: z.array(rowPair),
    }),
  }),
  labelShift: z
    .object({
      run: z.string(),
      shares: z
        .array(z.object({ class: z.string(), source: share, target: share.describe("estimated") }))
        .nullable()
        .describe("null where they cannot be worked out"),
      distance: share.nullable().describe("total variation between them"),
      low: share.nullable(),
      high: share.nullable().describe("ends of its 95 % interval"),
    })
    .nullable()
    .describe("--run: shares of the classes, by what the run's model says"),
  warnings: z.array(z.string()),
  recommendation: z.object({
    code: z.enum(recommendationCodes),
    text: z.string(),
    flags: z.array(z.array(z.string()).readonly()).readonly().describe("flags of dann adapt to try"),
  }),
  files: z.array(z.string()).describe("what was written to --out"),
  seed: count,
});

export type ProbeDocument = z.output<typeof probeDocument>;
