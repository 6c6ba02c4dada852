/**
 * Which setting of a sweep is taken, decided without target labels.
 *
 * The rule: a setting stands in one of four ways, the first being best.
 *
 * 1. `eligible`: no seed diverged or was judged worse than source-only (`negative-transfer`, `src/adapt/verdict.ts`), and
 *    the mean held-out source accuracy is not clearly below the best source-only of the whole sweep (`accuracyTolerance`,
 *    `src/evaluate/selection.ts`). One floor for all: a setting whose source-only is bad already would pass its own.
 * 2. `below-floor`: no seed was harmed, but the source is classified clearly worse.
 * 3. `harmed`: some seed diverged or was judged worse than source-only.
 * 4. `failed`: some seed has no result.
 *
 * Eligible settings are ordered by the mean over seeds of information maximisation on the target. With `--select reverse`
 * they are ordered by the mean risk of reverse validation of the method instead, the lowest first, as the paper chooses its
 * settings (JMLR 17, section 5.1.2), and by information among equals. Settings below the floor are ordered by what they
 * keep of the source, harmed ones by the number of harmed seeds and then by information. Equals keep the order in which
 * they were asked for. Only an eligible setting can win.
 *
 * It shares the weakness of what it stands on: information maximisation trusts a model that is sure and wrong, and of two
 * networks that are equally good the surer one wins.
 */
import type { AdaptResult } from "../../adapt/result.ts";
import type { VerdictCode } from "../../adapt/verdict.ts";
import { accuracyTolerance } from "../../evaluate/selection.ts";

/** What is known of one run without target labels. */
export interface SeedScores {
  readonly verdict: VerdictCode;
  /** Source-only's accuracy on held-out source rows. */
  readonly sourceOnly: number;
  /** That of the method's model as selected without target labels; source-only's where the method has none. */
  readonly source: number;
  /** Information maximisation of the same model on the target, 0 to 1. */
  readonly information: number;
  /** Of reverse validation, of the method; undefined where it was not asked for. */
  readonly reverseRisk?: number | undefined;
  /** Held-out rows. */
  readonly rows: number;
}

export type Standing = "eligible" | "below-floor" | "harmed" | "failed";

export interface Ranked {
  /** Place among the settings that were given. */
  readonly index: number;
  readonly standing: Standing;
}

/**
 * Settings from the best to the worst.
 * @param settings the scores of each, a value a seed; undefined for a seed without a result.
 */
export function rankSettings(settings: readonly (readonly (SeedScores | undefined)[])[]): Ranked[] {
  const known = settings.map((seeds) => seeds.filter((scores) => scores !== undefined));
  const baselines = known.flatMap((seeds) => (seeds.length === 0 ? [] : [meanOf(seeds, "sourceOnly")]));
  const best = Math.max(...baselines);
  const rows = Math.min(...known.flat().map((scores) => scores.rows));
  const floor = best - accuracyTolerance(best, rows);
  const standings = known.map((seeds, index): Standing => {
    if (seeds.length === 0 || seeds.length < (settings[index]?.length ?? 0)) return "failed";
    if (harmedSeeds(seeds) > 0) return "harmed";
    return meanOf(seeds, "source") < floor ? "below-floor" : "eligible";
  });
  const byRisk = orderOf(settings) === "reverse-risk";
  /** Smaller is better, the first difference decides. */
  const key = (index: number): number[] => {
    const seeds = known[index] ?? [];
    const standing = standings[index] ?? "failed";
    const first = order.indexOf(standing);
    if (seeds.length === 0) return [first];
    switch (standing) {
      case "eligible":
        return [first, ...(byRisk ? [meanRisk(seeds) ?? 1] : []), -meanOf(seeds, "information")];
      case "below-floor":
        return [first, -meanOf(seeds, "source")];
      case "harmed":
      case "failed":
        return [first, harmedSeeds(seeds), -meanOf(seeds, "information")];
      default:
        throw new Error(`unknown standing ${String(standing satisfies never)}`);
    }
  };
  return settings
    .map((_, index) => ({ index, standing: standings[index] ?? "failed", key: key(index) }))
    .sort((a, b) => {
      const at = a.key.findIndex((value, i) => value !== b.key[i]);
      return at < 0 ? 0 : (a.key[at] ?? 0) - (b.key[at] ?? 0);
    })
    .map(({ index, standing }) => ({ index, standing }));
}

/** What orders the eligible settings. */
export function orderOf(settings: readonly (readonly (SeedScores | undefined)[])[]): "information" | "reverse-risk" {
  const known = settings.flat().filter((scores) => scores !== undefined);
  return known.length > 0 && known.every(({ reverseRisk }) => reverseRisk !== undefined)
    ? "reverse-risk"
    : "information";
}

/** Undefined where some seed has none. */
export function meanRisk(seeds: readonly SeedScores[]): number | undefined {
  const risks = seeds.flatMap(({ reverseRisk }) => reverseRisk ?? []);
  return risks.length === 0 || risks.length < seeds.length
    ? undefined
    : risks.reduce((sum, risk) => sum + risk, 0) / risks.length;
}

const order: readonly Standing[] = ["eligible", "below-floor", "harmed", "failed"];

const harmedSeeds = (seeds: readonly SeedScores[]): number =>
  seeds.filter(({ verdict }) => verdict === "diverged" || verdict === "negative-transfer").length;

const meanOf = (seeds: readonly SeedScores[], key: "sourceOnly" | "source" | "information"): number =>
  seeds.reduce((sum, scores) => sum + scores[key], 0) / seeds.length;

/** The rows of a result that a sweep compares: source-only, and the method as selected without target labels. */
export function comparedRows({ models }: Pick<AdaptResult, "models">): {
  readonly sourceOnly: AdaptResult["models"][number] | undefined;
  readonly adapted: AdaptResult["models"][number] | undefined;
} {
  const sourceOnly = models.find(({ name, selection }) => name === "source-only" && selection === "last");
  const adapted = models.find(({ name, selection }) => name !== "source-only" && selection === "validator");
  return { sourceOnly, adapted: adapted ?? sourceOnly };
}

export function scoresOf(result: AdaptResult): SeedScores {
  const { sourceOnly, adapted } = comparedRows(result);
  const { source } = adapted?.metrics ?? {};
  return {
    verdict: result.verdict.code,
    sourceOnly: sourceOnly?.metrics.source?.accuracy ?? 0,
    source: source?.accuracy ?? 0,
    information: adapted?.validators["information-maximisation"] ?? 0,
    reverseRisk: result.reverseValidation?.risks.method,
    rows: source?.rows ?? 0,
  };
}
