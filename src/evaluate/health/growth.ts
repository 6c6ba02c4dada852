/** Terms of the loss that grew by orders of magnitude in training and came back, or stayed finite: luck, not health. */
import { measures } from "../../methods/registry.ts";
import type { Finding } from "./finding.ts";
import type { InputWords } from "./input-words.ts";

/** Sizes of one term over training, each a mean over the steps of a report; of `gradientNorm` the largest of them. */
export interface TermSize {
  readonly smallest: number;
  readonly largest: number;
  /** Step of the largest. */
  readonly step: number;
}
/** By term. */
export type TermSizes = Readonly<Record<string, TermSize>>;

export interface GrowthEvidence {
  readonly terms: TermSizes;
  /** Undefined of a regression, whose label loss has no scale that is known. */
  readonly classes: number | undefined;
}

/** With another report's terms; those that are not finite end training elsewhere (`train/divergence.ts`). */
export function withReport(sizes: TermSizes, step: number, terms: Readonly<Record<string, number>>): TermSizes {
  const next = Object.entries(terms).map(([name, value]): [string, TermSize] => {
    const size = Math.abs(value);
    const before = sizes[name] ?? { smallest: size, largest: size, step };
    const smallest = Math.min(before.smallest, size);
    return [name, size > before.largest ? { smallest, largest: size, step } : { ...before, smallest }];
  });
  return { ...sizes, ...Object.fromEntries(next) };
}

/** A cross-entropy of this many times what chance gives has left the ground: most rows are wrong, and surely so. */
const growth = 10;
/** A term of no known scale may rise by more. */
const growthOfOthers = 100;

/** The norm of the gradient before clipping, where it is clipped: it stands behind a finding and raises none. */
const norm = "gradientNorm";

/**
 * A cross-entropy begins at what chance gives, ln C, or ln 2 of domains (their mean, whatever reading is trained), and a
 * run that left within its first report never shows less; other terms are held against the least that they were. Below 1
 * nat nothing is large.
 */
export function growthFindings(
  { terms, classes }: GrowthEvidence,
  { scaling }: Pick<InputWords, "scaling">,
): Finding[] {
  const chance: Readonly<Record<string, number>> = {
    domainLoss: Math.LN2,
    ...(classes !== undefined && { labelLoss: Math.log(classes) }),
  };
  const ratio = ([name, { smallest, largest }]: readonly [string, TermSize]): number =>
    largest / Math.max(1, chance[name] ?? smallest);
  const bound = (name: string): number => (name in chance ? growth : growthOfOthers);
  // `loss` is the sum of the others: it is named only where none of them is.
  const losses = Object.entries(terms).filter(([name]) => name !== norm && !measures.includes(name));
  const all = losses.filter(([name]) => name !== "loss" || losses.length === 1);
  const [worst] = all.filter((one) => ratio(one) >= bound(one[0])).toSorted((a, b) => ratio(b) - ratio(a));
  if (worst === undefined) return [];
  const [name, { smallest, largest, step }] = worst;
  const gradient = terms[norm];
  const pushed =
    gradient === undefined
      ? ""
      : `; the gradient's norm, before clipping, went up to ${gradient.largest.toPrecision(3)} by step ${gradient.step}`;
  return [
    {
      code: "exploding-terms",
      level: "warning",
      text: `training went out of bounds without ending: ${name} reached ${largest.toPrecision(3)} by step ${step}, and was ${smallest.toPrecision(3)} at its least${pushed}`,
      numbers: {
        ...{ largest, smallest, step, ratio: ratio(worst) },
        ...(gradient && { gradientNorm: gradient.largest, gradientNormStep: gradient.step }),
      },
      remedies: [
        scaling,
        gradient === undefined
          ? "clip the gradient: --set train.gradientClip=5"
          : "clip the gradient to less than it is: --set train.gradientClip=1",
        "lower the learning rate: --set train.rate.from=0.0001, or mu0 with --preset paper",
      ],
    },
  ];
}
