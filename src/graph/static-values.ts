/**
 * What is known about a variable's value before anything runs. Shape operands (the sizes of a Reshape, the axes of a
 * reduction) are tensors in ONNX; inference reads them here, through constants and through arithmetic on `Shape`.
 */
import { addDims, divideDims, multiplyDims, subtractDims } from "./dims.ts";
import type { Var } from "./node.ts";
import type { Dim, Tensor } from "./tensor.ts";

/** The value of a `Constant`, or undefined when the variable is computed. */
export function constantValue(variable: Var): Tensor | undefined {
  const { node } = variable;
  return node.op === "Constant" ? (node.attributes.value as Tensor) : undefined;
}

/** The numbers of a constant integer tensor, or undefined when it is computed. */
export function staticIntegers(variable: Var | undefined): readonly number[] | undefined {
  const value = staticSizes(variable);
  return value?.every((item) => typeof item === "number") ? value : undefined;
}

/** The elements of an int64 scalar or vector as sizes, possibly named; undefined when they depend on data. */
export function staticSizes(variable: Var | undefined): readonly Dim[] | undefined {
  if (variable === undefined || variable.type.shape.length > 1) return undefined;
  const { dtype } = variable.type;
  if (dtype !== "int64" && dtype !== "int32") return undefined;
  const { node } = variable;
  const of = (index: number): readonly Dim[] | undefined => staticSizes(node.inputs[index]);
  switch (node.op) {
    case "Constant":
      return Array.from(constantValue(variable)?.data ?? [], Number);
    case "Shape": {
      const shape = node.inputs[0]?.type.shape;
      const start = node.attributes.start as number | undefined;
      const end = node.attributes.end as number | undefined;
      return shape?.slice(start ?? 0, end ?? shape.length);
    }
    case "Identity":
    case "Cast":
    case "Squeeze":
    case "Unsqueeze":
    case "Reshape":
      return of(0);
    case "Concat": {
      const parts = node.inputs.map((_, index) => of(index));
      return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
    }
    case "Gather": {
      const [data, indices] = [of(0), staticIntegers(node.inputs[1])];
      const picked = indices?.map((index) => data?.at(index));
      return picked?.every((item) => item !== undefined) ? picked : undefined;
    }
    case "Slice": {
      const [data, start, end, step] = [of(0), ...[1, 2, 4].map((index) => staticIntegers(node.inputs[index])?.[0])];
      if (data === undefined || start === undefined || end === undefined || (step ?? 1) !== 1) return undefined;
      return (data as readonly Dim[]).slice(start as number, end as number);
    }
    case "Add":
      return zip(of(0), of(1), addDims);
    case "Sub":
      return zip(of(0), of(1), subtractDims);
    case "Mul":
      return zip(of(0), of(1), multiplyDims);
    case "Div":
      return zip(of(0), of(1), divideDims);
    case "ReduceProd": {
      const all = of(0);
      return all === undefined ? undefined : [all.reduce<Dim>(multiplyDims, 1)];
    }
    default:
      return undefined;
  }
}

/** Element by element with broadcasting of single elements; undefined as soon as one element is. */
function zip(
  a: readonly Dim[] | undefined,
  b: readonly Dim[] | undefined,
  combine: (a: Dim, b: Dim) => Dim | undefined,
): readonly Dim[] | undefined {
  if (a === undefined || b === undefined) return undefined;
  const length = a.length === 1 ? b.length : a.length;
  const items: Dim[] = [];
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.length === 1 ? a[0] : a[i], b.length === 1 ? b[0] : b[i]];
    const item = left === undefined || right === undefined ? undefined : combine(left, right);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}
