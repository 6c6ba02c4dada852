/**
 * The only source of chance: a seeded generator (xoshiro128**, Blackman and Vigna 2018) that can be split by name.
 * A split depends on the seed and the label alone, never on how many numbers were drawn before, so that order of
 * construction and resuming a run do not change what is drawn.
 */

export interface Random {
  /** Uniform unsigned 32-bit integer. */
  uint32(): number;
  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** Standard normal (Marsaglia's polar method). */
  normal(): number;
  /** Shuffles in place (Fisher-Yates) and returns its argument. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T;
  /** An independent generator for a named purpose. */
  split(label: string | number): Random;
}

/** A generator from a seed: any safe integer or a string. */
export function random(seed: string | number): Random {
  return fromKey(hash(typeof seed === "number" ? `n${seed}` : `s${seed}`, [0x9e3779b9, 0x243f6a88]));
}

/** At most `most` row numbers, drawn, in order; all where there are no more. Rows may be sorted, so the front will not do. */
export function drawRows(rows: number, most: number, chance: Random): Int32Array {
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  return rows <= most ? all : chance.shuffle(all).slice(0, most).sort();
}

type Key = readonly [number, number];

/** FNV-1a in two lanes with a murmur finaliser: enough to keep labels apart; nothing here is cryptographic. */
function hash(text: string, key: Key): Key {
  let a = (0x811c9dc5 ^ key[0]) >>> 0;
  let b = (0xc2b2ae35 ^ key[1]) >>> 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193) >>> 0;
    b = Math.imul(b ^ (c + 0x9e37), 0x85ebca6b) >>> 0;
  }
  return [mix(a ^ (b >>> 16)), mix(b ^ (a << 7))];
}

function mix(x: number): number {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function fromKey(key: Key): Random {
  // Four words of state from the key by splitmix32, as the authors of xoshiro advise; never all zero.
  let seed = key[0] >>> 0;
  const word = (): number => {
    seed = (seed + 0x9e3779b9) >>> 0;
    return mix(seed ^ key[1]);
  };
  let [s0, s1, s2, s3] = [word(), word(), word(), word() | 1];

  const uint32 = (): number => {
    const t5 = Math.imul(s1, 5);
    const result = Math.imul((t5 << 7) | (t5 >>> 25), 9) >>> 0;
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = (s3 << 11) | (s3 >>> 21);
    return result;
  };
  const uniform = (): number => ((uint32() >>> 5) * 0x4000000 + (uint32() >>> 6)) / 0x20000000000000;
  const integer = (bound: number): number => {
    // Rejection keeps the draw unbiased for every bound below 2^32.
    const limit = 0x100000000 - (0x100000000 % bound);
    for (;;) {
      const draw = uint32();
      if (draw < limit) return draw % bound;
    }
  };
  const normal = (): number => {
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
    }
  };
  const shuffle = <T extends { length: number; [index: number]: unknown }>(items: T): T => {
    for (let i = items.length - 1; i > 0; i--) {
      const j = integer(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return items;
  };
  return {
    uint32,
    uniform,
    integer,
    normal,
    shuffle,
    split: (label) => fromKey(hash(`/${typeof label}:${label}`, key)),
  };
}
