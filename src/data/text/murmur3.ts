/**
 * MurmurHash3, 32 bits, x86 (Austin Appleby, public domain): the hash of scikit-learn's HashingVectorizer, so that its
 * features can be compared with ours. It is no protection against texts that are made to collide.
 */

const c1 = 0xcc9e2d51;
const c2 = 0x1b873593;

/** The hash of bytes `start` to `end`, unsigned. */
export function murmur3(bytes: Uint8Array, start = 0, end: number = bytes.length, seed = 0): number {
  const length = end - start;
  const body = start + (length & ~3);
  let h = seed | 0;
  for (let at = start; at < body; at += 4) {
    const word =
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    h = Math.imul(rotate(h ^ scramble(word), 13), 5) + 0xe6546b64;
  }
  let tail = 0;
  for (let at = end - 1; at >= body; at--) tail = (tail << 8) | (bytes[at] ?? 0);
  h ^= scramble(tail) ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
/** 0 stays 0: no tail changes nothing. */
const scramble = (word: number): number => Math.imul(rotate(Math.imul(word, c1), 15), c2);
