/**
 * How well each validator would have chosen, from finished runs. A cell is a task with a method: the mean of its runs.
 * A family counts as the mean of its cells, all families as the mean of theirs, so that no suite weighs more for having
 * more tasks.
 */
import { type VerdictCode, verdictCodes, verdictCounts } from "../../src/adapt/verdict.ts";
import { classSelectNames, type EpochScores, isBetter, selectionRule } from "../../src/evaluate/selection.ts";
import { validators } from "../../src/evaluate/validators/registry.ts";
import { sharpening } from "../../src/methods/sharpening.ts";
import type { StudyRun } from "./runs.ts";
import { spearman } from "./spearman.ts";

/** What can be judged from a finished run: reverse validation needs trainings of its own, and its epoch is the last. */
export const selectNames = classSelectNames.filter((name) => name !== "reverse");

export interface Cell {
  readonly family: string;
  readonly task: string;
  readonly method: string;
  readonly runs: number;
  /** Mean number of evaluations. */
  readonly epochs: number;
  /** Mean target accuracy of the best epoch by target labels. */
  readonly oracle: number;
  /** Accuracy lost against that epoch, by what chooses: `auto`, `last`, or a validator. */
  readonly lost: ReadonlyMap<string, number>;
  /** Rank correlation over the epochs with target accuracy, by validator; null where no run has one. */
  readonly correlation: ReadonlyMap<string, number | null>;
  /** Target accuracy of the chosen model less source-only's: mean and the worst run. */
  readonly gain: { readonly mean: number; readonly worst: number };
  /** How often each verdict was given. */
  readonly verdicts: Partial<Record<VerdictCode, number>>;
}

/** What became of the method's selected model, against source-only, in the runs of one verdict. */
export interface Judged {
  readonly verdict: VerdictCode;
  /** Whether the method makes predictions decided, right or wrong (`methods/sharpening.ts`). */
  readonly sharpens: boolean;
  readonly runs: number;
  /** Mean difference of target accuracy. */
  readonly mean: number;
  /** Runs that differ by more than a point of target accuracy. */
  readonly better: number;
  readonly worse: number;
}

export interface LeftOutFamily {
  readonly family: string;
  /** What lost least on the other families. */
  readonly choice: string;
  /** Accuracy lost on this family by that choice. */
  readonly lost: number;
}

export interface Study {
  readonly cells: readonly Cell[];
  readonly families: readonly string[];
  /** One an entry of `families`; empty with a single family. */
  readonly leftOut: readonly LeftOutFamily[];
  readonly judged: readonly Judged[];
}

export function studyOf(runs: readonly StudyRun[]): Study {
  const groups = groupBy(runs, ({ family, task, method }) => [family, task, method].join("\0"));
  const cells = [...groups.values()].map(cellOf);
  const families = [...new Set(cells.map(({ family }) => family))];
  return {
    ...{ cells, families },
    leftOut: families.length < 2 ? [] : families.map((family) => leaveOut(cells, family)),
    judged: verdictCodes.flatMap((verdict) => judgedBy(verdict, runs)),
  };
}

const aPoint = 0.01;

/** Apart for methods that make predictions decided whether right or wrong, and for the others. */
const judgedBy = (verdict: VerdictCode, all: readonly StudyRun[]): Judged[] =>
  [false, true].flatMap((sharpens) => {
    const gains = all.flatMap(({ adapted, ...run }) =>
      run.verdict === verdict && (sharpening(run.method) !== undefined) === sharpens && adapted !== undefined
        ? [adapted]
        : [],
    );
    if (gains.length === 0) return [];
    const [better, worse] = [gains.filter((gain) => gain > aPoint), gains.filter((gain) => gain < -aPoint)];
    const counted = { runs: gains.length, better: better.length, worse: worse.length };
    return [{ verdict, sharpens, mean: meanOf(gains), ...counted }];
  });

function cellOf(runs: readonly StudyRun[]): Cell {
  const { family = "", task = "", method = "" } = runs[0] ?? {};
  return {
    family,
    task,
    method,
    runs: runs.length,
    epochs: meanOf(runs.map(({ epochs }) => epochs.length)),
    oracle: meanOf(runs.map(best)),
    lost: new Map(selectNames.map((name) => [name, meanOf(runs.map((run) => lostBy(name, run)))])),
    correlation: new Map(
      validators.map(({ name }) => [name, meanOfKnown(runs.map((run) => correlationOf(name, run)))]),
    ),
    gain: { mean: meanOf(runs.map(({ gain }) => gain)), worst: Math.min(...runs.map(({ gain }) => gain)) },
    verdicts: verdictCounts(runs.map(({ verdict }) => verdict)),
  };
}

const best = ({ epochs }: StudyRun): number => Math.max(...epochs.map(({ target }) => target));

function lostBy(name: string, run: StudyRun): number {
  const rule = selectionRule(name, run.sourceOnly);
  const taken = run.epochs.reduce<EpochScores | undefined>(
    (kept, next) => (isBetter(next, kept, rule) ? next : kept),
    undefined,
  );
  return best(run) - (run.epochs.find(({ step }) => step === taken?.step)?.target ?? 0);
}

/** Of the epochs that the validator scored; the sign is turned where lower is better. */
function correlationOf(name: string, { epochs }: StudyRun): number | null {
  const scored = epochs.flatMap(({ validators: scores, target }) => {
    const score = scores[name];
    return score === undefined ? [] : [{ score, target }];
  });
  const found = spearman(
    scored.map(({ score }) => score),
    scored.map(({ target }) => target),
  );
  const lowerIsBetter = validators.some((one) => one.name === name && !one.higherIsBetter);
  return found !== null && lowerIsBetter ? -found : found;
}

/** Mean over the families' means; null where no cell has a value. */
export const overFamilies = (cells: readonly Cell[], value: (cell: Cell) => number | null): number | null =>
  meanOfKnown([...groupBy(cells, ({ family }) => family).values()].map((own) => meanOfKnown(own.map(value))));

function leaveOut(cells: readonly Cell[], family: string): LeftOutFamily {
  const others = cells.filter((cell) => cell.family !== family);
  const own = cells.filter((cell) => cell.family === family);
  const lost = (among: readonly Cell[], name: string): number =>
    overFamilies(among, (cell) => cell.lost.get(name) ?? null) ?? Number.NaN;
  // The first of equals, in the order of the names: `auto`, `last`, then the validators.
  const choice = selectNames.reduce((kept, name) => (lost(others, name) < lost(others, kept) ? name : kept));
  return { family, choice, lost: lost(own, choice) };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : meanOf(known);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
