/** Made-up raw rows that a model must be able to read: to try one out where the data it was trained on are not there. */
import { internalError } from "../errors.ts";
import type { Random } from "../random.ts";
import type { EncodedRows } from "./encode.ts";
import type { FeaturesSpec, Moments, TableSpec, TokensSpec } from "./preprocess/spec.ts";
import { noToken } from "./preprocess/tokens.ts";
import type { PreprocessSpec } from "./preprocess.ts";
import { hashTexts } from "./text/hashed.ts";

/**
 * Rows in the types and ranges of a spec: numbers around the training's mean, an eighth of a table's missing; every
 * category and unknown ones; pixels from 0 to 255; counts of which most are 0.
 */
export function randomRows(spec: PreprocessSpec, rows: number, draw: Random): EncodedRows {
  switch (spec.kind) {
    case "table":
      return randomTable(spec, rows, draw);
    case "features":
      return {
        kind: "dense",
        rows,
        width: spec.width,
        values: Float32Array.from({ length: rows * spec.width }, (_, at) => feature(spec, at % spec.width, draw)),
      };
    case "image": {
      const { height, width, channels } = spec;
      const pixels = Uint8Array.from({ length: rows * height * width * channels }, () => draw.integer(256));
      return { kind: "image", rows, height, width, channels, pixels };
    }
    case "signal": {
      const { channels, length } = spec;
      const values = Float32Array.from({ length: rows * channels * length }, (_, at) =>
        around(spec.source, Math.floor(at / length) % channels, draw),
      );
      return { kind: "signal", rows, channels, length, values };
    }
    default:
      throw internalError(`no rows of kind ${spec satisfies never}`);
  }
}

function randomTable({ numeric, categorical, text, tokens }: TableSpec, rows: number, draw: Random): EncodedRows {
  const [k, m] = [numeric.length, categorical.length];
  const sentence = (): string => Array.from({ length: draw.integer(12) }, () => draw.integer(1000)).join(" ");
  const texts = (text?.columns ?? []).map(() => Array.from({ length: rows }, sentence));
  return {
    kind: "table",
    rows,
    numeric: Float32Array.from({ length: rows * k }, (_, at) => {
      const { mean, scale } = numeric[at % k]?.source ?? { mean: 0, scale: 1 };
      return draw.integer(8) === 0 ? Number.NaN : mean + scale * draw.normal();
    }),
    categorical: Int32Array.from(
      { length: rows * m },
      (_, at) => draw.integer((categorical[at % m]?.vocabulary.length ?? 0) + 1) - 1,
    ),
    ...(text && { text: hashTexts(texts, rows, text) }),
    ...(tokens && { tokens: randomTokens(tokens, rows, draw) }),
  };
}

/** Texts of every length, of at least one token. */
function randomTokens({ length, vocabulary }: TokensSpec, rows: number, draw: Random): Int32Array {
  const tokens = new Int32Array(rows * length).fill(noToken);
  for (let row = 0; row < rows; row++) {
    const end = row * length + 1 + draw.integer(length);
    for (let at = row * length; at < end; at++) tokens[at] = draw.integer(vocabulary);
  }
  return tokens;
}

/** Counts are whole and mostly 0; other features are spread as in training, or normal where nothing is known of them. */
const feature = (spec: FeaturesSpec, index: number, draw: Random): number =>
  spec.counts === "none" ? around(spec.source, index, draw) : draw.integer(16) === 0 ? 1 + draw.integer(4) : 0;

const around = (moments: Moments | undefined, index: number, draw: Random): number =>
  (moments?.mean[index] ?? 0) + (moments?.scale[index] ?? 1) * draw.normal();
