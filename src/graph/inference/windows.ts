/** Types of convolutions and pooling, with the arithmetic of sliding windows. */
import { addDims, ceilDivide, floorDivide, multiplyDims, subtractDims } from "../dims.ts";
import { operatorError } from "../operator-error.ts";
import type { WindowOp } from "../operator-names.ts";
import type { Dim, Shape } from "../tensor.ts";
import {
  type Family,
  intAttribute,
  intsAttribute,
  type OperatorSchema,
  type Request,
  requireSameType,
  requireType,
} from "./schema.ts";

/** Stride, padding and dilation of every spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before and after each axis. */
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

/** The window that a node's attributes describe, checked. */
export function windowOf(request: Request, kernel: readonly number[]): Window {
  const rank = kernel.length;
  const strides = intsAttribute(request, "strides", Array<number>(rank).fill(1));
  const dilations = intsAttribute(request, "dilations", Array<number>(rank).fill(1));
  const pads = intsAttribute(request, "pads", Array<number>(2 * rank).fill(0));
  const whole = (values: readonly number[], count: number, least: number): boolean =>
    values.length === count && values.every((value) => value >= least);
  if (!whole(kernel, rank, 1) || !whole(strides, rank, 1) || !whole(dilations, rank, 1) || !whole(pads, 2 * rank, 0)) {
    throw operatorError(
      request.op,
      `positive strides and dilations for ${rank} axes and ${2 * rank} pads of at least 0`,
      `strides [${strides}], dilations [${dilations}], pads [${pads}]`,
    );
  }
  return { kernel, strides, dilations, begins: pads.slice(0, rank), ends: pads.slice(rank) };
}

/** Sizes that slide out of `spatial`; `ceil` counts a last window that reaches past the padded end. */
function slide(request: Request, spatial: Shape, window: Window, ceil = false): Shape {
  return spatial.map((size, axis) => {
    const [kernel, stride] = [window.kernel[axis] ?? 1, window.strides[axis] ?? 1];
    const [begin, end] = [window.begins[axis] ?? 0, window.ends[axis] ?? 0];
    const reach = (window.dilations[axis] ?? 1) * (kernel - 1) + 1;
    const room = addDims(size, begin + end - reach);
    if (typeof room === "number" && room < 0) {
      throw operatorError(request.op, `a window of ${reach} inside the padded input`, `size ${size}+${begin}+${end}`);
    }
    const count = addDims((ceil ? ceilDivide : floorDivide)(room, stride), 1);
    // A window that would start in the padding after the end is not counted (ONNX Runtime and PyTorch agree).
    const starts = typeof count === "number" && typeof size === "number" && (count - 1) * stride >= size + begin;
    return ceil && starts ? addDims(count, -1) : count;
  });
}

const bad = (request: Request, expected: string): Error => operatorError(request.op, expected, ...request.inputs);

function checkRank(request: Request, rank: number): void {
  if (rank < 3) throw bad(request, "[N, C, spatial...]");
}

const conv: OperatorSchema = {
  inputs: [2, 3],
  attributes: { kernel_shape: "ints", strides: "ints", pads: "ints", dilations: "ints", group: "int" },
  infer: (request) => {
    const [x, w, b] = [requireType(request, 0, "float"), requireType(request, 1, "float"), request.inputs[2]];
    const dtype = requireSameType(request, [0, 1, 2]);
    const [n, c, ...spatial] = x.type.shape;
    const [m, perGroup, ...kernel] = w.type.shape;
    const group = intAttribute(request, "group", 1);
    checkRank(request, x.type.shape.length);
    if (
      n === undefined ||
      c === undefined ||
      m === undefined ||
      kernel.length !== spatial.length ||
      !allNumbers(kernel)
    ) {
      throw bad(request, "x [N, C, spatial...] and w [M, C/group, kernel...]");
    }
    const fits = perGroup !== undefined && multiplyDims(perGroup, group) === c;
    if (!fits || typeof m !== "number" || m % group !== 0) {
      throw bad(request, `w [M, C/${group}, kernel...] for x [N, C, spatial...], M divisible by ${group}`);
    }
    checkBias(request, b?.type.shape, m);
    return [{ dtype, shape: [n, m, ...slide(request, spatial, windowOf(request, kernel))] }];
  },
};

const convTranspose: OperatorSchema = {
  inputs: [2, 3],
  attributes: {
    kernel_shape: "ints",
    strides: "ints",
    pads: "ints",
    dilations: "ints",
    group: "int",
    output_padding: "ints",
  },
  infer: (request) => {
    const [x, w, b] = [requireType(request, 0, "float"), requireType(request, 1, "float"), request.inputs[2]];
    const dtype = requireSameType(request, [0, 1, 2]);
    const [n, c, ...spatial] = x.type.shape;
    const [m, perGroup, ...kernel] = w.type.shape;
    const group = intAttribute(request, "group", 1);
    checkRank(request, x.type.shape.length);
    if (n === undefined || kernel.length !== spatial.length || !allNumbers(kernel)) {
      throw bad(request, "x [N, C, spatial...] and w [C, M/group, kernel...]");
    }
    if (typeof c !== "number" || c !== m || typeof perGroup !== "number" || c % group !== 0) {
      throw bad(request, `w [C, M/${group}, kernel...] for x [N, C, spatial...], C divisible by ${group}`);
    }
    checkBias(request, b?.type.shape, perGroup * group);
    const window = windowOf(request, kernel);
    const extra = intsAttribute(
      request,
      "output_padding",
      kernel.map(() => 0),
    );
    const sizes = spatial.map((size, axis): Dim => {
      const reach = (window.dilations[axis] ?? 1) * ((kernel[axis] ?? 1) - 1) + 1;
      const grown = addDims(multiplyDims(subtractDims(size, 1), window.strides[axis] ?? 1), reach + (extra[axis] ?? 0));
      const result = subtractDims(grown, (window.begins[axis] ?? 0) + (window.ends[axis] ?? 0));
      if (typeof result === "number" && result < 1) throw bad(request, "pads smaller than the output");
      return result;
    });
    return [{ dtype, shape: [n, perGroup * group, ...sizes] }];
  },
};

const pool = (outputs: 1 | 2, attributes: OperatorSchema["attributes"]): OperatorSchema => ({
  inputs: [1, 1],
  attributes: { kernel_shape: "ints", strides: "ints", pads: "ints", ceil_mode: "int", ...attributes },
  infer: (request) => {
    const x = requireType(request, 0, "float");
    const [n, c, ...spatial] = x.type.shape;
    const kernel = intsAttribute(request, "kernel_shape", []);
    checkRank(request, x.type.shape.length);
    if (n === undefined || c === undefined || kernel.length !== spatial.length) {
      throw bad(request, `[N, C, spatial...] with ${kernel.length} spatial axes`);
    }
    if (intAttribute(request, "ceil_mode", 0) === 1 && intAttribute(request, "count_include_pad", 0) === 1) {
      // What a window beyond the padding counts is read differently by every implementation.
      throw operatorError(request.op, "ceil_mode or count_include_pad", "both");
    }
    const window = windowOf(request, kernel);
    if (
      window.begins.some((pad, axis) => pad >= (kernel[axis] ?? 1)) ||
      window.ends.some((pad, axis) => pad >= (kernel[axis] ?? 1))
    ) {
      throw operatorError(
        request.op,
        `pads smaller than the kernel [${kernel}]`,
        `[${[...window.begins, ...window.ends]}]`,
      );
    }
    const shape = [n, c, ...slide(request, spatial, window, intAttribute(request, "ceil_mode", 0) === 1)];
    const indices = { dtype: "int64", shape } as const;
    return [{ dtype: x.type.dtype, shape }, ...(outputs === 2 ? [indices] : [])];
  },
});

const globalPool: OperatorSchema = {
  inputs: [1, 1],
  attributes: {},
  infer: (request) => {
    const { dtype, shape } = requireType(request, 0, "float").type;
    checkRank(request, shape.length);
    return [{ dtype, shape: shape.map((dim, axis) => (axis < 2 ? dim : 1)) }];
  },
};

function checkBias(request: Request, bias: Shape | undefined, channels: number): void {
  if (bias !== undefined && (bias.length !== 1 || bias[0] !== channels)) throw bad(request, `a bias [${channels}]`);
}

const allNumbers = (shape: Shape): shape is readonly number[] => shape.every((dim) => typeof dim === "number");

export const windows: Family<WindowOp> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  /** The second output is the place of each maximum in the whole input, flattened; the first of equals wins. */
  MaxPool: pool(2, { dilations: "ints" }),
  AveragePool: pool(1, { count_include_pad: "int" }),
  GlobalMaxPool: globalPool,
  GlobalAveragePool: globalPool,
};
