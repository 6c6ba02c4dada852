/** Runs side by side: groups by configuration, their spread over seeds, and paired differences to the first group. */
import type { AdaptResult, ModelRow } from "../../adapt/result.ts";
import { verdictCounts } from "../../adapt/verdict.ts";
import { isPlain, type Plain } from "../../config/merge.ts";
import { packageVersion } from "../../version.ts";
import { pairedDifference, signFlipP, spreadOf } from "../statistics.ts";
import type { Metric } from "../suite.ts";
import type { CompareDocument, ComparedModel } from "./document.ts";
import { differencesOf, groupRuns, type KeyDifference, type RunGroup } from "./groups.ts";
import { pairingOf } from "./pairing.ts";
import type { RunRecord } from "./read.ts";

export interface CompareChoice {
  readonly model: ComparedModel;
  readonly metric: Metric;
}

type Compared = CompareDocument["groups"][number]["runs"][number];
type Comparison = CompareDocument["comparisons"][number];

export function compareRuns(records: readonly RunRecord[], { model, metric }: CompareChoice): CompareDocument {
  const warnings: string[] = [];
  const groups = groupRuns(records).map((group) => onceEach(group, warnings));
  const rows = groups.map(({ runs }) => runs.map((run) => comparedOf(run, model, metric)));
  for (const [at, { name }] of groups.entries()) {
    const lacking = rows[at]?.filter((run) => run.model === null).map(({ seed }) => seed) ?? [];
    if (lacking.length > 0) warnings.push(`${name}: no model "${model}" on seed ${lacking.join(", ")}`);
  }
  const versions = [...new Set(records.map(({ result }) => result.version))];
  if (versions.length > 1) warnings.push(`runs of different versions of dann: ${versions.join(", ")}`);
  const differences = differencesOf(groups);
  const comparisons = groups
    .slice(1)
    .flatMap((group, at) =>
      groups[0] === undefined
        ? []
        : [
            comparisonOf(
              { group, rows: rows[at + 1] ?? [] },
              { group: groups[0], rows: rows[0] ?? [] },
              differences,
              warnings,
            ),
          ],
    );
  return {
    schema: 1,
    model,
    metric,
    groups: groups.map(({ name }, at) => summaryOf(name, rows[at] ?? [])),
    differences: differences.map(({ key, values }) => ({ key, values: { ...values } })),
    comparisons,
    warnings,
    version: packageVersion,
  };
}

/** A seed that a group has twice counts once: the same run again is no second observation. */
function onceEach({ name, runs }: RunGroup, warnings: string[]): RunGroup {
  const once = [...new Map(runs.toReversed().map((run) => [run.result.seed, run])).values()].reverse();
  const others = runs.filter((run) => !once.includes(run));
  if (others.length > 0)
    warnings.push(`${name}: ${others.map(({ path }) => path).join(", ")} left out: a seed that the group has already`);
  return { name, runs: once };
}

function comparedOf({ path, config, result }: RunRecord, model: ComparedModel, metric: Metric): Compared {
  const row = rowOf(result, model, methodOf(config));
  return {
    run: path,
    seed: result.seed,
    model: row?.name ?? null,
    selection: row?.selection ?? null,
    epoch: row?.epoch ?? null,
    source: row?.metrics.source?.[metric] ?? null,
    target: row?.metrics.target?.[metric] ?? null,
    verdict: result.verdict.code,
    seconds: result.seconds,
  };
}

const methodOf = ({ method }: Plain): unknown => (isPlain(method) ? method.name : undefined);

/** @param method of the run. */
function rowOf({ models, chosen, from }: AdaptResult, model: ComparedModel, method: unknown): ModelRow | undefined {
  // The first row of a refinement is what it began with.
  const own = from === undefined ? models : models.slice(1);
  const ofMethod = (selection: ModelRow["selection"]): ModelRow | undefined =>
    own.find((row) => row.name === method && row.name !== "source-only" && row.selection === selection);
  switch (model) {
    case "chosen":
      return models[chosen];
    case "selected":
      return ofMethod("validator");
    case "last":
      return ofMethod("last");
    case "source-only":
      return models.find(({ name, selection }) => name === "source-only" && selection === "last");
    default:
      throw new Error(`unknown model ${String(model satisfies never)}`);
  }
}

function summaryOf(name: string, runs: readonly Compared[]): CompareDocument["groups"][number] {
  const over = (key: "source" | "target"): ReturnType<typeof spreadOf> | null => {
    const values = runs.flatMap((run) => (run[key] === null ? [] : [run[key]]));
    return values.length === 0 ? null : spreadOf(values);
  };
  return {
    name,
    runs: [...runs],
    source: over("source"),
    target: over("target"),
    verdicts: verdictCounts(runs.map(({ verdict }) => verdict)),
    seconds: spreadOf(runs.map(({ seconds }) => seconds)).mean,
  };
}

interface Side {
  readonly group: RunGroup;
  readonly rows: readonly Compared[];
}

function comparisonOf(of: Side, to: Side, differences: readonly KeyDifference[], warnings: string[]): Comparison {
  const names = { of: of.group.name, to: to.group.name };
  const keys = differences
    .filter(({ values }) => JSON.stringify(values[names.of]) !== JSON.stringify(values[names.to]))
    .map(({ key }) => key);
  const seeds = of.rows.map(({ seed }) => seed).filter((seed) => to.rows.some((row) => row.seed === seed));
  const none = { ...names, seeds, source: null, target: null };
  if (seeds.length === 0) return { ...none, refused: "they share no seed" };
  const warned = new Set<string>();
  for (const seed of seeds) {
    const [a, b] = [to, of].map(({ group }) => group.runs.find(({ result }) => result.seed === seed));
    if (a === undefined || b === undefined) continue;
    const pairing = pairingOf(a, b, keys);
    if (pairing.kind === "refused") return { ...none, refused: `seed ${seed}: ${pairing.reason}` };
    if (pairing.kind === "warned") warned.add(pairing.reason);
  }
  warnings.push(...[...warned].map((reason) => `${names.of} and ${names.to}: ${reason}`));
  const over = (key: "source" | "target"): Comparison["source"] => {
    const pairs = seeds.flatMap((seed) => {
      const [a, b] = [to, of].map(({ rows }) => rows.find((row) => row.seed === seed)?.[key]);
      return a == null || b == null ? [] : [b - a];
    });
    return pairs.length === 0 ? null : { ...pairedDifference(pairs), p: signFlipP(pairs) };
  };
  return { ...none, source: over("source"), target: over("target"), refused: null };
}
