/** A row of a sweep's table: a setting with the means of its seeds. */
import type { AdaptResult } from "../../adapt/result.ts";
import { verdictCounts } from "../../adapt/verdict.ts";
import { parseValue } from "../../config/file.ts";
import type { DoneJobs } from "../run.ts";
import { pairedDifference, spreadOf } from "../statistics.ts";
import { comparedRows, meanRisk, type Standing, scoresOf } from "./choice.ts";
import type { SweepRow } from "./document.ts";
import type { PlannedSetting } from "./plan.ts";

export function rowOf(
  { setting, jobs }: PlannedSetting,
  standing: Standing,
  rung: number,
  { results }: Pick<DoneJobs, "results">,
): SweepRow {
  const found = jobs.flatMap(({ id }): AdaptResult[] => {
    const one = results.get(id);
    return one?.kind === "adapt" ? [one.result] : [];
  });
  const scores = found.map(scoresOf);
  const reverseRisk = meanRisk(scores);
  const mean = (values: readonly number[]): number => spreadOf(values).mean;
  return {
    name: setting.name,
    values: Object.fromEntries(
      setting.words.map((word) => {
        const at = word.indexOf("=");
        return [word.slice(0, at), parseValue(word.slice(at + 1), word)];
      }),
    ),
    rung,
    standing,
    scores:
      scores.length === 0
        ? null
        : {
            sourceOnly: mean(scores.map(({ sourceOnly }) => sourceOnly)),
            source: mean(scores.map(({ source }) => source)),
            information: mean(scores.map(({ information }) => information)),
            ...(reverseRisk !== undefined && { reverseRisk }),
            distance: mean(found.flatMap(({ domainDistance }) => domainDistance?.after ?? [])),
          },
    verdicts: verdictCounts(scores.map(({ verdict }) => verdict)),
    ...scoredOf(found),
    seconds: found.reduce((sum, { seconds }) => sum + seconds, 0),
    jobs: jobs.map(({ seed, id }) => ({ seed, id })),
  };
}

/** What labels of the target say, where there are any: for reading, never for choosing. */
function scoredOf(results: readonly AdaptResult[]): Pick<SweepRow, "target" | "difference"> {
  const targets: number[] = [];
  const differences: number[] = [];
  for (const result of results) {
    const { sourceOnly, adapted } = comparedRows(result);
    if (adapted?.metrics.target == null) continue;
    targets.push(adapted.metrics.target.accuracy);
    if (adapted !== sourceOnly && sourceOnly?.metrics.target != null)
      differences.push(adapted.metrics.target.accuracy - sourceOnly.metrics.target.accuracy);
  }
  return {
    target: targets.length === 0 ? null : spreadOf(targets),
    difference: differences.length === 0 ? null : pairedDifference(differences),
  };
}
