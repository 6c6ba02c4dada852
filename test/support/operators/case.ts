/**
 * Cases that exercise every operator: operands and what is built of them. The gradient check runs them in float64 on
 * the reference interpreter, the contract of the engines in float32 against it.
 */
import type { DType, OpName, Tensor, Var } from "../../../src/graph/index.ts";
import { input, tensorOf } from "../../../src/graph/index.ts";
import { random } from "../../../src/random.ts";

/** What an operand holds. Kinks (ties, the zero of Relu) are kept further away than a finite difference reaches. */
export type Values =
  /** Of both signs, at least 0.05 from 0. */
  | "normal"
  /** In [0.3, 2]. */
  | "positive"
  /** All different, at least 0.05 apart, of both signs, none within 0.02 of 0. */
  | "apart"
  | readonly number[];

export interface Operand {
  readonly dims: readonly number[];
  /** Default "normal". */
  readonly values?: Values;
  /** Default: the float type of the run. */
  readonly dtype?: DType;
}

export interface OperatorCase {
  readonly op: OpName;
  /** What is special about it; unique within the operator. */
  readonly name: string;
  readonly operands: readonly Operand[];
  readonly build: (operands: readonly Var[]) => Var | readonly Var[];
  /** Default true. False where the second derivative is defined differently (documented at the rule). */
  readonly twice?: boolean;
}

/** Shorthand for a case. */
export const operatorCase = (
  op: OpName,
  name: string,
  operands: readonly (Operand | readonly number[])[],
  build: (...operands: Var[]) => Var | readonly Var[],
): OperatorCase => ({
  op,
  name,
  operands: operands.map((operand) => (Array.isArray(operand) ? { dims: operand } : (operand as Operand))),
  build: (variables) => build(...variables),
});

export const label = ({ op, name }: OperatorCase): string => `${op}: ${name}`;

/** A case as a graph: inputs named a, b, c, ... with their values, and what comes out. */
export function instantiate(
  example: OperatorCase,
  dtype: "float32" | "float64",
): { inputs: Var[]; feeds: Record<string, Tensor>; outputs: Var[] } {
  const feeds: Record<string, Tensor> = {};
  const inputs = example.operands.map((operand, index) => {
    const name = String.fromCharCode(97 + index);
    const type = operand.dtype ?? dtype;
    feeds[name] = tensorOf(type, operand.dims, draw(operand, `${label(example)}/${name}`));
    return input(name, { dtype: type, shape: operand.dims });
  });
  return { inputs, feeds, outputs: [example.build(inputs)].flat() as Var[] };
}

function draw({ dims, values = "normal" }: Operand, seed: string): readonly number[] {
  if (typeof values !== "string") return values;
  const source = random(seed);
  const count = dims.reduce((product, dim) => product * dim, 1);
  switch (values) {
    case "normal":
      return Array.from({ length: count }, () => {
        const value = source.normal();
        return value + Math.sign(value) * 0.05;
      });
    case "positive":
      return Array.from({ length: count }, () => 0.3 + 1.7 * source.uniform());
    case "apart": {
      const order = source.shuffle(Array.from({ length: count }, (_, index) => index));
      return order.map((place) => (place - count / 2) * 0.07 + 0.0231);
    }
    default:
      throw new Error(`no values called ${values satisfies never}`);
  }
}
