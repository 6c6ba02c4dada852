/**
 * Convolutions and pooling over any number of spatial axes. One list says which input position every tap of the window
 * reads for every output position; each operator is a loop over that list.
 */
import type { Node } from "../../graph/node.ts";
import type { WindowOp } from "../../graph/operator-names.ts";
import { sizeOf } from "../../graph/tensor.ts";
import { at, generate, intOf, intsOf, type Kernel, type Kernels, makeValue, required, stridesOf } from "./value.ts";

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

/** One tap: the output position it serves, the input position it reads (-1 in the padding), its place in the kernel. */
interface Tap {
  readonly output: number;
  readonly input: number;
  readonly kernel: number;
}

function windowOf(node: Node, kernel: readonly number[]): Window {
  const ones = kernel.map(() => 1);
  const pads = intsOf(node, "pads") ?? [...kernel, ...kernel].map(() => 0);
  return {
    kernel,
    strides: intsOf(node, "strides") ?? ones,
    dilations: intsOf(node, "dilations") ?? ones,
    begins: pads.slice(0, kernel.length),
    ends: pads.slice(kernel.length),
  };
}

/** Every tap that reads the input or its padding; beyond the padding (ceil mode) there is none. */
function tapsOf(input: readonly number[], output: readonly number[], window: Window): Tap[] {
  const [inputStrides, outputStrides, kernelStrides] = [input, output, window.kernel].map(stridesOf);
  const taps: Tap[] = [];
  const coordinates = (index: number, dims: readonly number[], strides: readonly number[] = []): number[] =>
    dims.map((dim, axis) => Math.floor(index / at(strides, axis)) % dim);
  for (let o = 0; o < sizeOf(output); o++) {
    const place = coordinates(o, output, outputStrides);
    for (let k = 0; k < sizeOf(window.kernel); k++) {
      const tap = coordinates(k, window.kernel, kernelStrides);
      const read = place.map(
        (p, axis) =>
          p * at(window.strides, axis) + at(tap, axis) * at(window.dilations, axis) - at(window.begins, axis),
      );
      if (read.some((r, axis) => r >= at(input, axis) + at(window.ends, axis))) continue;
      const inside = read.every((r, axis) => r >= 0 && r < at(input, axis));
      const index = read.reduce((sum, r, axis) => sum + r * at(inputStrides ?? [], axis), 0);
      taps.push({ output: o, input: inside ? index : -1, kernel: k });
    }
  }
  return taps;
}

/** y[n, m, o] = b[m] + sum over c, taps of x[n, c, i] w[m, c, k] */
const conv: Kernel = (inputs, node) => {
  const [x, w, b] = [required(inputs, 0), required(inputs, 1), inputs[2]];
  const [n, c, ...spatial] = x.dims as [number, number, ...number[]];
  const [m, perGroup, ...kernel] = w.dims as [number, number, ...number[]];
  const window = windowOf(node, kernel);
  const result = spatial.map((size, axis) => {
    const reach = at(window.dilations, axis) * (at(kernel, axis) - 1) + 1;
    return Math.floor((size + at(window.begins, axis) + at(window.ends, axis) - reach) / at(window.strides, axis)) + 1;
  });
  const taps = tapsOf(spatial, result, window).filter((tap) => tap.input >= 0);
  const [inSize, outSize, kernelSize] = [sizeOf(spatial), sizeOf(result), sizeOf(kernel)];
  const perOutput = m / intOf(node, "group", 1);
  const data = new Float64Array(n * m * outSize);
  for (let row = 0; row < n; row++) {
    for (let out = 0; out < m; out++) {
      const to = (row * m + out) * outSize;
      data.fill(b === undefined ? 0 : at(b.data, out), to, to + outSize);
      for (let channel = 0; channel < perGroup; channel++) {
        const from = (row * c + Math.floor(out / perOutput) * perGroup + channel) * inSize;
        const weights = (out * perGroup + channel) * kernelSize;
        for (const tap of taps) {
          const place = to + tap.output;
          data[place] = at(data, place) + at(x.data, from + tap.input) * at(w.data, weights + tap.kernel);
        }
      }
    }
  }
  return [makeValue(x.dtype, [n, m, ...result], data)];
};

/** The adjoint of a convolution from `result` to x's spatial sizes: y[n, m, i] = b[m] + sum of x[n, c, o] w[c, m, k] */
const convTranspose: Kernel = (inputs, node) => {
  const [x, w, b] = [required(inputs, 0), required(inputs, 1), inputs[2]];
  const [n, c, ...spatial] = x.dims as [number, number, ...number[]];
  const [, perGroup, ...kernel] = w.dims as [number, number, ...number[]];
  const window = windowOf(node, kernel);
  const extra = intsOf(node, "output_padding") ?? kernel.map(() => 0);
  const result = spatial.map((size, axis) => {
    const reach = at(window.dilations, axis) * (at(kernel, axis) - 1) + 1;
    const pads = at(window.begins, axis) + at(window.ends, axis);
    return (size - 1) * at(window.strides, axis) + reach + at(extra, axis) - pads;
  });
  const taps = tapsOf(result, spatial, window).filter((tap) => tap.input >= 0);
  const [inSize, outSize, kernelSize] = [sizeOf(spatial), sizeOf(result), sizeOf(kernel)];
  const group = intOf(node, "group", 1);
  const m = perGroup * group;
  const data = new Float64Array(n * m * outSize);
  for (let row = 0; row < n; row++) {
    for (let out = 0; out < m; out++) {
      const to = (row * m + out) * outSize;
      data.fill(b === undefined ? 0 : at(b.data, out), to, to + outSize);
      const first = Math.floor(out / perGroup) * (c / group);
      for (let channel = first; channel < first + c / group; channel++) {
        const from = (row * c + channel) * inSize;
        const weights = (channel * perGroup + (out % perGroup)) * kernelSize;
        for (const tap of taps) {
          const place = to + tap.input;
          data[place] = at(data, place) + at(x.data, from + tap.output) * at(w.data, weights + tap.kernel);
        }
      }
    }
  }
  return [makeValue(x.dtype, [n, m, ...result], data)];
};

/** Spatial sizes of the pooled value, from the node: the rule for a ragged last window lives in the graph's inference. */
function pooledSizes(node: Node, spatial: readonly number[], window: Window): number[] {
  const ceil = intOf(node, "ceil_mode", 0) === 1;
  return spatial.map((size, axis) => {
    const stride = at(window.strides, axis);
    const reach = at(window.dilations, axis) * (at(window.kernel, axis) - 1) + 1;
    const room = size + at(window.begins, axis) + at(window.ends, axis) - reach;
    const count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    return ceil && (count - 1) * stride >= size + at(window.begins, axis) ? count - 1 : count;
  });
}

/** The largest of each window and its place in the whole input; the first of equals wins. */
const maxPool: Kernel = (inputs, node) => {
  const x = required(inputs, 0);
  const [n, c, ...spatial] = x.dims as [number, number, ...number[]];
  const window = windowOf(node, intsOf(node, "kernel_shape") ?? []);
  const result = pooledSizes(node, spatial, window);
  const [inSize, outSize] = [sizeOf(spatial), sizeOf(result)];
  const best = new Float64Array(n * c * outSize).fill(Number.NEGATIVE_INFINITY);
  const place = new Float64Array(best.length);
  const taps = tapsOf(spatial, result, window).filter((tap) => tap.input >= 0);
  for (let plane = 0; plane < n * c; plane++) {
    for (const tap of taps) {
      const [to, from] = [plane * outSize + tap.output, plane * inSize + tap.input];
      if (at(x.data, from) > at(best, to)) {
        best[to] = at(x.data, from);
        place[to] = from;
      }
    }
  }
  const dims = [n, c, ...result];
  return [makeValue(x.dtype, dims, best), makeValue("int64", dims, place)];
};

/** The mean of each window; padding counts as zeros or not at all. */
const averagePool: Kernel = (inputs, node) => {
  const x = required(inputs, 0);
  const [n, c, ...spatial] = x.dims as [number, number, ...number[]];
  const window = windowOf(node, intsOf(node, "kernel_shape") ?? []);
  const result = pooledSizes(node, spatial, window);
  const [inSize, outSize] = [sizeOf(spatial), sizeOf(result)];
  const taps = tapsOf(spatial, result, window);
  const padding = intOf(node, "count_include_pad", 0) === 1;
  const counts = new Float64Array(outSize);
  for (const tap of taps) if (padding || tap.input >= 0) counts[tap.output] = at(counts, tap.output) + 1;
  const data = new Float64Array(n * c * outSize);
  for (let plane = 0; plane < n * c; plane++) {
    for (const tap of taps) {
      if (tap.input < 0) continue;
      const to = plane * outSize + tap.output;
      data[to] = at(data, to) + at(x.data, plane * inSize + tap.input) / at(counts, tap.output);
    }
  }
  return [makeValue(x.dtype, [n, c, ...result], data)];
};

const globalPool =
  (reduce: (values: Float64Array) => number): Kernel =>
  (inputs) => {
    const x = required(inputs, 0);
    const size = sizeOf(x.dims.slice(2));
    const dims = x.dims.map((dim, axis) => (axis < 2 ? dim : 1));
    return [generate(x.dtype, dims, (i) => reduce(x.data.subarray(i * size, (i + 1) * size)))];
  };

export const windowKernels: Kernels<WindowOp> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalPool((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
  GlobalMaxPool: globalPool((values) =>
    values.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY),
  ),
};
