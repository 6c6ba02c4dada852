/** What a look at a trained model finds: a code for programs, a sentence for people, the numbers behind it, what to try. */

export const findingCodes = [
  "discriminator-never-learned",
  "discriminator-outrun",
  "discriminator-dominates",
  "aligned",
  "feature-collapse",
  "prediction-collapse",
  "label-shift",
  "open-classes",
  "exploding-terms",
  "domains-near",
  "domains-far",
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** A share as findings say it. */
export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

export interface Finding {
  readonly code: FindingCode;
  /** A `note` is no fault: domains that are aligned, or were never apart. */
  readonly level: "warning" | "note";
  /** One plain sentence. */
  readonly text: string;
  readonly numbers: Readonly<Record<string, number>>;
  /** Flags to try, most promising first. */
  readonly remedies: readonly string[];
}

/** @param setting that aligns less (`methods/strength.ts`); undefined where the method has none. */
export const alignLess = (setting: string | undefined, because = ""): string[] =>
  setting === undefined ? [] : [`align less${because}: ${setting}`];
