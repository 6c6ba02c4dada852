/**
 * Convolutions of small images, with the batch as the last spatial axis: [N, C, H, W] as one image [1, C, H, W, N] under
 * a kernel [M, C, KH, KW, 1]. The engine makes a product of matrices for each image of a batch, with as many columns as
 * the result has places, which for ResNet's last stage on 64x64 is four; this way it makes one. Measured on ONNX Runtime
 * 1.30, one thread, processor time on a busy machine, 64 rows, 3x3: 512 -> 512 on 2x2 16 ms instead of 51, 256 -> 256 on
 * 5x5 26 instead of 32, on 7x7 58 instead of 70; on 8x8 and larger it makes no difference.
 *
 * Fixed weights the engine arranges in blocks of channels once, which is faster than either, but not where an image has
 * hardly more places than padding (32 rows): 512 -> 512 on 2x2 17 ms, this way 8; 256 -> 256 on 4x4 7.3 and 8.0.
 */
import {
  constantValue,
  conv,
  isStatic,
  type Node,
  type Shape,
  sizeOf,
  squeeze,
  transpose,
  unsqueeze,
  type Var,
} from "../graph/index.ts";

/** From so many places of the result on, a convolution stays as it is. */
const manyPlaces = { fed: 64, fixed: 5 } as const;

/** The result of a convolution in that form; undefined where it does not pay or sizes are not known. */
export function convolutionOverBatch({ op, inputs, attributes, outputs }: Node): Var | undefined {
  const [x, w, bias] = inputs;
  const [n, , ...places]: Shape = outputs[0]?.type.shape ?? [];
  if (op !== "Conv" || x === undefined || w === undefined || !isStatic(places)) return undefined;
  const many = manyPlaces[constantValue(w) === undefined ? "fed" : "fixed"];
  // Engines take three spatial axes at most.
  if (n === 1 || sizeOf(places) >= many || places.length > 2 || (attributes.group ?? 1) !== 1) return undefined;
  const list = (name: string): readonly number[] | undefined => attributes[name] as readonly number[] | undefined;
  const axes = x.type.shape.map((_, axis) => axis);
  const image = unsqueeze(transpose(x, [...axes.slice(1), 0]), [0]);
  const pads = list("pads");
  const y = conv(image, unsqueeze(w, [axes.length]), bias, {
    strides: [...(list("strides") ?? places.map(() => 1)), 1],
    dilations: [...(list("dilations") ?? places.map(() => 1)), 1],
    ...(pads && { pads: [...pads.slice(0, places.length), 0, ...pads.slice(places.length), 0] }),
  });
  return transpose(squeeze(y, [0]), [axes.length - 1, ...axes.slice(0, -1)]);
}
