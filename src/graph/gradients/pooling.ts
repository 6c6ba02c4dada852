/** Gradients of max and average pooling. */
import { type Window, windowOf } from "../inference/windows.ts";
import type { Var } from "../node.ts";
import { operatorError } from "../operator-error.ts";
import { full, fullLike } from "../ops/constants.ts";
import { convTranspose } from "../ops/convolution.ts";
import { div, mul } from "../ops/elementwise.ts";
import { pad, reshape, reshapeLike, resizeNearest, scatterElements, slice } from "../ops/layout.ts";
import { averagePool } from "../ops/pooling.ts";
import { isStatic } from "../tensor.ts";
import { atLeast } from "./masks.ts";
import type { Backward } from "./rule.ts";

interface Pool {
  readonly window: Window;
  readonly spatial: readonly number[] | undefined;
}

function poolOf({ node, attributes, input }: Backward): Pool {
  const spatial = input(0).type.shape.slice(2);
  return {
    window: windowOf(node, attributes.kernel_shape as readonly number[]),
    spatial: isStatic(spatial) ? spatial : undefined,
  };
}

/** Whether the windows lie side by side inside the input: each element belongs to one window at most. */
const sideBySide = ({ kernel, strides, begins, ends, dilations }: Window): boolean =>
  kernel.every((size, axis) => size === strides[axis] && dilations[axis] === 1) &&
  [...begins, ...ends].every((padding) => padding === 0);

/** Windows' values repeated over the elements of each window; elements that no window covers get 0. */
function repeat(x: Var, like: Var, kernel: readonly number[]): Var {
  const grown = resizeNearest(x, [1, 1, ...kernel]);
  const missing = grown.type.shape.map((size, axis) => Number(like.type.shape[axis]) - Number(size));
  return missing.slice(2).every((count) => count === 0)
    ? grown
    : pad(grown, [...missing.map(() => 0), 0, 0, ...missing.slice(2)]);
}

/**
 * Max pooling. Side by side, equal maxima of a window share its gradient in equal parts; otherwise the first of them
 * takes it, as in PyTorch. Both keep the sum, and where a tie comes from equal inputs (a blank background) both give
 * the same gradients of whatever came before.
 */
export function maxPoolGradient(backward: Backward): Var {
  const { window, spatial } = poolOf(backward);
  const { g, y, input, gradient } = backward;
  const x = input(0);
  const { kernel } = window;
  if (spatial !== undefined && sideBySide(window) && backward.attributes.ceil_mode !== 1) {
    // No element is above its window's maximum; beyond the last window y is repeated as 0, and g too.
    const mask = atLeast(x, repeat(y, x, kernel));
    const size = kernel.reduce((product, length) => product * length, 1);
    const part = averagePool(mask, { kernel, strides: kernel });
    return mul(mask, repeat(div(mul(g, 1 / size), part), x, kernel));
  }
  const places = backward.node.outputs[1];
  if (places === undefined) return gradient(0);
  const zeros = reshape(fullLike(x, 0), [-1]);
  const sums = scatterElements(zeros, reshape(places, [-1]), reshape(g, [-1]), { axis: 0, reduction: "add" });
  return reshapeLike(sums, x);
}

/** Average pooling: every window gives each of its elements the same part, 1 / count of what it averages. */
export function averagePoolGradient(backward: Backward): Var {
  const { window, spatial } = poolOf(backward);
  const { g, input, attributes } = backward;
  const x = input(0);
  const { kernel, strides, begins } = window;
  const size = kernel.reduce((product, length) => product * length, 1);
  const ceil = attributes.ceil_mode === 1;
  if (spatial !== undefined && sideBySide(window) && !ceil) return repeat(mul(g, 1 / size), x, kernel);
  const { ends, rest } = reached(window, x, g);
  const pads = [...begins, ...ends];
  const partial = pads.some((padding) => padding > 0) && attributes.count_include_pad !== 1;
  const parts = partial
    ? div(g, mul(averagePool(plane(x), { kernel, strides, pads, countIncludePad: true }), size))
    : mul(g, 1 / size);
  // Rows and channels are treated alike: one transposed convolution of single planes with a kernel of ones.
  const planes = reshape(parts, [-1, 1, ...g.type.shape.slice(2)]);
  const ones = full([1, 1, ...kernel], 1, x.type.dtype);
  return reshapeLike(convTranspose(planes, ones, undefined, { strides, pads, outputPadding: rest }), x);
}

/** One plane [1, 1, spatial...] of ones, by which the elements in each window are counted. */
function plane(x: Var): Var {
  const spatial = x.type.shape.slice(2);
  if (isStatic(spatial)) return full([1, 1, ...spatial], 1, x.type.dtype);
  return fullLike(slice(slice(x, { axis: 0, end: 1 }), { axis: 1, end: 1 }), 1);
}

/** Padding at the end as far as the last window reaches (`ceil_mode` may go further), and what it leaves unread. */
function reached(window: Window, x: Var, g: Var): { ends: readonly number[]; rest: readonly number[] } {
  const { kernel, strides, begins, ends } = window;
  const left = ends.map((end, axis) => {
    const [size, count, stride] = [x.type.shape[axis + 2], g.type.shape[axis + 2], strides[axis] ?? 1];
    if (stride === 1) return 0;
    if (typeof size !== "number" || typeof count !== "number") {
      throw operatorError("AveragePool", "spatial sizes in numbers for the gradient of a stride", x);
    }
    return size + (begins[axis] ?? 0) + end - (count - 1) * stride - (kernel[axis] ?? 1);
  });
  return {
    ends: ends.map((end, axis) => end + Math.max(0, -(left[axis] ?? 0))),
    rest: left.map((count) => Math.max(0, count)),
  };
}
