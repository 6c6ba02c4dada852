/** What a network is built for, and the options that networks share. */
import { z } from "zod";
import { usageError } from "../../errors.ts";
import { type ActivationName, activationNames } from "../../nn/activations.ts";
import { type BatchNormRegime, batchNormRegimes } from "../../nn/batch-norm.ts";
import { type InitialiserName, initialiserNames } from "../../nn/initialisers.ts";
import type { Layer } from "../../nn/layer.ts";
import type { TaskKind } from "../../task.ts";

export interface NetworkRequest {
  /** Shape of one row after preprocessing: image [C, H, W], signal [C, T], features [D]. */
  readonly inputShape: readonly number[];
  /** Outputs of G_y: a logit a class; of a regression 1. */
  readonly classes: number;
  /** What G_y predicts; default `classification`. */
  readonly task?: TaskKind | undefined;
  /** Rows of each domain that will train; `auto` choices go by them. */
  readonly rows: { readonly source: number; readonly target: number };
  /** Sources that the domain classifier tells apart; default 1. */
  readonly sources?: number | undefined;
}

/** Options of networks. Each network documents its defaults and refuses what it has no use for. */
export interface NetworkOptions {
  /**
   * Batch normalisation in G_f and G_y, never in G_d; default `none`. `auto` is `perDomain`, but `none` for rows of more
   * than 1,000 features.
   */
  readonly batchNorm?: "auto" | "none" | BatchNormRegime | undefined;
  /** Widths of the hidden fully connected layers; default the network's own. */
  readonly hidden?: readonly number[] | undefined;
  /** Filters of each convolutional stage; default the network's own. Networks with fixed filters refuse it. */
  readonly filters?: readonly number[] | undefined;
  /** Dropout behind each hidden fully connected layer; default 0, except for `svhn`. */
  readonly dropout?: number | undefined;
  /** Activation of G_f and G_y; default the network's own. G_d has ReLU. */
  readonly activation?: ActivationName | undefined;
  /** How weights start; default `glorotUniform`. */
  readonly initialiser?: InitialiserName | undefined;
  /** Widths of the domain classifier's hidden layers, or `auto`: by the number of rows. Default the network's own. */
  readonly domainHidden?: readonly number[] | "auto" | undefined;
  /**
   * Where G_f ends and the gradient reversal sits: `features`, as in the paper's figure (default), or `last-hidden`,
   * behind the last hidden fully connected layer, which then belongs to G_f. Without such a layer the two are one place.
   */
  readonly reversalAt?: "features" | "last-hidden" | undefined;
}

/** Options as networks are built with: `auto` has become what it stands for. */
export type SettledOptions = NetworkOptions & { readonly batchNorm?: "none" | BatchNormRegime | undefined };

/**
 * Settles the options that go by the shape of a row. Word weights of reviews (Amazon, 5,000 tf-idf weights, 800 steps,
 * seed 100, target test accuracy of DANN; tuned on target): books -> dvd .803 with `perDomain`, .815 with none,
 * dvd -> kitchen .814 / .832, kitchen -> dvd .716 / .771, electronics -> kitchen .844 / .865.
 */
export function settle(options: NetworkOptions, { inputShape }: Pick<NetworkRequest, "inputShape">): SettledOptions {
  const { batchNorm, ...rest } = options;
  if (batchNorm !== "auto") return { ...rest, batchNorm };
  return { ...rest, batchNorm: inputShape.length === 1 && (inputShape[0] ?? 0) > 1000 ? "none" : "perDomain" };
}

const width = z.int().positive();
const widths = z.array(width).readonly();

export const networkOptions: z.ZodType<NetworkOptions, NetworkOptions> = z.strictObject({
  batchNorm: z
    .enum(["auto", "none", ...batchNormRegimes])
    .optional()
    .describe("batch normalisation and whose statistics it uses"),
  hidden: widths.optional().describe("widths of the hidden fully connected layers"),
  filters: widths.optional().describe("filters of each convolutional stage"),
  dropout: z.number().min(0).lt(1).optional().describe("dropout behind each hidden fully connected layer"),
  activation: z.enum(activationNames).optional().describe("activation of feature extractor and label predictor"),
  initialiser: z.enum(initialiserNames).optional().describe("how weights start"),
  domainHidden: z
    .union([z.literal("auto"), widths])
    .optional()
    .describe("widths of the domain classifier's hidden layers, or auto"),
  reversalAt: z.enum(["features", "last-hidden"]).optional().describe("where the gradient reversal sits"),
});

export type NetworkOptionName = keyof NetworkOptions;

/** A built network, ready for a method. */
export interface BuiltNetwork {
  readonly name: string;
  readonly featureExtractor: Layer;
  readonly labelPredictor: Layer;
  readonly domainClassifier: Layer;
  /** One line for each part. */
  readonly description: string;
  /** Why this network: for `auto`, what in the data decided; else "asked for". */
  readonly why: string;
}

/** A network of the registry. */
export interface NetworkRow {
  readonly name: string;
  /** One line for people, with its source. */
  readonly description: string;
  readonly input: "image" | "signal" | "features" | "any";
  /** Options that it takes. */
  readonly options: readonly NetworkOptionName[];
  readonly build: (
    request: NetworkRequest,
    options: SettledOptions,
  ) => Omit<BuiltNetwork, "why"> & { readonly why?: string };
}

/** Options that every network takes. */
export const commonOptions: readonly NetworkOptionName[] = [
  "batchNorm",
  "hidden",
  "dropout",
  "activation",
  "initialiser",
  "domainHidden",
  "reversalAt",
];

/** Refuses an option that a network would ignore. */
export function refuseUnused(row: Pick<NetworkRow, "name" | "options">, options: NetworkOptions): void {
  for (const [option, value] of Object.entries(options))
    if (value !== undefined && !row.options.includes(option as NetworkOptionName))
      throw usageError(
        "network-options",
        `network ${row.name}: expected options among ${row.options.join(", ")}, got ${option}`,
        "Leave it out, or use another network.",
      );
}
