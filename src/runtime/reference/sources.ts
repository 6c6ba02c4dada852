/** Values that come from outside, from nowhere or from a shape, and the two markers that only gradients see. */
import { internalError } from "../../errors.ts";
import type { SourceOp } from "../../graph/operator-names.ts";
import { sizeOf, type Tensor } from "../../graph/tensor.ts";
import {
  at,
  axisOf,
  fromTensor,
  generate,
  integers,
  intOf,
  type Kernel,
  type Kernels,
  makeValue,
  required,
} from "./value.ts";

const constant: Kernel = (_, node) => [fromTensor(node.attributes.value as Tensor)];

const constantOfShape: Kernel = (inputs, node) => {
  const value = node.attributes.value as Tensor | undefined;
  const dims = integers(required(inputs, 0));
  const element = Number(value?.data[0] ?? 0);
  return [generate(value?.dtype ?? "float32", dims, () => element)];
};

const range: Kernel = (inputs) => {
  const [start, limit, step] = [0, 1, 2].map((index) => at(required(inputs, index).data, 0)) as [
    number,
    number,
    number,
  ];
  const count = Math.max(0, Math.ceil((limit - start) / step));
  return [generate(required(inputs, 0).dtype, [count], (i) => start + i * step)];
};

const shape: Kernel = (inputs, node) => {
  const { dims } = required(inputs, 0);
  const kept = dims.slice(intOf(node, "start", 0), intOf(node, "end", dims.length));
  return [makeValue("int64", [kept.length], kept)];
};

/** `depth` values for each index: the second of `values` at the index, else the first; outside the depth none matches. */
const oneHot: Kernel = (inputs, node) => {
  const [indices, values] = [required(inputs, 0), required(inputs, 2)];
  const depth = at(required(inputs, 1).data, 0);
  const axis = axisOf(intOf(node, "axis", -1), indices.dims.length + 1);
  const inner = sizeOf(indices.dims.slice(axis));
  return [
    generate(values.dtype, indices.dims.toSpliced(axis, 0, depth), (i) => {
      const index = axisOf(at(indices.data, Math.floor(i / (inner * depth)) * inner + (i % inner)), depth);
      return at(values.data, Math.floor(i / inner) % depth === index ? 1 : 0);
    }),
  ];
};

const first: Kernel = (inputs) => [required(inputs, 0)];

export const sourceKernels: Kernels<SourceOp> = {
  Input: (_, node) => {
    throw internalError(`reference: input ${String(node.attributes.name)} is fed, not computed`);
  },
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  Shape: shape,
  OneHot: oneHot,
  StopGradient: first,
  ScaleGradient: first,
};
