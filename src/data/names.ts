/** Finding what a name most likely meant, and printing lists of names that may be long. */
import { dataError } from "../errors.ts";

/** The candidate nearest to a mistyped name, if one is near enough to be meant. */
export function closest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** What to do about a key that is not known: the one that was meant, or all that are. */
export function knownInstead(unknown: string, known: readonly string[], full = (name: string): string => name): string {
  const guess = closest(unknown, known);
  return guess === undefined ? `Known here: ${list(known, 24)}.` : `Did you mean ${full(guess)}?`;
}

/** `"agee" may be "age"` of each name that is near a candidate. */
export const guesses = (names: readonly string[], candidates: readonly string[]): string[] =>
  names.flatMap((name) => {
    const guess = closest(name, candidates);
    return guess === undefined ? [] : [`"${name}" may be "${guess}"`];
  });

/** Levenshtein's distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** `a, b, c` with the middle of long lists left out. */
export function list(names: readonly (string | number)[], most = 8): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most - 1).join(", ")}, … (${names.length} in all)`;
}

/** `1 row`, `3 rows`. */
export const count = (n: number, noun: string, plural = `${noun}s`): string => `${n} ${n === 1 ? noun : plural}`;

/** The error of a column that a file lacks, with a guess. */
export function missingColumn(wanted: string, what: string, names: readonly string[], origin: string): Error {
  const guess = closest(wanted, names);
  return dataError(
    "no-such-column",
    `${origin}: expected a column "${wanted}" (${what}), got ${list(names)}`,
    guess === undefined ? "Name a column of the file, or its index from 0." : `Did you mean "${guess}"?`,
  );
}
