/** Gradients of the operators that rearrange elements: the elements of the gradient, put back. */
import type { Var } from "../node.ts";
import type { LayoutOp } from "../operator-names.ts";
import { concat, reshape, reshapeLike, shapeOf, slice, split, transpose } from "../ops/layout.ts";
import { reduceSum } from "../ops/reduction.ts";
import { staticIntegers } from "../static-values.ts";
import { isStatic } from "../tensor.ts";
import { resizeGradient } from "./resize.ts";
import type { Backward, InputGradient, Rule, Rules } from "./rule.ts";
import type { selectionRules } from "./selection.ts";

const reshapeBack: Rule = ({ g, input }) => [() => reshapeLike(g, input(0))];

const axisOf = (backward: Backward): number => {
  const axis = (backward.attributes.axis as number | undefined) ?? 0;
  return axis < 0 ? axis + backward.input(0).type.shape.length : axis;
};

/** Cuts the gradient into the operands' pieces: one Split, or one Slice when a single operand asks. */
function joined(backward: Backward): readonly InputGradient[] {
  const { g, node, needs, input } = backward;
  const axis = axisOf(backward);
  const operands = node.inputs.map((_, index) => input(index));
  const lengths = operands.map((operand) => operand.type.shape[axis] ?? 1);
  if (operands.filter((_, index) => needs(index)).length === 1 && isStatic(lengths)) {
    const numbers: readonly number[] = lengths;
    return numbers.map((length, index) => () => {
      const start = numbers.slice(0, index).reduce((sum, before) => sum + before, 0);
      return slice(g, { axis, start, end: start + length });
    });
  }
  const sizes = isStatic(lengths)
    ? lengths
    : concat(
        operands.map((operand) => shapeOf(operand, axis, axis + 1)),
        0,
      );
  const pieces = split(g, axis, sizes);
  return operands.map((_, index) => () => pieces[index] as Var);
}

/** Sums over the repetitions: [r0 d0, r1 d1, ...] seen as [r0, d0, r1, d1, ...]. */
function tiled({ g, input }: Backward): readonly InputGradient[] {
  const x = input(0);
  const repeats = staticIntegers(input(1)) ?? [];
  return [
    () => {
      const paired = x.type.shape.flatMap((dim, axis) => [repeats[axis] ?? 1, typeof dim === "number" ? dim : -1]);
      return reduceSum(reshape(g, paired), { axes: repeats.map((_, axis) => 2 * axis) });
    },
  ];
}

export const layoutRules: Rules<Exclude<LayoutOp, keyof typeof selectionRules>> = {
  Reshape: reshapeBack,
  Squeeze: reshapeBack,
  Unsqueeze: reshapeBack,
  Flatten: reshapeBack,
  Transpose: ({ g, input, attributes }) => [
    () => {
      const axes = [...input(0).type.shape.keys()];
      const perm = (attributes.perm as readonly number[] | undefined) ?? axes.toReversed();
      return transpose(
        g,
        axes.map((axis) => perm.indexOf(axis)),
      );
    },
  ],
  Concat: joined,
  Split: (backward) => [
    () =>
      concat(
        backward.node.outputs.map((_, index) => backward.gradient(index)),
        axisOf(backward),
      ),
  ],
  /** The walker sums what was broadcast. */
  Expand: ({ g }) => [() => g],
  Tile: tiled,
  Resize: ({ g, node, input }) => [() => resizeGradient(node, input(0), g)],
};
