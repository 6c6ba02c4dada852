/** A text as the bytes of its n-grams: runs of words, or of characters. */

export interface NgramOptions {
  readonly unit: "word" | "character";
  /** Shortest and longest, such as [1, 2]. */
  readonly ngrams: readonly [number, number];
}

/** Letters and digits of any script, with the marks that belong to them. */
const words = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
const space = 0x20;
const encoder = new TextEncoder();

/**
 * NFKC and lower case: one spelling for what looks the same ("ﬁ", "Ａ"). Words are joined by one blank each; of
 * characters, blanks in a row become one.
 */
export function normalise(text: string, unit: NgramOptions["unit"]): string {
  const plain = text.normalize("NFKC").toLowerCase();
  return unit === "word" ? (plain.match(words) ?? []).join(" ") : plain.replace(/\s+/gu, " ").trim();
}

/** Visits the UTF-8 bytes of every n-gram of a text, where they stand in one array: nothing is cut out. */
export function eachNgram(
  text: string,
  { unit, ngrams: [shortest, longest] }: NgramOptions,
  visit: (bytes: Uint8Array, start: number, end: number) => void,
): void {
  const bytes = encoder.encode(normalise(text, unit));
  const starts = unit === "word" ? wordStarts(bytes) : characterStarts(bytes);
  // Words are one blank apart, characters nothing.
  const gap = unit === "word" ? 1 : 0;
  const units = starts.length - 1;
  for (let first = 0; first < units; first++) {
    for (let n = shortest; n <= longest && first + n <= units; n++)
      visit(bytes, starts[first] ?? 0, (starts[first + n] ?? 0) - gap);
  }
}

/** Where each word begins, and one past the blank that would follow the last. */
function wordStarts(bytes: Uint8Array): number[] {
  if (bytes.length === 0) return [0];
  const starts = [0];
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === space) starts.push(at + 1);
  starts.push(bytes.length + 1);
  return starts;
}

/** Where each code point begins, and the end. */
function characterStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at++) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) starts.push(at);
  starts.push(bytes.length);
  return starts;
}
