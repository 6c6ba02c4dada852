/** Picks a network by the data's shape, and says which and why. Options that are given win over those it picks. */
import { usageError } from "../../errors.ts";
import { compact } from "./compact.ts";
import { mnist } from "./mnist.ts";
import { commonOptions, type NetworkRequest, type NetworkRow, refuseUnused, type SettledOptions } from "./options.ts";
import { mlp } from "./rows.ts";
import { signal } from "./signal.ts";

interface Choice {
  readonly row: NetworkRow;
  readonly options: SettledOptions;
  readonly why: string;
}

export const auto: NetworkRow = {
  name: "auto",
  description: "picks one of the others by the data's shape, and says why",
  input: "any",
  options: [...commonOptions, "filters"],
  build(request, options) {
    const choice = choose(request);
    refuseUnused({ ...choice.row, name: `auto (here ${choice.row.name})` }, options);
    return { ...choice.row.build(request, { ...choice.options, ...given(options) }), why: choice.why };
  },
};

function choose({ inputShape }: NetworkRequest): Choice {
  switch (inputShape.length) {
    case 1:
      return forRows(inputShape[0] ?? 0);
    case 2:
      return { row: signal, options: {}, why: `signals of ${inputShape[0]} channels, ${inputShape[1]} points long` };
    case 3:
      return forImages(inputShape);
    default:
      throw usageError(
        "network-input",
        `network auto: expected rows [D], signals [C,T] or images [C,H,W], got [${inputShape.join(",")}]`,
      );
  }
}

function forRows(width: number): Choice {
  // Measured: moons (2 features, tanh) and Amazon reviews (5,000 word weights, dropout); in between, judgement.
  if (width <= 16)
    return {
      row: mlp,
      options: { hidden: [64, 64], activation: "tanh" },
      why: `rows of ${width} features: few, so two smooth layers of 64`,
    };
  if (width > 1000)
    return {
      row: mlp,
      options: { hidden: [100], dropout: 0.5 },
      why: `rows of ${width} features: many, so one layer of 100 with dropout`,
    };
  return { row: mlp, options: {}, why: `rows of ${width} features` };
}

function forImages(shape: readonly number[]): Choice {
  const [, height = 0, width = 0] = shape;
  const size = `images of ${height}x${width}`;
  if (Math.min(height, width) >= 16 && Math.max(height, width) <= 28)
    return { row: mnist, options: {}, why: `${size}: the size of the digits that the paper's network was made for` };
  return { row: compact, options: {}, why: `${size}: another size than the paper's digits` };
}

/** Options that are set: an explicit `undefined` must not hide a choice. */
const given = (options: SettledOptions): SettledOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
