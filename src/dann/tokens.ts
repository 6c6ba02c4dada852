/**
 * Rows of an encoder of text: [numbers and categories | tokens], a place behind the end of a text is -1. Its features
 * are one vector a text, and behind them the numbers and categories that stand beside the text.
 */
import {
  cast,
  concat,
  div,
  fullLike,
  greaterOrEqual,
  maximum,
  mul,
  reduceSum,
  slice,
  unsqueeze,
  type Var,
  where,
} from "../graph/index.ts";
import type { ImportedModel } from "../onnx/import.ts";
import { noVectors, type Reading } from "./reading.ts";

export interface TokenLayout {
  /** Numbers in front of the tokens. */
  readonly others: number;
  /** The token that the encoder gets behind the end of a text. */
  readonly pad: number;
}

/**
 * Reads tokens. Token vectors [N, T, D] become their mean over the tokens of the text alone, padding left out, so that
 * a row's features do not depend on how far it was padded.
 * @param features the tensor that is taken.
 */
export function tokenReading(model: ImportedModel, features: string, { others, pad }: TokenLayout): Reading {
  const tokensOf = (x: Var): Var => cast(slice(x, { axis: 1, start: others }), "int64");
  const keptOf = (tokens: Var): Var => greaterOrEqual(tokens, 0);
  const rank = model.layers.find(({ name }) => name === features)?.type.shape.length;
  return {
    name: "input_ids",
    pooling: rank === 3 ? "mean over tokens" : undefined,
    inputs(x) {
      const tokens = tokensOf(x);
      const kept = keptOf(tokens);
      const made: Readonly<Record<string, Var>> = {
        input_ids: where(kept, tokens, pad),
        attention_mask: cast(kept, "int64"),
        // One text, no pair: all of it is of the first type.
        token_type_ids: fullLike(tokens, 0),
      };
      return Object.fromEntries(
        Object.entries(model.inputs).flatMap(([name, { dtype }]) => {
          const variable = made[name];
          return variable === undefined ? [] : [[name, cast(variable, dtype)]];
        }),
      );
    },
    vectors(found, x) {
      const vectors = found.type.shape.length === 3 ? meanOver(found, keptOf(tokensOf(x))) : found;
      if (vectors.type.shape.length !== 2) throw noVectors(found, "2 or 3");
      return others === 0 ? vectors : concat([vectors, slice(x, { axis: 1, start: 0, end: others })], 1);
    },
  };
}

/** [N, D]: the mean of [N, T, D] over the places that are kept, [N, T]. */
function meanOver(states: Var, kept: Var): Var {
  const weights = unsqueeze(cast(kept, "float32"), [2]);
  const sum = reduceSum(mul(states, weights), { axes: [1], keepDims: false });
  return div(sum, maximum(reduceSum(weights, { axes: [1], keepDims: false }), 1));
}
