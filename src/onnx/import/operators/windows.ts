/** Convolutions, pooling and resizing. */
import {
  type Attribute,
  apply,
  floats,
  globalAveragePool,
  globalMaxPool,
  makeNode,
  type Var,
} from "../../../graph/index.ts";
import type { Dim, Shape } from "../../../graph/tensor.ts";
import { axisOf, type Conversion, refuse } from "../conversion.ts";
import { attributesFor, type ImportRule, type ImportRules, operandsOf } from "./rule.ts";

type Given = Record<string, Attribute>;

/** The pads that `auto_pad` stands for: as many outputs as inputs divided by the stride. */
function pads(c: Conversion, spatial: Shape, kernel: readonly number[], given: Given): Given {
  const auto = c.text("auto_pad", "NOTSET");
  if (auto === "NOTSET" || auto === "VALID") return given;
  if (auto !== "SAME_UPPER" && auto !== "SAME_LOWER") throw refuse("auto_pad SAME_UPPER, SAME_LOWER or VALID", auto);
  const strides = c.ints("strides") ?? kernel.map(() => 1);
  const dilations = c.ints("dilations") ?? kernel.map(() => 1);
  const totals = kernel.map((size, axis) => {
    const stride = strides[axis] ?? 1;
    const reach = (dilations[axis] ?? 1) * (size - 1) + 1;
    if (stride === 1) return reach - 1;
    const length = spatial[axis];
    if (typeof length !== "number") throw refuse(`${c.node.op} with auto_pad over sizes in numbers`, `${length}`);
    return Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length);
  });
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, axis) => total - (small[axis] ?? 0));
  return { ...given, pads: auto === "SAME_UPPER" ? [...small, ...large] : [...large, ...small] };
}

const kernelOf = (w: Var): readonly number[] => w.type.shape.slice(2).map(Number);

const conv: ImportRule = (c) => {
  const [x, w] = [c.input(0), c.input(1)];
  const given = attributesFor("Conv", c, ["auto_pad"]);
  return apply("Conv", operandsOf(c), pads(c, x.type.shape.slice(2), kernelOf(w), given));
};

/** `output_shape` and `auto_pad` say the size of the result, and the pads follow from it. */
const convTranspose: ImportRule = (c) => {
  const [x, w] = [c.input(0), c.input(1)];
  const given = attributesFor("ConvTranspose", c, ["auto_pad", "output_shape"]);
  const auto = c.text("auto_pad", "NOTSET");
  const wanted = c.ints("output_shape");
  if (wanted === undefined && (auto === "NOTSET" || auto === "VALID"))
    return apply("ConvTranspose", operandsOf(c), given);
  const kernel = kernelOf(w);
  const strides = c.ints("strides") ?? kernel.map(() => 1);
  const dilations = c.ints("dilations") ?? kernel.map(() => 1);
  const extra = c.ints("output_padding") ?? kernel.map(() => 0);
  const spatial = x.type.shape.slice(2);
  const totals = kernel.map((size, axis) => {
    const [length, stride] = [spatial[axis], strides[axis] ?? 1];
    if (typeof length !== "number") throw refuse("ConvTranspose with output_shape of sizes in numbers", `${length}`);
    const target = wanted?.at(axis - kernel.length) ?? length * stride;
    const reach = (dilations[axis] ?? 1) * (size - 1) + 1;
    return Math.max(0, stride * (length - 1) + (extra[axis] ?? 0) + reach - target);
  });
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, axis) => total - (small[axis] ?? 0));
  // The operator's definition gives the larger part to the end only for SAME_UPPER.
  return apply("ConvTranspose", operandsOf(c), {
    ...given,
    pads: auto === "SAME_UPPER" ? [...small, ...large] : [...large, ...small],
  });
};

const pool =
  (op: "MaxPool" | "AveragePool"): ImportRule =>
  (c) => {
    const x = c.input(0);
    const kernel = c.ints("kernel_shape") ?? [];
    const { dilations, ...given } = attributesFor(op, c, ["auto_pad", "storage_order", "dilations"]);
    const spread = c.ints("dilations")?.some((step) => step !== 1) === true;
    if (spread && op === "AveragePool") throw refuse("AveragePool without dilations", `[${c.ints("dilations")}]`);
    if (c.int("storage_order", 0) !== 0) throw refuse(`${op} with storage_order 0`, "1");
    const all = pads(
      c,
      x.type.shape.slice(2),
      kernel,
      spread && dilations !== undefined ? { ...given, dilations } : given,
    );
    return makeNode(op, [x], all).outputs;
  };

/** Scales or sizes, over all axes or (opset 18) over listed ones. */
const resize: ImportRule = (c) => {
  const x = c.input(0);
  const rank = x.type.shape.length;
  const mode = c.text("mode", "nearest");
  const coordinates = c.text("coordinate_transformation_mode", "half_pixel");
  const fits = ["half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"].includes(coordinates);
  if ((mode !== "nearest" && mode !== "linear") || !fits)
    throw refuse(
      "Resize nearest or linear, with half_pixel, pytorch_half_pixel, asymmetric or align_corners",
      `${mode}, ${coordinates}`,
    );
  if (c.int("antialias", 0) !== 0) throw refuse("Resize without antialias", "antialias 1");
  if (c.text("keep_aspect_ratio_policy", "stretch") !== "stretch")
    throw refuse("Resize that stretches", "another policy");
  const axes = c.ints("axes")?.map((axis) => axisOf(axis, rank)) ?? [...Array(rank).keys()];
  const attributes: Given = {
    mode,
    coordinate_transformation_mode: coordinates,
    ...(mode === "nearest" ? { nearest_mode: c.text("nearest_mode", "round_prefer_floor") } : {}),
  };
  if (c.has(2) && (c.known(2)?.elements.length ?? 1) > 0) {
    const given = c.numbers(2);
    const scales = Array.from({ length: rank }, (_, axis) => given[axes.indexOf(axis)] ?? 1);
    if (scales.every((scale) => scale === 1)) return x;
    return apply("Resize", [x, undefined, floats([rank], scales)], attributes);
  }
  const given = c.sizes(3);
  const sizes = x.type.shape.map((dim, axis): Dim => given[axes.indexOf(axis)] ?? dim);
  if (sizes.every((size, axis) => size === x.type.shape[axis])) return x;
  return apply("Resize", [x, undefined, undefined, c.vector(sizes)], attributes);
};

export const windowRules: ImportRules = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool("MaxPool"),
  AveragePool: pool("AveragePool"),
  GlobalAveragePool: (c) => globalAveragePool(c.input(0)),
  GlobalMaxPool: (c) => globalMaxPool(c.input(0)),
  Resize: resize,
};
