/** Normalisations over layers, instances and groups. Batch normalisation is the builder's: its caller may train it. */

import { productOf } from "../../../graph/dims.ts";
import {
  add,
  constant,
  instanceNormalization,
  layerNormalization,
  mul,
  reshape,
  tensorOf,
  type Var,
} from "../../../graph/index.ts";
import { axisOf, refuse } from "../conversion.ts";
import type { ImportRule, ImportRules } from "./rule.ts";

const layer: ImportRule = (c) => {
  const axis = axisOf(c.int("axis", -1), c.input(0).type.shape.length);
  return layerNormalization(c.input(0), c.input(1), c.optional(2), { axis, epsilon: c.float("epsilon", 1e-5) });
};

const all = (size: number, value: number): Var =>
  constant(tensorOf("float32", [size], Array<number>(size).fill(value)));

/** The groups of a row standardised as instances; scale and bias are of groups before opset 21, of channels since. */
const group: ImportRule = (c) => {
  const [x, scale, bias] = [c.input(0), c.input(1), c.input(2)];
  const groups = c.int("num_groups", 1);
  const [n = 1, channels, ...spatial] = x.type.shape;
  if (typeof channels !== "number" || channels % groups !== 0) {
    throw refuse(`GroupNormalization of channels divisible by ${groups}`, `${channels}`);
  }
  if (scale.type.shape[0] !== channels && scale.type.shape[0] !== groups) {
    throw refuse(`GroupNormalization with a scale [${groups}] or [${channels}]`, `[${scale.type.shape.join(",")}]`);
  }
  const width = productOf([channels / groups, ...spatial]);
  const grouped = reshape(x, [n, groups, width]);
  const standard = instanceNormalization(grouped, all(groups, 1), all(groups, 0), c.float("epsilon", 1e-5));
  if (scale.type.shape[0] === channels) {
    const perChannel = (vector: Var): Var => reshape(vector, [channels, ...spatial.map(() => 1)]);
    return add(mul(reshape(standard, x.type.shape), perChannel(scale)), perChannel(bias));
  }
  const perGroup = (vector: Var): Var => reshape(vector, [groups, 1]);
  return reshape(add(mul(standard, perGroup(scale)), perGroup(bias)), x.type.shape);
};

export const normalisationRules: ImportRules = {
  LayerNormalization: layer,
  InstanceNormalization: (c) => instanceNormalization(c.input(0), c.input(1), c.input(2), c.float("epsilon", 1e-5)),
  GroupNormalization: group,
};
