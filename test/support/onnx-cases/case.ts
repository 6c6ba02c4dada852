/** Single nodes as files: what is fed, what is fixed, and what comes out. */
import type { DType } from "../../../src/graph/index.ts";
import { type ModelSpec, node, tensorProto } from "../onnx.ts";

export interface Case {
  readonly op: string;
  readonly opset: number;
  readonly what: string;
  readonly inputs: Readonly<Record<string, Operand>>;
  readonly spec: Pick<ModelSpec, "nodes" | "initializers">;
  /** Results by name and element type; default `y`, float32. */
  readonly outputs: Readonly<Record<string, DType>>;
  /** Whether gradients are compared; default true. */
  readonly slopes: boolean;
}

export interface Operand {
  readonly dims: readonly number[];
  readonly dtype?: DType;
  readonly values?: readonly number[];
}

export interface More {
  readonly inputs?: Readonly<Record<string, Operand | readonly number[]>>;
  readonly fixed?: ModelSpec["initializers"];
  readonly outputs?: Readonly<Record<string, DType>>;
  readonly before?: ModelSpec["nodes"];
  readonly slopes?: boolean;
}

export const one = (
  op: string,
  opset: number,
  what: string,
  reads: readonly string[],
  attributes: Parameters<typeof node>[3] = {},
  more: More = {},
): Case => {
  const outputs = more.outputs ?? { y: "float32" };
  const given = more.inputs ?? { x: [2, 3, 4] };
  return {
    op,
    opset,
    what,
    inputs: Object.fromEntries(
      Object.entries(given).map(([name, operand]) => [name, "dims" in operand ? operand : { dims: operand }]),
    ),
    spec: {
      nodes: [...(more.before ?? []), node(op, reads, Object.keys(outputs), attributes, "tested")],
      initializers: more.fixed ?? [],
    },
    outputs,
    slopes: more.slopes ?? true,
  };
};

export const f = (number: number): { f: number } => ({ f: number });
export const image = { x: [2, 4, 6, 6] };
export const scalar = (name: string, number: number) =>
  tensorProto(name, { dtype: "float32", dims: [], data: Float32Array.of(number) });
export const vector = (name: string, numbers: readonly number[]) =>
  tensorProto(name, { dtype: "float32", dims: [numbers.length], data: Float32Array.from(numbers) });
export const boolean: More = { outputs: { y: "bool" }, slopes: false };
export const pair: More = { inputs: { a: [2, 3], b: [3] } };
export const truths: More = {
  ...boolean,
  inputs: { x: [2, 3], z: [2, 3] },
  before: [node("Greater", ["x", "z"], ["p"]), node("Less", ["x", "half"], ["q"])],
  fixed: [scalar("half", 0.5)],
};
export const positive = { dims: [2, 3], values: [0.4, 0.7, 1.1, 1.6, 2.3, 0.9] };
