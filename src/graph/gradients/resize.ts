/**
 * Gradient of Resize. Each axis is resized by a matrix whose rows say which inputs an output reads, and how much of
 * each; the gradient is the transposed matrix. Enlarging by whole numbers, the common case, is a sum over blocks.
 */
import { constant, constantValue, type Node, operatorError, type Var } from "../node.ts";
import { tensorOf } from "../ops/constants.ts";
import { mul } from "../ops/elementwise.ts";
import { transpose } from "../ops/layout.ts";
import { matmul } from "../ops/linear.ts";
import { averagePool } from "../ops/pooling.ts";
import { staticIntegers } from "../static-values.ts";

export function resizeGradient(node: Node, x: Var, g: Var): Var {
  const scales = scalesOf(node, x);
  const mode = String(node.attributes.mode ?? "nearest");
  const coordinates = String(node.attributes.coordinate_transformation_mode ?? "half_pixel");
  const rounding = String(node.attributes.nearest_mode ?? "round_prefer_floor");
  if (Number(node.attributes.antialias ?? 0) !== 0) throw operatorError("Resize", "antialias = 0", "1");
  // Every centre of an enlarged block is nearest to its pixel: half_pixel rounded, and asymmetric with floor, repeat
  // whole blocks.
  const nearestCentre = coordinates === "half_pixel" && rounding.startsWith("round");
  const blocks = mode === "nearest" && (nearestCentre || (coordinates === "asymmetric" && rounding === "floor"));
  const whole = scales.every((scale) => Number.isInteger(scale)) && scales.slice(0, 2).every((scale) => scale === 1);
  if (blocks && whole && scales.length > 2) {
    const kernel = scales.slice(2);
    const size = kernel.reduce((product, scale) => product * scale, 1);
    return mul(averagePool(g, { kernel, strides: kernel }), size);
  }
  return scales.reduce((held, scale, axis) => {
    const [length, count] = [x.type.shape[axis], g.type.shape[axis]];
    if (scale === 1 && length === count) return held;
    if (typeof length !== "number" || typeof count !== "number") {
      throw operatorError("Resize", `a size in numbers along axis ${axis} for the gradient`, x);
    }
    const read = (position: number): readonly Weight[] =>
      weights(place(position, scale, length, count, coordinates), length, mode, rounding);
    return along(held, axis, count, length, read);
  }, g);
}

/** Enlargement of every axis, given or from the sizes. */
function scalesOf(node: Node, x: Var): readonly number[] {
  const given = node.inputs[2] === undefined ? undefined : constantValue(node.inputs[2])?.data;
  if (given !== undefined && given.length > 0) return Array.from(given, Number);
  const sizes = staticIntegers(node.inputs[3]);
  return x.type.shape.map((dim, axis) => {
    const size = sizes?.[axis];
    if (typeof dim === "number" && size !== undefined) return size / dim;
    if (node.outputs[0]?.type.shape[axis] === dim) return 1;
    throw operatorError("Resize", "sizes in numbers for the gradient", x);
  });
}

/** Where an output position lies in the input: `coordinate_transformation_mode`. */
function place(position: number, scale: number, length: number, count: number, mode: string): number {
  switch (mode) {
    case "half_pixel":
      return (position + 0.5) / scale - 0.5;
    case "pytorch_half_pixel":
      return count > 1 ? (position + 0.5) / scale - 0.5 : 0;
    case "asymmetric":
      return position / scale;
    case "align_corners":
      return count === 1 ? 0 : (position * (length - 1)) / (count - 1);
    default:
      throw operatorError("Resize", "coordinates half_pixel, pytorch_half_pixel, asymmetric or align_corners", mode);
  }
}

type Weight = readonly [index: number, weight: number];

/** The inputs that a place reads. */
function weights(at: number, length: number, mode: string, rounding: string): readonly Weight[] {
  const inside = (index: number): number => Math.min(Math.max(index, 0), length - 1);
  if (mode === "nearest") return [[inside(nearest(at, rounding)), 1]];
  const left = Math.floor(at);
  return [
    [inside(left), 1 - (at - left)],
    [inside(left + 1), at - left],
  ];
}

function nearest(at: number, rounding: string): number {
  switch (rounding) {
    case "floor":
      return Math.floor(at);
    case "ceil":
      return Math.ceil(at);
    case "round_prefer_floor":
      return Math.ceil(at - 0.5);
    case "round_prefer_ceil":
      return Math.floor(at + 0.5);
    default:
      throw operatorError("Resize", "a nearest_mode", rounding);
  }
}

/** Applies the transposed matrix along one axis, which is last meanwhile. */
function along(
  g: Var,
  axis: number,
  count: number,
  length: number,
  read: (position: number) => readonly Weight[],
): Var {
  const matrix = new Float64Array(count * length);
  for (let position = 0; position < count; position++) {
    for (const [index, weight] of read(position))
      matrix[position * length + index] = (matrix[position * length + index] ?? 0) + weight;
  }
  const axes = [...g.type.shape.keys()];
  const last = axes.length - 1;
  // Exchanging two axes is its own inverse.
  const perm = axes.map((at) => (at === axis ? last : at === last ? axis : at));
  return transpose(matmul(transpose(g, perm), constant(tensorOf(g.type.dtype, [count, length], matrix))), perm);
}
