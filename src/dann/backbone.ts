/**
 * An imported ONNX model as the first part of G_f: a network that was trained elsewhere, frozen or trained on from its
 * weights. Its features are one vector a row (`reading.ts`, for text `tokens.ts`).
 *
 * Frozen parts are constants in their inference form. Trained batch normalisations follow the regimes of
 * `nn/batch-norm.ts`, starting from the file's scale, shift and statistics in every domain; with `none` the file's
 * statistics stay, and scale and shift are trained.
 */
import { usageError } from "../errors.ts";
import { batchNormalizationInference, constant, div, printType, sub, type Var } from "../graph/index.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type BatchNormRegime, batchNorm } from "../nn/batch-norm.ts";
import { given } from "../nn/initialisers.ts";
import type { Layer, Scope } from "../nn/layer.ts";
import { blocksOf } from "../onnx/blocks.ts";
import type { BatchNormNode, ImportedModel } from "../onnx/import.ts";
import { type Reading, rowReading } from "./reading.ts";

/** The scope of a backbone's weights within G_f: a learning rate of its own goes by it. */
export const backboneScope = "backbone";

/**
 * Subtracts fixed means and divides by fixed deviations, one a feature: what stands between frozen features and what
 * is trained on them. They are carried with the weights, so whoever loads them needs no rows.
 */
export function standardisation(moments?: { readonly mean: Float32Array; readonly deviation: Float32Array }): Layer {
  return {
    name: "standardise",
    description: "standardise",
    mixesRows: false,
    apply(x, scope) {
      const width = x.type.shape[1];
      if (typeof width !== "number") throw usageError("backbone", `expected vectors, got ${printType(x.type)}`);
      const mean = scope.statistic("mean", [width], moments?.mean ?? 0);
      const deviation = scope.statistic("deviation", [width], moments?.deviation ?? 1);
      return div(sub(x, mean), deviation);
    },
  };
}

/** Which weights are trained: none, all, or those of the last so many blocks (`onnx/blocks.ts`). */
export type BackboneTraining = "none" | "all" | number;

export interface BackboneOptions {
  /** Imported with `features` as the only wanted tensor. */
  readonly model: ImportedModel;
  /** The tensor that is taken as features. */
  readonly features: string;
  /** How rows are read; default: as the one input of the model (`rowReading`). */
  readonly reading?: Reading | undefined;
  /** Default `none`. */
  readonly train?: BackboneTraining;
  /** For the batch normalisations that are trained; default `perDomain`. */
  readonly batchNorm?: "none" | BatchNormRegime;
}

/** @throws DannError where the model cannot read the rows, or has fewer blocks than are to be trained. */
export function backbone(options: BackboneOptions): Layer {
  const { model, features, train = "none", batchNorm: regime = "perDomain" } = options;
  const reading = options.reading ?? rowReading(model);
  const trained = trainedWeights(model, train);
  const pathOf = pathsOf([...model.parameters.keys(), ...model.batchNorms.map(normName)]);
  const normalised = regime !== "none" && model.batchNorms.some(({ scale }) => trained.has(scale));
  // Scale and shift of a batch normalisation with a regime are the layer's, which may have one a domain.
  const norms = regime === "none" ? [] : model.batchNorms.flatMap(({ scale, bias }) => [scale, bias]);
  const own = new Set([...trained].filter((name) => !norms.includes(name)));
  return {
    name: backboneScope,
    description: `${reading.name} -> ${[features, ...(reading.pooling === undefined ? [] : [reading.pooling])].join(", ")} (${train === "none" ? "frozen" : `${trained.size} of ${model.parameters.size} weights trained`})`,
    mixesRows: normalised,
    apply(x, scope) {
      const variables = variablesOf(model, own, pathOf, scope);
      const built = model.build({
        inputs: reading.inputs(x),
        parameter: variables.parameter,
        statistic: variables.statistic,
        wanted: [features],
        batchNorm: (value, node) =>
          trained.has(node.scale) && regime !== "none"
            ? trainedNorm(model, node, regime).apply(value, scope.child(pathOf(normName(node))))
            : variables.fixedNorm(value, node),
      });
      const found = built[features];
      if (found === undefined) throw usageError("backbone", `the model gave no tensor "${features}"`);
      return reading.vectors(found, x);
    },
  };
}

function trainedWeights(model: ImportedModel, train: BackboneTraining): ReadonlySet<string> {
  if (train === "none") return new Set();
  if (train === "all") return new Set(model.parameters.keys());
  const blocks = blocksOf(model);
  if (!Number.isInteger(train) || train < 1 || train > blocks.length)
    throw usageError(
      "backbone-blocks",
      `backbone: expected to train none, all, or the last 1 to ${blocks.length} blocks, got ${train}`,
    );
  return new Set(blocks.slice(-train).flatMap(({ parameters }) => parameters));
}

interface Variables {
  readonly parameter: (name: string) => Var;
  readonly statistic: (name: string) => Var;
  readonly fixedNorm: (x: Var, node: BatchNormNode) => Var;
}

function variablesOf(
  model: ImportedModel,
  trained: ReadonlySet<string>,
  pathOf: (name: string) => string,
  scope: Scope,
): Variables {
  const constants = new Map<string, Var>();
  const fixed = (name: string, tensor: Tensor): Var => {
    const known = constants.get(name) ?? constant(tensor);
    constants.set(name, known);
    return known;
  };
  const parameter = (name: string): Var => {
    const tensor = tensorOf(model, name);
    if (!trained.has(name)) return fixed(name, tensor);
    // Vectors are biases and scales: weight decay is for matrices and kernels.
    return scope.parameter(pathOf(name), tensor.dims, given(floatsOf(name, tensor)), { decay: tensor.dims.length > 1 });
  };
  const statistic = (name: string): Var => fixed(name, tensorOf(model, name));
  return {
    parameter,
    statistic,
    fixedNorm: (x, { scale, bias, mean, variance, epsilon }) =>
      batchNormalizationInference(x, parameter(scale), parameter(bias), statistic(mean), statistic(variance), epsilon),
  };
}

/** What a batch normalisation is called in paths: `layer1.0.bn1` for `layer1.0.bn1.weight`. */
const normName = ({ scale, name }: BatchNormNode): string => scale.replace(/[._/]?(weight|gamma|scale)$/i, "") || name;

function trainedNorm(model: ImportedModel, node: BatchNormNode, regime: BatchNormRegime): Layer {
  const values = (name: string): Float32Array => floatsOf(name, tensorOf(model, name));
  // An export in inference mode may carry a momentum of 0: statistics that never move are not what is asked for here.
  const momentum = node.momentum > 0 ? node.momentum : 0.1;
  const initial = {
    scale: values(node.scale),
    shift: values(node.bias),
    mean: values(node.mean),
    variance: values(node.variance),
  };
  return batchNorm({ regime, momentum, epsilon: node.epsilon, initial });
}

function tensorOf(model: ImportedModel, name: string): Tensor {
  const found = model.parameters.get(name) ?? model.statistics.get(name);
  if (found === undefined) throw usageError("backbone", `the model has no weight "${name}"`);
  return found;
}

function floatsOf(name: string, { dtype, data }: Tensor): Float32Array {
  if (dtype === "float32") return data;
  throw usageError("backbone-type", `backbone: expected float32 weights to train, got ${dtype} in "${name}"`);
}

/** Names of a file as elements of a path: what no path may hold becomes "_", and what then is alike is numbered. */
function pathsOf(names: readonly string[]): (name: string) => string {
  const taken = new Set<string>();
  const paths = new Map<string, string>();
  for (const name of new Set(names)) {
    const plain = name.replace(/[^A-Za-z0-9_.-]+/g, "_") || "_";
    let path = plain;
    for (let use = 2; taken.has(path); use++) path = `${plain}_${use}`;
    taken.add(path);
    paths.set(name, path);
  }
  return (name) => paths.get(name) ?? name;
}
