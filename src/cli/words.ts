/** Words of command lines as people type them. */
import { extname } from "node:path";
import { usageError } from "../errors.ts";
import { type ConfigFlag, givenValue, nameOf } from "./flags.ts";

/** A flag with its value, or nothing. */
export const word = (flag: string, value: string | undefined): string[] => (value === undefined ? [] : [flag, value]);

/** The words of flags as commander has read them. */
export const wordsOf = (flags: readonly ConfigFlag[], given: Readonly<Record<string, unknown>>): string[] =>
  flags.flatMap((flag) => {
    const value = givenValue(flag, given);
    if (value === undefined) return [];
    // A flag that was given several times has as many values.
    return [value].flat().flatMap((one) => (typeof one === "string" ? [nameOf(flag), one] : [nameOf(flag)]));
  });

/** Refuses a name that no browser would open as a page. */
export function requirePage(flag: string, path: string): void {
  if ([".html", ".htm"].includes(extname(path).toLowerCase())) return;
  throw usageError("report-name", `${flag}: expected a name that ends in .html, got ${path}`);
}
