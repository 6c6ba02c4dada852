/** How many rows go through an engine at once. */
import { inputShape, type PreprocessSpec } from "../data/preprocess.ts";

/**
 * About a quarter of a million input values: convolutions make tens of values of each, and the engine keeps the largest
 * memory that it ever needed; larger batches are no faster. Encoders make thousands of values of a token, and as many
 * attentions as it has neighbours: of them about 4,000 tokens.
 */
export const inferenceBatch = (spec: PreprocessSpec): number => {
  const tokens = spec.kind === "table" ? spec.tokens?.length : undefined;
  if (tokens !== undefined) return Math.max(1, 2 ** Math.floor(Math.log2(2 ** 12 / tokens)));
  const width = inputShape(spec).reduce((size, dim) => size * dim, 1);
  return Math.min(4096, Math.max(32, 2 ** Math.floor(Math.log2(2 ** 18 / width))));
};
