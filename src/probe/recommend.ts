/** What to do, in one sentence with the numbers that it rests on, and the flags to try. */
import type { Separator } from "./separators.ts";

export const recommendationCodes = ["same-rows", "drop-columns", "source-only", "adapt", "adapt-carefully"] as const;

export interface Recommendation {
  readonly code: (typeof recommendationCodes)[number];
  readonly text: string;
  /** Flags of `dann adapt` with their values, most promising first. */
  readonly flags: readonly (readonly string[])[];
}

export interface Apart {
  /** Proxy A-distance with its interval, 0 to 2. */
  readonly distance: number;
  readonly low: number;
  readonly high: number;
  /** Whether neither a line nor five nearest neighbours tells the domains apart better than chance. */
  readonly chance: boolean;
}

export interface RecommendationEvidence {
  readonly kind: "columns" | "features" | "pixels" | "signal" | "backbone";
  readonly apart: Apart;
  readonly separators: readonly Separator[];
  /** How far apart the domains are without these columns; null where there are none, or no others. */
  readonly without: Apart | null;
  /** Share of the target's rows that are rows of the source. */
  readonly shared: number;
  /** Columns that are left out already. */
  readonly dropped: readonly string[];
}

/** From here on hardly a row of one domain lies among those of the other. */
const far = 1.8;
/** Target rows that the source has as well: more of them, and it is the same data. */
const mostlyShared = 0.5;

const perDomain = ["--standardise", "perDomain"] as const;
/** Aligns with the predicted class, and sure rows more: it brings wrong classes together less easily. */
const conditional = ["--method", "cdan+e"] as const;

export function recommend({
  kind,
  apart,
  separators,
  without,
  shared,
  dropped,
}: RecommendationEvidence): Recommendation {
  const measured = ({ distance, low, high }: Apart): string =>
    `distance ${distance.toFixed(2)} of 2 (95 %: ${low.toFixed(2)} to ${high.toFixed(2)})`;
  if (shared > mostlyShared)
    return {
      code: "same-rows",
      text: `Check the files: ${(100 * shared).toFixed(0)} % of the target's rows are rows of the source.`,
      flags: [],
    };
  const [first] = separators;
  if (first !== undefined) {
    const names = separators.map(({ column }) => column);
    const quoted = names.map((name) => `"${name}"`).join(", ");
    const rest =
      without === null
        ? "no other column is left"
        : without.chance
          ? `without ${names.length === 1 ? "it" : "them"} the domains are alike (${measured(without)})`
          : `without ${names.length === 1 ? "it" : "them"} ${measured(without)}`;
    return {
      code: "drop-columns",
      text: `Leave ${quoted} out unless it is a real measurement: ${names.length === 1 ? "it tells" : "each tells"} the domains apart by itself (${(100 * first.accuracy).toFixed(1)} % of the rows; ${first.why}), and ${rest}.`,
      flags: [["--drop", [...dropped, ...names].join(",")], perDomain],
    };
  }
  if (apart.chance)
    return {
      code: "source-only",
      text: `Train without adaptation: the domains look alike, ${measured(apart)} is no more than chance, and there is little that adaptation could gain.`,
      flags: [["--method", "source-only"]],
    };
  if (apart.distance < far)
    return {
      code: "adapt",
      text: `Adapt: the domains differ and overlap, ${measured(apart)}.`,
      flags: [["--method", "dann"], conditional],
    };
  const nearer = {
    columns: perDomain,
    features: perDomain,
    signal: perDomain,
    pixels: ["--backbone", "FILE.onnx"],
    backbone: ["--train-backbone", "all"],
  }[kind];
  return {
    code: "adapt-carefully",
    text: `Adapt, and look at the verdict: hardly a row of one domain lies among the other's, ${measured(apart)}, so that alignment may bring the wrong classes together.`,
    flags: [nearer, conditional],
  };
}
