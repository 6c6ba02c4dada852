/** Cases of the operators that rearrange, choose, place or make elements. */
import * as graph from "../../../src/graph/index.ts";
import { apply, ints } from "../../../src/graph/index.ts";
import { type OperatorCase, operatorCase } from "./case.ts";

const index = (
  dims: readonly number[],
  values: readonly number[],
): { dims: readonly number[]; values: readonly number[]; dtype: "int64" } => ({
  dims,
  values,
  dtype: "int64",
});

const resize = (
  name: string,
  dims: readonly number[],
  target: { scales: readonly number[] } | { sizes: readonly number[] },
  attributes: graph.Attributes,
): OperatorCase =>
  operatorCase("Resize", name, [dims], (x) =>
    apply(
      "Resize",
      "scales" in target
        ? [x, undefined, graph.floats([target.scales.length], target.scales)]
        : [x, undefined, undefined, ints(target.sizes)],
      attributes,
    ),
  );

export const layoutCases: readonly OperatorCase[] = [
  operatorCase("Reshape", "to a matrix", [[2, 3, 4]], (x) => graph.reshape(x, [6, -1])),
  operatorCase("Reshape", "zero copies a size", [[2, 3, 4]], (x) => graph.reshape(x, ints([0, -1]))),
  operatorCase("Transpose", "cycle", [[2, 3, 4]], (x) => graph.transpose(x, [2, 0, 1])),
  operatorCase("Transpose", "reversed by default", [[2, 3, 4]], (x) => apply("Transpose", [x])),
  operatorCase("Slice", "middle", [[5, 3]], (x) => graph.slice(x, { axis: 0, start: 1, end: 4 })),
  operatorCase("Slice", "from the end", [[2, 6]], (x) => graph.slice(x, { axis: -1, start: -3, end: -1 })),
  operatorCase("Slice", "step", [[2, 7]], (x) => graph.slice(x, { axis: 1, start: 1, step: 2 })),
  operatorCase("Slice", "step that ends inside", [[8, 2]], (x) => graph.slice(x, { axis: 0, end: 7, step: 3 })),
  operatorCase("Slice", "backwards", [[2, 6]], (x) => graph.slice(x, { axis: 1, start: -1, end: -100, step: -1 })),
  operatorCase("Slice", "backwards by two", [[2, 6]], (x) => graph.slice(x, { axis: 1, start: 4, end: 0, step: -2 })),
  operatorCase("Slice", "two axes", [[4, 5]], (x) =>
    apply("Slice", [x, ints([1, 0]), ints([3, 2147483647]), ints([0, 1]), ints([1, 2])]),
  ),
  operatorCase(
    "Concat",
    "two",
    [
      [2, 3],
      [2, 1],
    ],
    (a, b) => graph.concat([a, b], 1),
  ),
  operatorCase("Concat", "the same twice", [[2, 3]], (a) => graph.concat([a, graph.square(a), a], 0)),
  operatorCase("Split", "three pieces", [[2, 6]], (x) => graph.split(x, 1, [1, 3, 2])),
  operatorCase("Split", "one piece read", [[4, 2]], (x) => graph.split(x, 0, [1, 3])[1] as graph.Var),
  operatorCase("Pad", "zeros", [[2, 3]], (x) => graph.pad(x, [0, 1, 2, 1])),
  operatorCase("Pad", "a value", [[2, 3], []], (x, value) => graph.pad(x, [1, 1, 0, 2], value)),
  operatorCase("Pad", "negative cuts", [[3, 4]], (x) => graph.pad(x, [-1, 1, 1, -2])),
  operatorCase("Pad", "edge", [[3, 4]], (x) => graph.pad(x, [1, 2, 2, 1], 0, { mode: "edge" })),
  operatorCase("Pad", "reflect", [[3, 4]], (x) => graph.pad(x, [1, 3, 2, 2], 0, { mode: "reflect" })),
  operatorCase("Gather", "rows, one twice", [[4, 3], index([3], [2, 0, 2])], (x, i) => graph.gather(x, i)),
  operatorCase("Gather", "matrix of indices in the middle", [[2, 4, 2], index([2, 2], [3, 0, -1, 1])], (x, i) =>
    graph.gather(x, i, 1),
  ),
  operatorCase("Gather", "one index", [[3, 2], index([], [1])], (x, i) => graph.gather(x, i, 1)),
  operatorCase("GatherElements", "per row", [[3, 4], index([3, 1], [3, 0, 2])], (x, i) =>
    graph.gatherElements(x, i, 1),
  ),
  operatorCase("GatherElements", "fewer columns, repeated", [[3, 4], index([2, 2], [2, 2, 2, -3])], (x, i) =>
    graph.gatherElements(x, i, 0),
  ),
  operatorCase("ScatterElements", "replace", [[3, 4], index([2, 2], [0, 3, 1, 2]), [2, 2]], (x, i, u) =>
    graph.scatterElements(x, i, u, { axis: 1 }),
  ),
  operatorCase("ScatterElements", "add, repeated", [[3, 4], index([3, 2], [1, 1, 0, 2, 3, 3]), [3, 2]], (x, i, u) =>
    graph.scatterElements(x, i, u, { axis: 1, reduction: "add" }),
  ),
  operatorCase("Expand", "new axis", [[3, 1]], (x) => graph.expand(x, [2, 3, 4])),
  operatorCase("Expand", "both ways", [[2, 1, 3]], (x) => graph.expand(x, [4, 1])),
  operatorCase("Tile", "two axes", [[2, 3]], (x) => graph.tile(x, [3, 2])),
  operatorCase("Squeeze", "one axis", [[2, 1, 3, 1]], (x) => graph.squeeze(x, [1])),
  operatorCase("Squeeze", "all", [[2, 1, 3, 1]], (x) => apply("Squeeze", [x])),
  operatorCase("Unsqueeze", "ends", [[2, 3]], (x) => graph.unsqueeze(x, [0, -1])),
  operatorCase("Flatten", "default", [[2, 3, 2]], (x) => graph.flatten(x)),
  operatorCase("Flatten", "axis 0", [[2, 3]], (x) => graph.flatten(x, 0)),
  operatorCase("Flatten", "last axis", [[2, 3, 2]], (x) => graph.flatten(x, -1)),
  operatorCase("Resize", "nearest, whole", [[2, 2, 3, 2]], (x) => graph.resizeNearest(x, [1, 1, 2, 3])),
  operatorCase("Resize", "linear", [[1, 2, 3, 4]], (x) => graph.resizeLinear(x, [1, 2, 5, 6])),
  resize("nearest, one axis", [2, 1, 3], { scales: [1, 1, 2] }, { coordinate_transformation_mode: "half_pixel" }),
  resize(
    "nearest, centres with floor",
    [1, 2, 3, 4],
    { scales: [1, 1, 2, 2] },
    { coordinate_transformation_mode: "half_pixel", nearest_mode: "floor" },
  ),
  resize("nearest, smaller", [1, 1, 5, 4], { sizes: [1, 1, 3, 2] }, { mode: "nearest" }),
  resize(
    "nearest, half up",
    [1, 1, 4, 4],
    { scales: [1, 1, 1.5, 2] },
    { nearest_mode: "round_prefer_ceil", coordinate_transformation_mode: "asymmetric" },
  ),
  resize(
    "nearest, ceiling",
    [1, 1, 4, 3],
    { scales: [1, 1, 2, 2] },
    { nearest_mode: "ceil", coordinate_transformation_mode: "asymmetric" },
  ),
  resize(
    "linear, corners aligned",
    [1, 2, 3, 3],
    { sizes: [1, 2, 5, 4] },
    { mode: "linear", coordinate_transformation_mode: "align_corners" },
  ),
  resize(
    "linear, smaller",
    [1, 1, 6, 4],
    { scales: [1, 1, 0.5, 0.5] },
    { mode: "linear", coordinate_transformation_mode: "pytorch_half_pixel" },
  ),
  operatorCase("Shape", "part", [[2, 3, 4]], (x) => graph.shapeOf(x, 1)),
  operatorCase("ConstantOfShape", "like x", [[2, 3]], (x) => graph.full(graph.shapeOf(x), 1.5, x.type.dtype)),
  operatorCase("Range", "floats", [[1]], (x) => graph.mul(x, graph.range(1, 4, 1, x.type.dtype))),
  operatorCase("Range", "up to a size", [[3, 2]], (x) => {
    const end = graph.squeeze(graph.shapeOf(x, 0, 1), [0]);
    const places = apply("Range", [graph.scalar(0, "int64"), end, graph.scalar(1, "int64")]);
    return graph.mul(x, graph.unsqueeze(graph.cast(places, x.type.dtype), [1]));
  }),
  operatorCase("Constant", "in a product", [[3]], (x) =>
    graph.mul(x, graph.constant(graph.tensorOf(x.type.dtype, [3], [0.5, -1, 2]))),
  ),
  operatorCase("Input", "itself", [[3]], (x) => graph.identity(x)),
  operatorCase("OneHot", "classes", [index([3], [2, 0, -1]), [3, 4]], (i, x) =>
    graph.mul(x, graph.oneHot(i, 4, x.type.dtype)),
  ),
];
