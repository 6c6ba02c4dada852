/** What the page of a comparison is made of: documents of `dann compare` have this shape, and runs are as elsewhere. */
import type { ReportedRun, VerdictCode } from "./run.ts";

export interface ReportedSpread {
  readonly mean: number;
  readonly se: number | null;
  readonly n: number;
}

export interface ReportedDifference {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  readonly p: number | null;
}

export interface ReportedGroup {
  readonly name: string;
  readonly runs: readonly {
    readonly run: string;
    readonly seed: number;
    readonly source: number | null;
    readonly target: number | null;
    readonly verdict: VerdictCode;
  }[];
  readonly source: ReportedSpread | null;
  readonly target: ReportedSpread | null;
}

export interface ReportedComparison {
  readonly metric: "accuracy" | "balancedAccuracy" | "macroF1";
  readonly groups: readonly ReportedGroup[];
  readonly comparisons: readonly {
    readonly of: string;
    readonly to: string;
    readonly source: ReportedDifference | null;
    readonly target: ReportedDifference | null;
    readonly refused: string | null;
  }[];
  readonly version: string;
  /** As they are printed elsewhere. */
  readonly tables: readonly {
    readonly title: string;
    readonly heading: readonly string[];
    readonly rows: readonly (readonly string[])[];
  }[];
  readonly remarks: readonly string[];
  readonly command: string;
}

/** A run with the group that it is in. */
export interface ComparedRun {
  readonly group: string;
  readonly run: ReportedRun;
}
