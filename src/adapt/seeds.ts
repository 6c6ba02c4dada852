/** Several seeds of one configuration: means with their spread, and the paired difference to source-only. */
import * as z from "zod";
import { type AdaptResult, type ModelRow, modelRow } from "./result.ts";
import { verdictCodes, verdictCounts } from "./verdict.ts";

const spread = z
  .object({
    mean: z.number(),
    sd: z.number().nullable().describe("standard deviation between seeds (n - 1); null for one seed"),
    n: z.int(),
  })
  .describe("over seeds");

const rowSummary = z.object({
  name: z.string(),
  selection: modelRow.shape.selection,
  selectable: z.boolean(),
  source: spread.describe("on source rows"),
  target: spread.nullable().describe("on target rows; null unless target labels were given"),
  difference: spread.nullable().describe("on target rows, minus source-only's of the same seed"),
});

export const seedsSummary = z.object({
  schema: z.literal(1),
  runs: z.array(z.string()).describe("a run folder for each seed"),
  seeds: z.array(z.int()),
  metric: z
    .enum(["accuracy", "rmse"])
    .default("accuracy")
    .describe("what source, target and difference are of; rmse of regressions, in the label's unit: lower is better"),
  models: z.array(rowSummary),
  verdicts: z.partialRecord(z.enum(verdictCodes), z.int()).describe("how often each verdict was given"),
});

export type SeedsSummary = z.output<typeof seedsSummary>;
type Spread = z.output<typeof spread>;

/** Rows are matched by name and selection; one that a seed lacks (its training diverged) has a smaller n. */
export function summariseSeeds(results: readonly AdaptResult[]): SeedsSummary {
  const keyOf = ({ name, selection }: { name: string; selection: string }): string => `${name} ${selection}`;
  const keys = [...new Set(results.flatMap(({ models }) => models.map(keyOf)))];
  const models = keys.flatMap((key) => {
    const found = results.flatMap((result) => {
      const row = result.models.find((one) => keyOf(one) === key);
      const baseline = result.models.find(({ name }) => name === "source-only");
      return row === undefined ? [] : [{ row, baseline }];
    });
    const [first] = found;
    if (first === undefined) return [];
    const targets = found.flatMap(({ row }) => scoreOf(row, "target") ?? []);
    const differences = found.flatMap(({ row, baseline }) => {
      const [own, other] = [scoreOf(row, "target"), baseline && scoreOf(baseline, "target")];
      const comparable = own !== undefined && other !== undefined && row.scoredOn.target === baseline?.scoredOn.target;
      return comparable ? [own - other] : [];
    });
    return [
      {
        name: first.row.name,
        selection: first.row.selection,
        selectable: first.row.selectable,
        source: spreadOf(found.flatMap(({ row }) => scoreOf(row, "source") ?? [])),
        target: targets.length === 0 ? null : spreadOf(targets),
        difference: differences.length === 0 || first.row.name === "source-only" ? null : spreadOf(differences),
      },
    ];
  });
  const verdicts = verdictCounts(results.map(({ verdict }) => verdict.code));
  return {
    schema: 1,
    runs: results.flatMap(({ run }) => (run === null ? [] : [run])),
    seeds: results.map(({ seed }) => seed),
    metric: results.some(({ task }) => task.kind === "regression") ? "rmse" : "accuracy",
    models,
    verdicts,
  };
}

/** Accuracy, or of a regression the root of the mean squared error. */
const scoreOf = ({ metrics, errors }: ModelRow, domain: "source" | "target"): number | undefined =>
  metrics[domain]?.accuracy ?? errors?.[domain]?.rmse;

export function spreadOf(values: readonly number[]): Spread {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: n < 2 ? null : Math.sqrt(squares / (n - 1)), n };
}
