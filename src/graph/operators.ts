/** The table of operators: for each its arity, its attributes and their kinds, and the types of its outputs. */

import { broadcasting } from "./inference/broadcasting.ts";
import { layout } from "./inference/layout.ts";
import { linear } from "./inference/linear.ts";
import { normalisation } from "./inference/normalisation.ts";
import { reductions } from "./inference/reductions.ts";
import type { Inference, OperatorSchema } from "./inference/schema.ts";
import { sources } from "./inference/sources.ts";
import { unary } from "./inference/unary.ts";
import { windows } from "./inference/windows.ts";
import { operatorError } from "./operator-error.ts";
import type { OpName } from "./operator-names.ts";

export type { OperatorSchema } from "./inference/schema.ts";
export { type OpName, opNames } from "./operator-names.ts";

const operators: Readonly<Record<OpName, OperatorSchema>> = {
  ...unary,
  ...broadcasting,
  ...linear,
  ...windows,
  ...reductions,
  ...layout,
  ...normalisation,
  ...sources,
};

/** Arity, attributes and their kinds: what writing a node in the ONNX format needs to know. */
export const schemaOf = (op: OpName): OperatorSchema => operators[op];

/** The function that checks the inputs and attributes of an operator and gives the types of its outputs. */
export function inferenceOf(op: OpName): Inference {
  const schema = operators[op];
  return (request) => {
    const [least, most] = schema.inputs;
    const { inputs, attributes } = request;
    if (inputs.length > most || inputs.slice(0, least).includes(undefined) || inputs.length < least) {
      const wanted = least === most ? `${least}` : `${least} to ${most}`;
      throw operatorError(op, `${wanted} inputs`, ...(inputs.length === 0 ? [undefined] : inputs));
    }
    for (const [name, value] of Object.entries(attributes)) {
      const kind = schema.attributes[name];
      if (kind === undefined) {
        throw operatorError(op, `attributes ${Object.keys(schema.attributes).join(", ") || "none"}`, `"${name}"`);
      }
      if (!fits[kind](value)) throw operatorError(op, `attribute ${name} as ${kind}`, JSON.stringify(value));
    }
    return schema.infer(request);
  };
}

const fits: Readonly<Record<OperatorSchema["attributes"][string], (value: unknown) => boolean>> = {
  int: Number.isInteger,
  float: (value) => typeof value === "number",
  string: (value) => typeof value === "string",
  ints: (value) => Array.isArray(value) && value.every(Number.isInteger),
  floats: (value) => Array.isArray(value) && value.every((item) => typeof item === "number"),
  tensor: (value) => typeof value === "object" && value !== null && "dims" in value,
};
