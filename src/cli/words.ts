/** Flags as people type them. */
import { type ConfigFlag, givenValue, nameOf } from "./flags.ts";

/** A flag with its value, or nothing. */
export const word = (flag: string, value: string | undefined): string[] => (value === undefined ? [] : [flag, value]);

/** The words of flags as commander has read them. */
export const wordsOf = (flags: readonly ConfigFlag[], given: Readonly<Record<string, unknown>>): string[] =>
  flags.flatMap((flag) => {
    const value = givenValue(flag, given);
    if (value === undefined) return [];
    return typeof value === "string" ? [nameOf(flag), value] : [nameOf(flag)];
  });
