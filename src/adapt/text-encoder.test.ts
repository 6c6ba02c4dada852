/** What is found out about an encoder before any text is read, on small encoders made here. */
import { describe, expect, test } from "vitest";
import { floatTensor, ints, modelBytes, node, value } from "../../test/support/onnx.ts";
import { wordPiece } from "../../test/support/tokenizer.ts";
import type { DType } from "../graph/tensor.ts";
import { featureLayers } from "../onnx/features.ts";
import { openBackbone } from "./backbone-file.ts";
import { sizesFor, tokensFor } from "./text-encoder.ts";

interface Made {
  /** Rows of the table of positions, and the number of the first; `counted` by the mask, as of tokens that do not pad. */
  readonly positions?: { readonly rows: number; readonly first: number; readonly counted?: true };
  readonly size?: number | string;
  readonly dtype?: DType;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
}

/** The sum of the vectors of 40 tokens, of positions and of further inputs; as exporters write it. */
function encoder(made: Made): Uint8Array {
  const { positions, size = "T", dtype = "int64", inputs = ["attention_mask"], outputs = ["states"] } = made;
  const names = ["input_ids", ...inputs];
  const first = positions?.first ?? 0;
  const counted = positions?.counted === true;
  const rows = positions?.rows ?? 0;
  const places = counted
    ? [
        node("CumSum", ["attention_mask", "one"], ["counted"]),
        node("Add", ["counted", "offset"], ["all"]),
        node("Gather", ["table", "all"], ["places"]),
      ]
    : [
        node("Shape", ["input_ids"], ["shape"]),
        node("Gather", ["shape", "one"], ["length"]),
        node("Unsqueeze", ["length", "zero"], ["end"]),
        node("Slice", ["buffer", "zero", "end", "one1"], ["own"]),
        node("Gather", ["table", "own"], ["places"]),
      ];
  return modelBytes({
    opset: 14,
    inputs: names.map((name) => value(name, ["N", size], dtype)),
    outputs: outputs.map((name) => value(name, ["N", size, 4])),
    initializers: [
      floatTensor("words", [40, 4]),
      floatTensor("types", [2, 4]),
      ...(positions === undefined ? [] : [floatTensor("table", [rows, 4])]),
      ...(counted ? [ints("offset", [first - 1])] : []),
      ...[ints("one", [1], []), ints("zero", [0]), ints("one1", [1])],
      ints(
        "buffer",
        [...Array(Math.max(1, rows - first)).keys()].map((at) => at + first),
        [1, Math.max(1, rows - first)],
      ),
    ],
    nodes: [
      node("Gather", ["words", "input_ids"], ["sum0"]),
      ...inputs.flatMap((name, at) => [
        node("Gather", ["types", name], [`vectors${at}`]),
        node("Add", [`sum${at}`, `vectors${at}`], [`sum${at + 1}`]),
      ]),
      ...(positions === undefined
        ? [node("Identity", [`sum${inputs.length}`], ["states"])]
        : [...places, node("Add", [`sum${inputs.length}`, "places"], ["states"])]),
      ...outputs.filter((name) => name !== "states").map((name) => node("Identity", ["states"], [name])),
    ],
  });
}

const tokens = async (made: Made, more: object = {}): ReturnType<typeof tokensFor> => {
  const source = { model: encoder(made), train: "none", tokenizer: wordPiece(), ...more } as const;
  return tokensFor(await openBackbone(source), source);
};

describe("an encoder", () => {
  test.each([
    ["without positions takes what is asked for", {}, {}, "most", 128],
    ["without positions takes more as well", {}, { maxTokens: 500 }, "most", 500],
    ["takes as many tokens as it has positions", { positions: { rows: 20, first: 0 } }, {}, "most", 20],
    ["whose positions begin later has fewer of them", { positions: { rows: 20, first: 2 } }, {}, "most", 18],
    ["counts its positions by the mask", { positions: { rows: 20, first: 2, counted: true } }, {}, "most", 18],
    ["with many positions is not read to their end", { positions: { rows: 600, first: 0 } }, {}, "most", 128],
    ["exported for one length has that", { size: 7 }, {}, "fixed", 7],
    ["of narrower numbers is one as well", { dtype: "int32" }, {}, "most", 128],
  ] as const)("%s", async (_, made, more, kind, length) => {
    expect(await tokens(made, more)).toMatchObject({ length: { kind, tokens: length }, vocabulary: 40 });
  });

  test("gives the vector of a whole text where it has one, else its first output", async () => {
    const chosen = async (outputs: readonly string[]): Promise<unknown> => {
      const file = await openBackbone({ model: encoder({ outputs }) });
      return featureLayers(await file.import({ sizes: { T: 5 } })).chosen;
    };
    expect(await chosen(["states", "sentence_embedding"])).toMatchObject({
      name: "sentence_embedding",
      why: "the output in which the encoder was trained to sum up a text",
    });
    expect(await chosen(["states", "pooler_output"])).toMatchObject({ name: "states", shape: [5, 4] });
  });

  test("has open sizes that are all the tokens of a text", async () => {
    expect(sizesFor(await openBackbone({ model: encoder({}) }), 12)).toEqual({ T: 12 });
    expect(sizesFor(await openBackbone({ model: encoder({ size: 7 }) }), 7)).toEqual({});
  });

  test.each([
    ["no mask", { inputs: [] }, /expected an encoder of text with the inputs input_ids and attention_mask/],
    ["positions", { inputs: ["attention_mask", "position_ids"] }, /at most token_type_ids, got .*position_ids int64/],
  ] as const)("with %s is refused", async (_, made, message) => {
    await expect(tokens(made)).rejects.toThrow(message);
  });

  test.each([
    [{ positions: { rows: 20, first: 2 } }, 19, /at most 18 tokens a text, for which it has positions/],
    [{ size: 7 }, 6, /7 tokens a text, for which it was exported, got --max-tokens 6/],
  ] as const)("takes no other length: %j", async (made, maxTokens, message) => {
    await expect(tokens(made, { maxTokens })).rejects.toThrow(message);
    await expect(tokens({}, { maxTokens })).resolves.toBeDefined();
  });
});
