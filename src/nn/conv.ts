/** Convolution over signals [N, C, T] and images [N, C, H, W]. */

import { usageError } from "../errors.ts";
import { conv as convolve } from "../graph/index.ts";
import { operatorError } from "../graph/node.ts";
import { fansOf, type Initialisation, initialisation } from "./initialisers.ts";
import type { Layer } from "./layer.ts";
import { channelsOf } from "./shapes.ts";

export interface ConvOptions {
  /** Default `conv`. */
  readonly name?: string;
  /** Step of the kernel along every spatial axis; default 1. */
  readonly stride?: number;
  /** Zeros on each side of every spatial axis; default 0 ("valid"). (kernel - 1) / 2 keeps the size. */
  readonly padding?: number;
  /** Distance between the taps; default 1. */
  readonly dilation?: number;
  /** Groups of channels that do not see each other; default 1. */
  readonly groups?: number;
  /** Whether a bias is added; default true. Pointless before batch normalisation, which takes it off again. */
  readonly bias?: boolean;
  /** Default Glorot's uniform, biases zero. */
  readonly initialisation?: Initialisation;
}

/** A kernel of the same size along every spatial axis: weight [filters, C / groups, kernel, ...], bias [filters]. */
export function conv(filters: number, kernel: number, options: ConvOptions = {}): Layer {
  const { name = "conv", stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options;
  const start = options.initialisation ?? initialisation("glorotUniform");
  if (filters % groups !== 0)
    throw usageError("conv-groups", `conv ${name}: expected filters divisible by ${groups} groups, got ${filters}`);
  return {
    name,
    description: describe(filters, kernel, { stride, padding, dilation, groups }),
    mixesRows: false,
    apply(x, scope) {
      const spatial = x.type.shape.length - 2;
      if (spatial !== 1 && spatial !== 2)
        throw operatorError(`conv ${name}`, "signals [N, C, T] or images [N, C, H, W]", x);
      const channels = channelsOf(`conv ${name}`, x);
      if (channels % groups !== 0) throw operatorError(`conv ${name}`, `channels divisible by ${groups} groups`, x);
      const each = (value: number): number[] => Array.from({ length: spatial }, () => value);
      const dims = [filters, channels / groups, ...each(kernel)];
      const weight = scope.parameter("weight", dims, start.weight);
      const shift = bias
        ? scope.parameter("bias", [filters], start.bias(fansOf(dims).fanIn), { decay: false })
        : undefined;
      return convolve(x, weight, shift, {
        strides: each(stride),
        pads: [...each(padding), ...each(padding)],
        dilations: each(dilation),
        group: groups,
      });
    },
  };
}

function describe(
  filters: number,
  kernel: number,
  { stride, padding, dilation, groups }: Required<Pick<ConvOptions, "stride" | "padding" | "dilation" | "groups">>,
): string {
  return [
    `conv ${kernel} x ${filters}`,
    stride === 1 ? "" : `stride ${stride}`,
    padding === 0 ? "" : `pad ${padding}`,
    dilation === 1 ? "" : `dilation ${dilation}`,
    groups === 1 ? "" : `groups ${groups}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}
