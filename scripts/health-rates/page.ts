/** The page of the rates, as Markdown. */
import type { Case } from "./cases.ts";

interface Times {
  readonly code: string;
  readonly times: number;
}

export interface CaseRates {
  readonly case: Pick<Case, "name" | "what" | "healthy">;
  readonly seeds: number;
  readonly expected: readonly Times[];
  /** Warnings that were not what was provoked: on a healthy run false alarms, on a broken one often true as well. */
  readonly others: readonly Times[];
  readonly verdicts: readonly Times[];
  /** By target labels, which no finding sees: the method's model has lost accuracy against source-only's. */
  readonly harmed: number;
}

const listed = (all: readonly Times[], of: number): string =>
  all.length === 0 ? "-" : all.map(({ code, times }) => `${code} ${times}/${of}`).join(", ");

export function healthPage(rates: readonly CaseRates[]): string {
  const rows = rates.map(({ case: { name, what, healthy }, seeds, expected, others, verdicts, harmed }) =>
    [
      `${name}: ${what}`,
      listed(expected, seeds),
      `${healthy === true ? "" : "(broken) "}${listed(others, seeds)}`,
      listed(verdicts, seeds),
      `${harmed}/${seeds}`,
    ].join(" | "),
  );
  return [
    "# What a run finds out about itself\n",
    "Every adaptation looks at its own model without target labels: `health` in `result.json`, below the verdict on the",
    "terminal. How often that is right is measured here, on made-up data that are healthy or broken on purpose",
    "(`scripts/health-rates/cases.ts`), 20 seeds each. Thresholds were settled on other seeds, from 100 up. Warnings on a",
    "healthy run are false alarms; on a broken one those beside the provoked finding are often true as well. Truly harmed: by",
    "the target's labels, which nothing else here sees, the method's model is 2 points or more below source-only. That a",
    "training is healthy does not mean that it gains.\n",
    "| case | what it should find | other warnings | verdicts | truly harmed |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
    "",
    "How far apart the domains lie in the features (`domainDistance`, and a fresh classifier in the findings) is measured in",
    "the directions that hold 95 % of their variance: adapted features keep tiny offsets between the domains in the others,",
    "which a classifier finds and a label predictor does not notice.\n",
    "What it costs stands in `spent` in `result.json`. MNIST -> MNIST-M, 60,000 and 60,000 rows, 3,000 steps, one thread, seed 0:",
    "validators and health took 5 % of 7 minutes (`dann adapt ... --network mnist --steps 3000 --no-target-trained`).\n",
    "Made by `npx tsx --conditions=dann-source scripts/make-health-rates.ts`.\n",
  ].join("\n");
}
