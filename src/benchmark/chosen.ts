/** What a baseline settled on without target labels: kept with its result, shown beside the table. */
import * as z from "zod";

export const chosenSetting = z
  .object({
    setting: z.record(z.string(), z.number()).describe("by name, such as lambda, hidden units or C"),
    by: z
      .enum(["reverse-validation", "source-hold-out"])
      .default("reverse-validation")
      .describe("whose risk: that of the way back from the target (JMLR 17, 5.1.2), or the classifier's own"),
    risk: z.number().describe("share of held-out source rows that are wrong"),
    tried: z.int().positive().describe("settings that were tried"),
  })
  .describe("the setting of the lowest risk");

export type ChosenSetting = z.output<typeof chosenSetting>;
