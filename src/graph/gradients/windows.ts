/** Gradients of convolution and pooling. */
import { windowOf } from "../inference/windows.ts";
import type { Var } from "../node.ts";
import type { WindowOp } from "../operator-names.ts";
import { type ConvOptions, conv } from "../ops/convolution.ts";
import { div, mul } from "../ops/elementwise.ts";
import { expandLike } from "../ops/layout.ts";
import { convolutionInput, convolutionWeight } from "./convolution-formulations.ts";
import { averagePoolGradient, maxPoolGradient } from "./pooling.ts";
import { countAlong, maximumGradient } from "./reductions.ts";
import type { Backward, Rules } from "./rule.ts";
import { sumPerChannel } from "./sums.ts";

const spatialAxes = (x: Var): readonly number[] => [...x.type.shape.keys()].slice(2);

/** Stride, padding and groups of a node, all spelled out. */
function geometry({ node, input, attributes }: Backward): Required<ConvOptions> {
  const window = windowOf(node, input(1).type.shape.slice(2).map(Number));
  const { strides, dilations, begins, ends } = window;
  return { strides, dilations, pads: [...begins, ...ends], group: (attributes.group as number | undefined) ?? 1 };
}

export const windowRules: Rules<WindowOp> = {
  Conv: (backward) => {
    const { g, input } = backward;
    const options = geometry(backward);
    return [
      () => convolutionInput(input(0), input(1), g, options),
      () => convolutionWeight(input(0), input(1), g, options),
      () => sumPerChannel(g),
    ];
  },
  /** The adjoint of a convolution: its gradients are those of the convolution with input and output exchanged. */
  ConvTranspose: (backward) => {
    const { g, input } = backward;
    const options = geometry(backward);
    return [
      () => conv(g, input(1), undefined, options),
      () => convolutionWeight(g, input(1), input(0), options),
      () => sumPerChannel(g),
    ];
  },
  MaxPool: (backward) => [() => maxPoolGradient(backward)],
  AveragePool: (backward) => [() => averagePoolGradient(backward)],
  GlobalMaxPool: ({ g, y, input }) => [() => maximumGradient(input(0), y, g, spatialAxes(g))],
  GlobalAveragePool: ({ g, input }) => [
    () => {
      const count = countAlong(input(0), spatialAxes(g));
      return expandLike(typeof count === "number" ? mul(g, 1 / count) : div(g, count), input(0));
    },
  ],
};
