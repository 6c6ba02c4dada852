/**
 * Local rewrites: a node's result said more cheaply. Each keeps every value exactly, also infinite ones and NaN, so
 * x * 0 stays; and each keeps the type.
 */
import { apply, constantValue, type Node, type Var } from "./node.ts";
import { broadcastOps, type OpName } from "./operator-names.ts";
import { isStatic, type Shape, type Tensor, type TensorType } from "./tensor.ts";

/** A variable that equals the node's first output, or undefined when nothing is known to be simpler. */
export function simplify(node: Node): Var | undefined {
  const result = node.outputs[0];
  if (result === undefined) return undefined;
  const found = rewrite(node, result.type);
  return found !== undefined && sameType(found.type, result.type) ? found : undefined;
}

function rewrite(node: Node, type: TensorType): Var | undefined {
  const [a, b] = node.inputs;
  if (a === undefined) return undefined;
  switch (node.op) {
    case "Identity":
    case "StopGradient":
    case "ScaleGradient":
      return a;
    case "Cast":
      return a;
    case "Neg":
      return a.node.op === "Neg" ? a.node.inputs[0] : undefined;
    case "Reshape":
    case "Squeeze":
    case "Unsqueeze":
    case "Flatten":
      return reshaped(node, a, type);
    case "Expand":
    case "Tile":
      return a;
    case "Slice":
    case "Pad":
      return isStatic(type.shape) ? wholeOf(node, a, type) : undefined;
    case "Concat":
      return node.inputs.length === 1 ? a : undefined;
    case "Transpose":
      return transposed(node, a);
    case "Add":
      return neutral(a, b, 0, type) ?? (b && neutral(b, a, 0, type)) ?? unexpanded(node, type);
    case "Mul":
      return neutral(a, b, 1, type) ?? (b && neutral(b, a, 1, type)) ?? unexpanded(node, type);
    case "Sub":
      return neutral(a, b, 0, type) ?? unexpanded(node, type);
    case "Div":
    case "Pow":
      return neutral(a, b, 1, type) ?? unexpanded(node, type);
    default:
      return broadcasts.has(node.op) ? unexpanded(node, type) : undefined;
  }
}

/** x when the other operand is the operator's neutral element. Of all values only -0 + 0 loses something, its sign. */
const neutral = (x: Var, other: Var | undefined, value: number, type: TensorType): Var | undefined =>
  other !== undefined && uniformValue(other) === value && sameType(x.type, type) ? x : undefined;

/** The value of a variable whose elements are all the same constant. */
function uniformValue(variable: Var): number | undefined {
  const { node } = variable;
  const value: Tensor | undefined =
    node.op === "ConstantOfShape" ? (node.attributes.value as Tensor | undefined) : constantValue(variable);
  if (value !== undefined) return value.data.length === 1 ? Number(value.data[0]) : undefined;
  const passes = ["Expand", "Reshape", "Squeeze", "Unsqueeze"].includes(node.op);
  return passes && node.inputs[0] !== undefined ? uniformValue(node.inputs[0]) : undefined;
}

/** Nothing when the shape stays; one Reshape instead of two when all sizes are numbers. */
function reshaped(node: Node, a: Var, type: TensorType): Var | undefined {
  if (sameType(a.type, type)) return a;
  const inner = a.node;
  const origin = inner.inputs[0];
  const chain = ["Reshape", "Squeeze", "Unsqueeze", "Flatten"].includes(inner.op) && node.op !== "Expand";
  if (!chain || origin === undefined || !isStatic(type.shape)) return undefined;
  if (sameType(origin.type, type)) return origin;
  const sizes = BigInt64Array.from(type.shape, BigInt);
  const shape = apply("Constant", [], { value: { dtype: "int64", dims: [sizes.length], data: sizes } });
  // A 0 would mean "as in the operand".
  return type.shape.includes(0) ? undefined : apply("Reshape", [origin, shape]);
}

/** A slice or padding that takes everything, in order. */
function wholeOf(node: Node, a: Var, type: TensorType): Var | undefined {
  if (!sameType(a.type, type)) return undefined;
  if (node.op === "Pad") {
    const pads = node.inputs[1] === undefined ? undefined : constantValue(node.inputs[1])?.data;
    return pads !== undefined && Array.from<number | bigint, number>(pads, Number).every((pad) => pad === 0)
      ? a
      : undefined;
  }
  const steps = node.inputs[4] === undefined ? [] : constantValue(node.inputs[4])?.data;
  return steps !== undefined && Array.from<number | bigint, number>(steps, Number).every((step) => step > 0)
    ? a
    : undefined;
}

/** No move at all, or two moves as one. */
function transposed(node: Node, a: Var): Var | undefined {
  const axes = [...a.type.shape.keys()];
  const perm = (node.attributes.perm as readonly number[] | undefined) ?? axes.toReversed();
  if (perm.every((axis, at) => axis === at)) return a;
  const origin = a.node.inputs[0];
  if (a.node.op !== "Transpose" || origin === undefined) return undefined;
  const before = (a.node.attributes.perm as readonly number[] | undefined) ?? axes.toReversed();
  const both = perm.map((axis) => before[axis] ?? 0);
  return both.every((axis, at) => axis === at) ? origin : apply("Transpose", [origin], { perm: both });
}

const broadcasts: ReadonlySet<OpName> = new Set<OpName>(broadcastOps.filter((op) => op !== "PRelu"));

/** Operands are not repeated in memory where the operator repeats them by itself. */
function unexpanded(node: Node, type: TensorType): Var | undefined {
  for (const [index, operand] of node.inputs.entries()) {
    const origin = operand?.node.op === "Expand" ? operand.node.inputs[0] : undefined;
    if (origin === undefined) continue;
    const others = node.inputs.toSpliced(index, 1, origin).map((input) => input?.type.shape ?? []);
    // Some operand must still have every size of the result.
    const covered = type.shape.every((dim, axis) =>
      others.some((shape) => shape[axis - type.shape.length + shape.length] === dim),
    );
    if (covered && others.some((shape) => shape.length === type.shape.length)) {
      return apply(node.op, node.inputs.toSpliced(index, 1, origin), node.attributes);
    }
  }
  return undefined;
}

const sameType = (a: TensorType, b: TensorType): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);

const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, axis) => dim === b[axis]);
