/** Pairs of rows for MixVal (`validators/mixval.ts`), by what the model predicts for each row. */
import type { Pairs } from "../data/mix.ts";
import { random } from "../random.ts";

/** Share of the heavier row: just enough for the mixture to be its class. */
export const heavierShare = 0.55;

export interface MixturePairs {
  /** Pairs of rows that are predicted as one class. */
  readonly intra: Pairs;
  /** Pairs of rows that are predicted as two classes. */
  readonly inter: Pairs;
}

/** Up to `most` pairs of each kind, drawn from a fixed seed; fewer where classes have one row or are the only one. */
export function mixturePairs(predicted: Int32Array, most: number): MixturePairs {
  const chance = random(0).split("mixtures");
  const order = chance.shuffle(Int32Array.from(predicted, (_, row) => row));
  const intra: [number, number][] = [];
  const inter: [number, number][] = [];
  // In a shuffled order the rows behind a row are a draw: the first that fits is its partner.
  for (let i = 0; i < order.length && (intra.length < most || inter.length < most); i++) {
    const row = order[i] as number;
    const partner = (same: boolean): number | undefined => {
      for (let step = 1; step < order.length; step++) {
        const other = order[(i + step) % order.length] as number;
        if ((predicted[other] === predicted[row]) === same) return other;
      }
      return undefined;
    };
    const [alike, unlike] = [partner(true), partner(false)];
    if (alike !== undefined && intra.length < most) intra.push([row, alike]);
    if (unlike !== undefined && inter.length < most) inter.push([row, unlike]);
  }
  return { intra: asPairs(intra), inter: asPairs(inter) };
}

const asPairs = (pairs: readonly (readonly [number, number])[]): Pairs => ({
  first: Int32Array.from(pairs, ([row]) => row),
  second: Int32Array.from(pairs, ([, other]) => other),
});
