/**
 * Initial values of parameters, each named after the paper that proposed it. Fans are counted on our layouts: linear
 * weights are [in, out], kernels [out, in / groups, ...taps]; fan-in and fan-out count the taps, as PyTorch does.
 */
import { usageError } from "../errors.ts";
import { sizeOf } from "../graph/tensor.ts";
import type { Initialiser } from "./layer.ts";

export interface Fans {
  /** Numbers that enter one unit. */
  readonly fanIn: number;
  /** Numbers that one input contributes to. */
  readonly fanOut: number;
}

export function fansOf(dims: readonly number[]): Fans {
  const [first, second, ...taps] = dims;
  if (first === undefined || second === undefined)
    throw usageError("initialiser", `initialiser: expected a weight of rank 2 or more, got [${dims.join(",")}]`);
  const area = sizeOf(taps);
  return dims.length === 2 ? { fanIn: first, fanOut: second } : { fanIn: second * area, fanOut: first * area };
}

export const constant =
  (value: number): Initialiser =>
  (dims) =>
    new Float32Array(sizeOf(dims)).fill(value);

export const zeros: Initialiser = constant(0);
export const ones: Initialiser = constant(1);

/** Values from elsewhere: a copy, whatever the seed. */
export const given =
  (values: Float32Array): Initialiser =>
  () =>
    values.slice();

/** U(-bound, bound) */
export const uniform =
  (bound: number): Initialiser =>
  (dims, random) =>
    fill(dims, () => bound * (2 * random.uniform() - 1));

/** N(0, deviation^2) */
export const normal =
  (deviation: number): Initialiser =>
  (dims, random) =>
    fill(dims, () => deviation * random.normal());

/** U(+-sqrt(6 / (fan-in + fan-out))), Glorot and Bengio 2010, equation 16; also that of the shallow DANN code. */
export const glorotUniform: Initialiser = fromFans(({ fanIn, fanOut }) => uniform(Math.sqrt(6 / (fanIn + fanOut))));

/** N(0, 2 / (fan-in + fan-out)), Glorot and Bengio 2010. */
export const glorotNormal: Initialiser = fromFans(({ fanIn, fanOut }) => normal(Math.sqrt(2 / (fanIn + fanOut))));

/** U(+-sqrt(6 / fan-in)), He et al. 2015, for ReLU. */
export const heUniform: Initialiser = fromFans(({ fanIn }) => uniform(Math.sqrt(6 / fanIn)));

/** N(0, 2 / fan-in), He et al. 2015, equation 10, for ReLU. */
export const heNormal: Initialiser = fromFans(({ fanIn }) => normal(Math.sqrt(2 / fanIn)));

/** U(+-sqrt(3 / fan-in)), LeCun et al. 1998 (Efficient BackProp, section 4.6). */
export const leCunUniform: Initialiser = fromFans(({ fanIn }) => uniform(Math.sqrt(3 / fanIn)));

/** N(0, 1 / fan-in), LeCun et al. 1998. */
export const leCunNormal: Initialiser = fromFans(({ fanIn }) => normal(Math.sqrt(1 / fanIn)));

/** U(+-1 / sqrt(fan-in)): what PyTorch's linear and convolution layers start with; a third of He's variance. */
export const torchUniform: Initialiser = fromFans(({ fanIn }) => uniform(1 / Math.sqrt(fanIn)));

function fromFans(make: (fans: Fans) => Initialiser): Initialiser {
  return (dims, random) => make(fansOf(dims))(dims, random);
}

function fill(dims: readonly number[], draw: () => number): Float32Array {
  const values = new Float32Array(sizeOf(dims));
  for (let i = 0; i < values.length; i++) values[i] = draw();
  return values;
}

/** How the weights of a network start. Biases start at zero, except PyTorch's, which draw like their weights. */
export type InitialiserName =
  | "glorotUniform"
  | "glorotNormal"
  | "heUniform"
  | "heNormal"
  | "leCunUniform"
  | "leCunNormal"
  | "torchUniform";

const byName: Readonly<Record<InitialiserName, Initialiser>> = {
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  leCunUniform,
  leCunNormal,
  torchUniform,
};

export const initialiserNames: readonly InitialiserName[] = Object.keys(byName) as InitialiserName[];

/** How a layer's weight and bias start. */
export interface Initialisation {
  readonly weight: Initialiser;
  /** @param fanIn of the weight beside it: a bias does not know it. */
  readonly bias: (fanIn: number) => Initialiser;
}

export const initialisation = (name: InitialiserName): Initialisation => ({
  weight: byName[name],
  bias: (fanIn) => (name === "torchUniform" ? uniform(1 / Math.sqrt(fanIn)) : zeros),
});
