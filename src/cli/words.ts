/** Commands as people type them: what is printed can be copied into a shell. */
import { type ConfigFlag, givenValue, nameOf } from "./flags.ts";

/** A command line of POSIX shells. */
export const commandOf = (name: string, words: readonly string[]): string =>
  [name, ...words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))].join(
    " ",
  );

/** A flag with its value, or nothing. */
export const word = (flag: string, value: string | undefined): string[] => (value === undefined ? [] : [flag, value]);

/** The words of flags as commander has read them. */
export const wordsOf = (flags: readonly ConfigFlag[], given: Readonly<Record<string, unknown>>): string[] =>
  flags.flatMap((flag) => {
    const value = givenValue(flag, given);
    if (value === undefined) return [];
    return typeof value === "string" ? [nameOf(flag), value] : [nameOf(flag)];
  });
