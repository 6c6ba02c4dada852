/** What is measured during and after training, and on how many rows. */
import * as z from "zod";
import { selectNames } from "./selection.ts";

export const evaluateConfig = z.strictObject({
  holdout: z
    .number()
    .positive()
    .max(0.5)
    .default(0.1)
    .describe("share of the source that is held out (stratified, groups whole) where no source test rows are given"),
  sample: z
    .int()
    .min(10)
    .default(2000)
    .describe("most rows of each domain that an evaluation during training looks at; results use all rows"),
  evaluations: z
    .int()
    .positive()
    .default(50)
    .describe("most evaluations during training; with more epochs than this, every n-th epoch is evaluated"),
  select: z
    .enum(selectNames)
    .optional()
    .describe(
      "what chooses the method's epoch, without target labels: auto (default; information maximisation among epochs that keep the source's accuracy), last, reverse (the last; reverse validation decides between the method and source-only: two more trainings), or a validator; of a regression auto is last",
    ),
  healthEvery: z
    .int()
    .positive()
    .optional()
    .describe("also look at the method's health at every n-th evaluation while it trains; absent: at the end alone"),
  adabn: z.boolean().default(true).describe("add the AdaBN row where the network has batch normalisation"),
  targetTrained: z
    .boolean()
    .default(true)
    .describe("where target labels are given, add the row that trains on them (not selectable)"),
});

export type EvaluateConfig = z.output<typeof evaluateConfig>;
