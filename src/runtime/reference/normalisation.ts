/** Normalisations: (x - mean) / sqrt(variance + epsilon), then scale and shift. */
import type { Node } from "../../graph/node.ts";
import type { NormalisationOp } from "../../graph/operator-names.ts";
import { sizeOf } from "../../graph/tensor.ts";
import { at, axisOf, generate, intOf, type Kernel, type Kernels, makeValue, required, type Value } from "./value.ts";

const epsilonOf = (node: Node): number => (node.attributes.epsilon as number | undefined) ?? 1e-5;

/** Standardises consecutive blocks of `size` elements, each by its own mean and (biased) variance. */
function standardise(x: Value, size: number, epsilon: number): Float64Array {
  const data = new Float64Array(x.data.length);
  for (let start = 0; start < data.length; start += size) {
    const block = x.data.subarray(start, start + size);
    const mean = block.reduce((sum, value) => sum + value, 0) / size;
    const variance = block.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    block.forEach((value, i) => {
      data[start + i] = (value - mean) / Math.sqrt(variance + epsilon);
    });
  }
  return data;
}

const layerNormalization: Kernel = (inputs, node) => {
  const [x, scale, bias] = [required(inputs, 0), required(inputs, 1), inputs[2]];
  const size = sizeOf(x.dims.slice(axisOf(intOf(node, "axis", -1), x.dims.length)));
  const unit = standardise(x, size, epsilonOf(node));
  return [
    generate(
      x.dtype,
      x.dims,
      (i) => at(unit, i) * at(scale.data, i % size) + (bias === undefined ? 0 : at(bias.data, i % size)),
    ),
  ];
};

/** Channel of a linear index into [N, C, spatial...]. */
const channelOf = (x: Value): ((i: number) => number) => {
  const spatial = sizeOf(x.dims.slice(2));
  return (i) => Math.floor(i / spatial) % at(x.dims, 1);
};

const batchNormalization: Kernel = (inputs, node) => {
  const x = required(inputs, 0);
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((index) => required(inputs, index).data);
  const channel = channelOf(x);
  const epsilon = epsilonOf(node);
  return [
    generate(x.dtype, x.dims, (i) => {
      const c = channel(i);
      const unit = (at(x.data, i) - at(mean ?? [], c)) / Math.sqrt(at(variance ?? [], c) + epsilon);
      return unit * at(scale ?? [], c) + at(bias ?? [], c);
    }),
  ];
};

const instanceNormalization: Kernel = (inputs, node) => {
  const [x, scale, bias] = [required(inputs, 0), required(inputs, 1), required(inputs, 2)];
  const unit = standardise(x, sizeOf(x.dims.slice(2)), epsilonOf(node));
  const channel = channelOf(x);
  return [
    makeValue(
      x.dtype,
      x.dims,
      unit.map((value, i) => value * at(scale.data, channel(i)) + at(bias.data, channel(i))),
    ),
  ];
};

export const normalisationKernels: Kernels<NormalisationOp> = {
  LayerNormalization: layerNormalization,
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
};
