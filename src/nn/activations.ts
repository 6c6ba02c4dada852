/** Activation functions as layers, by name. */
import { elu, gelu, hardSwish, leakyRelu, relu, sigmoid, silu, softplus, tanh } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import type { Layer } from "./layer.ts";

export type ActivationName =
  | "relu"
  | "leakyRelu"
  | "elu"
  | "gelu"
  | "silu"
  | "hardSwish"
  | "softplus"
  | "sigmoid"
  | "tanh";

const byName: Readonly<Record<ActivationName, (x: Var) => Var>> = {
  relu,
  leakyRelu: (x) => leakyRelu(x, 0.01),
  elu: (x) => elu(x, 1),
  gelu: (x) => gelu(x),
  silu,
  hardSwish,
  softplus,
  sigmoid,
  tanh,
};

export const activationNames: readonly ActivationName[] = Object.keys(byName) as ActivationName[];

export const activation = (name: ActivationName): Layer => ({
  name,
  description: name,
  mixesRows: false,
  apply: (x) => byName[name](x),
});
