/** What is known of a node's first result, from what is known of its operands: arithmetic on constants and on sizes. */
import { addDims, divideDims, floorDivide, minDims, multiplyDims, productOf, subtractDims } from "../../graph/dims.ts";
import type { Dim, DType } from "../../graph/tensor.ts";
import { isFloat, sizeOf } from "../../graph/tensor.ts";
import { axesOf, type Conversion } from "./conversion.ts";
import { type Known, knownSizes, makeKnown } from "./known.ts";
import { arranged } from "./known-layout.ts";
import { importedType } from "./tensor-data.ts";

export type KnownRule = (c: Conversion) => Known | undefined;

type Combine = (a: Dim, b: Dim, dtype: DType) => Dim | undefined;

const numeric = (combine: (a: number, b: number, dtype: DType) => number): Combine => {
  return (a, b, dtype) => (typeof a === "number" && typeof b === "number" ? combine(a, b, dtype) : undefined);
};

/** Numbers by `combine`; sizes with names by `named`. */
const either = (combine: (a: number, b: number) => number, named: (a: Dim, b: Dim) => Dim | undefined): Combine => {
  return (a, b) => (typeof a === "number" && typeof b === "number" ? combine(a, b) : named(a, b));
};

/** The element of a broadcast operand that element i of the result reads. */
function reader(known: Known, dims: readonly number[]): (i: number) => Dim {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = known.dims.length - 1; axis >= 0; axis--) {
    strides.unshift(known.dims[axis] === 1 ? 0 : stride);
    stride *= known.dims[axis] ?? 1;
  }
  const lead = dims.length - known.dims.length;
  return (i) => {
    let [rest, place] = [i, 0];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const size = dims[axis] ?? 1;
      place += (rest % size) * (strides[axis - lead] ?? 0);
      rest = Math.floor(rest / size);
    }
    return known.elements[place] ?? 0;
  };
}

function broadcastDims(operands: readonly Known[]): readonly number[] | undefined {
  const rank = Math.max(...operands.map(({ dims }) => dims.length));
  const dims: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const sizes = operands.map((operand) => operand.dims[axis - rank + operand.dims.length] ?? 1);
    const wide = sizes.filter((size) => size !== 1);
    if (wide.some((size) => size !== wide[0])) return undefined;
    dims.push(wide[0] ?? 1);
  }
  return dims;
}

function elementwise(
  operands: readonly (Known | undefined)[],
  dtype: (first: DType) => DType,
  element: (values: readonly Dim[], dtype: DType) => Dim | undefined,
): Known | undefined {
  if (!operands.every((operand) => operand !== undefined)) return undefined;
  const all = operands as readonly Known[];
  const dims = broadcastDims(all);
  if (dims === undefined || sizeOf(dims) > 1 << 20) return undefined;
  const readers = all.map((operand) => reader(operand, dims));
  const type = all[0]?.dtype ?? "int64";
  const elements = Array.from({ length: sizeOf(dims) }, (_, i) =>
    element(
      readers.map((read) => read(i)),
      type,
    ),
  );
  return makeKnown(dtype(type), dims, elements);
}

const same = (dtype: DType): DType => dtype;
const bool = (): DType => "bool";

const operands = (c: Conversion): (Known | undefined)[] =>
  Array.from({ length: c.inputCount }, (_, index) => c.known(index));

const binary =
  (combine: Combine, dtype: (first: DType) => DType = same): KnownRule =>
  (c) =>
    elementwise(operands(c), dtype, ([a = 0, ...rest], type) =>
      rest.reduce<Dim | undefined>((held, b) => (held === undefined ? undefined : combine(held, b, type)), a),
    );

const unary =
  (f: (a: number) => number, dtype: (first: DType) => DType = same): KnownRule =>
  (c) =>
    elementwise([c.known(0)], dtype, ([a]) => (typeof a === "number" ? f(a) : undefined));

/** Sizes are at least 1: a name never equals a number that is smaller. */
const equal: Combine = (a, b) => {
  if (a === b) return 1;
  const difference = subtractDims(a, b);
  if (typeof difference === "number") return difference === 0 ? 1 : 0;
  const [name, number] = typeof a === "string" ? [a, b] : [b, a];
  return typeof number === "number" && number < 1 && /^\w+$/.test(String(name)) ? 0 : undefined;
};

const compare =
  (test: (difference: number) => boolean): Combine =>
  (a, b) => {
    const difference = subtractDims(a, b);
    return typeof difference === "number" ? Number(test(difference)) : undefined;
  };

/** Integers round towards zero. */
const divide: Combine = (a, b, dtype) => {
  if (typeof a === "number" && typeof b === "number")
    return isFloat(dtype) ? a / b : b === 0 ? undefined : Math.trunc(a / b);
  return divideDims(a, b) ?? (typeof b === "number" && b > 0 && !isFloat(dtype) ? floorDivide(a, b) : undefined);
};

function cast(known: Known | undefined, dtype: DType | undefined): Known | undefined {
  if (known === undefined || dtype === undefined) return undefined;
  const element = (value: Dim): Dim => {
    if (typeof value === "string" || isFloat(dtype)) return value;
    return dtype === "bool" ? Number(value !== 0) : Math.trunc(value);
  };
  return makeKnown(dtype, known.dims, known.elements.map(element));
}

/** Folds all elements along axes of a vector (shapes are vectors); more axes are left to the engine. */
const folded =
  (combine: (a: Dim, b: Dim) => Dim | undefined): KnownRule =>
  (c) => {
    const x = c.known(0);
    if (x === undefined || x.dims.length > 1 || x.elements.length === 0) return undefined;
    const axes = axesOf(c, 1);
    if (axes?.length === 0 && c.int("noop_with_empty_axes", 0) === 1) return x;
    const [first = 0, ...rest] = x.elements;
    const all = rest.reduce<Dim | undefined>((held, b) => (held === undefined ? undefined : combine(held, b)), first);
    return makeKnown(x.dtype, c.int("keepdims", 1) === 1 ? x.dims.map(() => 1) : [], [all]);
  };

const range: KnownRule = (c) => {
  const all = operands(c);
  const [start, limit, delta] = all.map((known) => known?.elements[0]);
  if (typeof start !== "number" || typeof limit !== "number" || typeof delta !== "number" || delta === 0)
    return undefined;
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!(count <= 16_384)) return undefined;
  return makeKnown(
    all[0]?.dtype ?? "int64",
    [count],
    Array.from({ length: count }, (_, i) => start + i * delta),
  );
};

const filled: KnownRule = (c) => {
  const dims = c.known(0)?.elements;
  if (!dims?.every((dim) => typeof dim === "number" && dim >= 0)) return undefined;
  const count = sizeOf(dims as readonly number[]);
  if (count > 16_384) return undefined;
  const value = c.tensor("value");
  const element = Number(value?.data[0] ?? 0);
  return makeKnown(value?.dtype ?? "float32", dims as readonly number[], Array<number>(count).fill(element));
};

/** The places of what is not zero, one row of the result an axis. */
const nonZero: KnownRule = (c) => {
  const x = c.known(0);
  if (x === undefined) return undefined;
  const places = [...x.elements.keys()].filter((at) => x.elements[at] !== 0);
  const rows = x.dims.map((size, axis) => {
    const stride = sizeOf(x.dims.slice(axis + 1));
    return places.map((at) => Math.floor(at / stride) % size);
  });
  return makeKnown("int64", [x.dims.length, places.length], rows.flat());
};

/** A slice of a shape counts its ends like any other: negative ones from the back, overlong ones to the end. */
const shape: KnownRule = (c) => {
  const { shape: sizes } = c.input(0).type;
  return knownSizes(sizes.slice(c.int("start", 0), c.node.attributes.has("end") ? c.int("end", 0) : undefined));
};

export const knownRules: Readonly<Record<string, KnownRule>> = {
  Shape: shape,
  Size: (c) => ({ dtype: "int64", dims: [], elements: [productOf(c.input(0).type.shape)] }),
  Identity: (c) => c.known(0),
  Cast: (c) => cast(c.known(0), importedType(c.int("to", 0))),
  CastLike: (c) => cast(c.known(0), c.known(0) === undefined ? undefined : c.input(1).type.dtype),
  Add: binary(either((a, b) => a + b, addDims)),
  Sub: binary(either((a, b) => a - b, subtractDims)),
  Mul: binary(either((a, b) => a * b, multiplyDims)),
  Div: binary(divide),
  Mod: binary(numeric((a, b) => (b === 0 ? Number.NaN : a - b * Math.floor(a / b)))),
  Pow: binary(numeric((a, b) => a ** b)),
  Min: binary(either(Math.min, minDims)),
  Max: binary(either(Math.max, (a, b) => (minDims(a, b) === a ? b : minDims(a, b) === b ? a : undefined))),
  Neg: (c) => elementwise([c.known(0)], same, ([a = 0]) => subtractDims(0, a)),
  Abs: unary(Math.abs),
  Floor: (c) => elementwise([c.known(0)], same, ([a]) => (typeof a === "number" ? Math.floor(a) : a)),
  Ceil: (c) => elementwise([c.known(0)], same, ([a]) => (typeof a === "number" ? Math.ceil(a) : a)),
  Sqrt: unary(Math.sqrt),
  Equal: binary(equal, bool),
  Greater: binary(
    compare((d) => d > 0),
    bool,
  ),
  GreaterOrEqual: binary(
    compare((d) => d >= 0),
    bool,
  ),
  Less: binary(
    compare((d) => d < 0),
    bool,
  ),
  LessOrEqual: binary(
    compare((d) => d <= 0),
    bool,
  ),
  And: binary(numeric((a, b) => Number(a !== 0 && b !== 0))),
  Or: binary(numeric((a, b) => Number(a !== 0 || b !== 0))),
  Xor: binary(numeric((a, b) => Number((a !== 0) !== (b !== 0)))),
  Not: unary((a) => Number(a === 0)),
  Where: (c) => {
    const [condition, a, b] = [c.known(0), c.known(1), c.known(2)];
    const found = elementwise(
      [condition, a, b],
      () => a?.dtype ?? "int64",
      ([test, yes, no]) => (typeof test === "number" ? (test === 0 ? no : yes) : undefined),
    );
    return found;
  },
  ReduceProd: folded(multiplyDims),
  ReduceSum: folded(addDims),
  ReduceMax: folded((a, b) => (typeof a === "number" && typeof b === "number" ? Math.max(a, b) : undefined)),
  ReduceMin: folded(minDims),
  Range: range,
  ConstantOfShape: filled,
  NonZero: nonZero,
  ...arranged,
};
