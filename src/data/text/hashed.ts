/**
 * Texts as counts of hashed n-grams: no vocabulary is learned or kept, so the target's words count as well, and a text
 * that nobody has seen before has a place. Counts are unsigned: hashes with a sign let words that collide cancel, but
 * make negative counts, of which no logarithm can be taken; with 2^14 places and more tf-idf gains more than the sign.
 */
import { internalError } from "../../errors.ts";
import type { SparseRows } from "../dataset.ts";
import { Blocks } from "../readers/blocks.ts";
import { sharedFloat32, sharedUint32 } from "../shared-memory.ts";
import { murmur3 } from "./murmur3.ts";
import { eachNgram, type NgramOptions } from "./ngrams.ts";

export interface HashOptions extends NgramOptions {
  /** Places of each column. */
  readonly features: number;
}

/** The place of an n-gram, as scikit-learn has it: the absolute value of the signed hash, modulo the places. */
export const placeOf = (hash: number, features: number): number => Math.abs(hash | 0) % features;

/** An n-gram is a few dozen bytes at most; a text of twenty of them is a guess. */
const entriesExpected = 64;

/**
 * Rows of counts from columns of texts, each with places of its own: column c has those from c x features. A text that
 * is missing, or without a word, is a row of zeros.
 * @param columns texts of each column, one a row.
 */
export function hashTexts(
  columns: readonly (readonly (string | undefined)[])[],
  rows: number,
  options: HashOptions,
): SparseRows {
  const { features } = options;
  const width = features * columns.length;
  const offsets = sharedUint32(rows + 1);
  const indices = new Blocks<Uint32Array>(sharedUint32, rows * entriesExpected);
  const values = new Blocks<Float32Array>(sharedFloat32, rows * entriesExpected);
  // One counter for every place, and the places that a row has touched: cheaper than a map a row.
  const counts = new Uint32Array(width);
  const touched: number[] = [];
  for (let row = 0; row < rows; row++) {
    touched.length = 0;
    columns.forEach((texts, column) => {
      const text = texts[row];
      if (text === undefined) return;
      eachNgram(text, options, (bytes, start, end) => {
        const place = column * features + placeOf(murmur3(bytes, start, end), features);
        if (counts[place] === 0) touched.push(place);
        counts[place] = (counts[place] ?? 0) + 1;
      });
    });
    touched.sort((a, b) => a - b);
    for (const place of touched) {
      indices.push(place);
      values.push(counts[place] ?? 0);
      counts[place] = 0;
    }
    offsets[row + 1] = indices.length;
  }
  if (indices.length > 0xffffffff) throw internalError("more n-grams than can be numbered");
  return { kind: "sparse", rows, width, indexBase: 0, offsets, indices: indices.join(), values: values.join() };
}
