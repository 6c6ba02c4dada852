/**
 * Any ONNX model as a graph of ours, which can be run, differentiated and trained. What is imported is checked whole:
 * names, sizes, operators and shapes, at the sizes that the file declares.
 */
import { usageError } from "../errors.ts";
import { batchNormalizationInference, constant, input, isFloat, printType, type Var } from "../graph/index.ts";
import type { Tensor, TensorType } from "../graph/tensor.ts";
import { type BatchNormNode, buildNodes } from "./import/build.ts";
import { decodeConstant, decodeInitializers } from "./import/constants.ts";
import type { Value } from "./import/conversion.ts";
import { rolesOf } from "./import/roles.ts";
import { needed, readSource, type SourceModel, type SourceNode } from "./import/source.ts";
import { refuseUnsupported, unsupportedOperators } from "./import/support.ts";
import type { ReadExternal } from "./import/tensor-data.ts";
import type { ModelInfo } from "./read.ts";

export type { BatchNormNode } from "./import/build.ts";
export type { ExternalRange, ReadExternal } from "./import/tensor-data.ts";

export interface ImportOptions {
  /** The model's name in errors; default `the model`. */
  readonly name?: string;
  /** Reads data that the model keeps in files beside it (`externalData` of the runtime's Node end). Default: refused. */
  readonly external?: ReadExternal;
  /** Numbers for named sizes of the inputs, by name. Default: they stay named. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Tensors that are needed; what leads to others only is not looked at. Default: the outputs of the file. */
  readonly wanted?: readonly string[];
}

/** A tensor on the way from the inputs to the outputs. */
export interface ImportedLayer {
  /** Of the tensor: what `wanted` takes. */
  readonly name: string;
  /** Operator that gives it, as the file has it. */
  readonly operator: string;
  /** The node in words. */
  readonly place: string;
  /** At the file's input sizes. */
  readonly type: TensorType;
  /** Weights that the node reads, by name, itself or through nodes that read nothing else. */
  readonly parameters: readonly string[];
  /** Tensors of this list, or inputs, that the node reads. */
  readonly reads: readonly string[];
}

export interface BuildRequest {
  /** A variable for every input that the wanted tensors need; sizes may differ from the file's. */
  readonly inputs: Readonly<Record<string, Var>>;
  /** The variable of a weight; default: its value in the file, fixed. */
  readonly parameter?: (name: string) => Var;
  /** The variable of a running mean or variance; default: its value in the file, fixed. */
  readonly statistic?: (name: string) => Var;
  /** Names of tensors: outputs, or of `layers`. */
  readonly wanted: readonly string[];
  /** What becomes of a batch normalisation whose vectors are all constants of the file; default: its inference form. */
  readonly batchNorm?: (x: Var, node: BatchNormNode) => Var;
}

export interface ImportedModel {
  /** What the file says of itself; floats of every width are float32. */
  readonly info: ModelInfo;
  /** Inputs and their types, with `sizes` put in. */
  readonly inputs: Readonly<Record<string, TensorType>>;
  /** Names of the wanted tensors. */
  readonly outputs: readonly string[];
  /** Weights by name, in the order of their first use. What several nodes share is here once, and stays shared. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Running means and variances of batch normalisations, by name. No optimiser may touch them. */
  readonly statistics: ReadonlyMap<string, Tensor>;
  /** Batch normalisations that `BuildRequest.batchNorm` will be handed, in order. */
  readonly batchNorms: readonly BatchNormNode[];
  /** Float tensors that depend on an input, in order. */
  readonly layers: readonly ImportedLayer[];
  /**
   * Builds the graph of the wanted tensors on these inputs and weights.
   * @throws DannError where a size does not fit, with the place in the file.
   */
  build(request: BuildRequest): Record<string, Var>;
}

/** Reads and checks a model. @throws DannError of kind `data` when it is damaged or holds what cannot be imported. */
export async function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): Promise<ImportedModel> {
  const { name = "the model", external, sizes = {} } = options;
  const source = readSource(bytes, name);
  const outputs = options.wanted ?? source.outputs;
  checkWanted(source, outputs);
  const nodes = needed(source, outputs);
  refuseUnsupported(nodes, name);
  const read = new Set([...outputs, ...nodes.flatMap((node) => node.reads)]);
  const initializers = await decodeInitializers(read, source.initializers, name, external);
  const constants = new Map(
    nodes
      .filter(({ op }) => op === "Constant")
      .map((node) => [node.outputs[0] ?? "", decodeConstant(node, name)] as const),
  );
  const roles = rolesOf(nodes, initializers, constants);
  const tensorNamed = (of: string): Tensor => (initializers.get(of) ?? constants.get(of)) as Tensor;
  const tensors = (names: ReadonlySet<string>): Map<string, Tensor> =>
    new Map([...names].map((of) => [of, tensorNamed(of)]));
  const [parameters, statistics] = [tensors(roles.parameters), tensors(roles.statistics)];
  const fixed = new Map([...initializers, ...constants].filter(([of]) => !parameters.has(of)));

  const frozen = new Map<string, Var>();
  const value = (of: string): Var => {
    const found = frozen.get(of) ?? constant(tensorNamed(of));
    frozen.set(of, found);
    return found;
  };
  const run = (which: readonly SourceNode[], request: Omit<BuildRequest, "wanted">): ReadonlyMap<string, Value> => {
    const { parameter = value, statistic = value } = request;
    return buildNodes(which, {
      model: name,
      opset: source.opset,
      inputs: new Map(Object.entries(request.inputs)),
      parameter: (of) => (parameters.has(of) ? parameter(of) : undefined),
      statistic: (of) => (statistics.has(of) ? statistic(of) : undefined),
      constants: fixed,
      root: roles.root,
      batchNorm: request.batchNorm,
    });
  };

  const inputs = inputTypes(source, read, sizes);
  const batchNorms: BatchNormNode[] = [];
  const declared = Object.fromEntries(Object.entries(inputs).map(([of, type]) => [of, input(of, type)]));
  const whole = run(nodes, {
    inputs: declared,
    batchNorm: (x, node) => {
      batchNorms.push(node);
      const [scale, bias, mean, variance] = [node.scale, node.bias, node.mean, node.variance].map(value) as [
        Var,
        Var,
        Var,
        Var,
      ];
      return batchNormalizationInference(x, scale, bias, mean, variance, node.epsilon);
    },
  });
  for (const output of outputs) if (!parameters.has(output)) whole.get(output)?.variable();

  return {
    info: source.info,
    inputs,
    outputs,
    parameters,
    statistics,
    batchNorms,
    layers: layersOf(nodes, whole, new Set(Object.keys(inputs)), parameters, roles.root),
    build(request) {
      checkWanted(source, request.wanted);
      checkInputs(inputs, request.inputs, name);
      const values = run(nodes.length === 0 ? [] : needed({ ...source, nodes }, request.wanted), request);
      return Object.fromEntries(
        request.wanted.map((wanted) => {
          const found =
            values.get(wanted)?.variable() ??
            (parameters.has(wanted) ? (request.parameter ?? value)(wanted) : undefined);
          if (found === undefined) {
            throw usageError("onnx-wanted", `${name}: "${wanted}" is not on the way to ${outputs.join(", ")}`);
          }
          return [wanted, found];
        }),
      );
    },
  };
}

export interface OperatorSupport {
  /** With its domain, where that is not the standard's. */
  readonly operator: string;
  readonly count: number;
  readonly imported: boolean;
}

/** What a file says of itself, and its operators in order of first use: also of one that cannot be imported. */
export function describeOnnx(
  bytes: Uint8Array,
  name = "the model",
): { readonly info: ModelInfo; readonly operators: readonly OperatorSupport[] } {
  const { nodes, info } = readSource(bytes, name);
  const missing = new Set(unsupportedOperators(nodes).map(({ operator }) => operator));
  const counts = new Map<string, number>();
  for (const { domain, op } of nodes) {
    const operator = domain === "" ? op : `${domain}.${op}`;
    counts.set(operator, (counts.get(operator) ?? 0) + 1);
  }
  const operators = [...counts].map(([operator, count]) => ({ operator, count, imported: !missing.has(operator) }));
  return { info, operators };
}

function checkWanted(source: SourceModel, wanted: readonly string[]): void {
  const known = new Set([...source.inputs.keys(), ...source.nodes.flatMap((node) => node.outputs)]);
  for (const name of wanted) {
    if (known.has(name) || source.initializers.has(name)) continue;
    throw usageError(
      "onnx-wanted",
      `${source.name}: no tensor is named "${name}"`,
      `dann inspect lists the tensors; the outputs are ${source.outputs.join(", ")}.`,
    );
  }
}

function inputTypes(
  source: SourceModel,
  read: ReadonlySet<string>,
  sizes: Readonly<Record<string, number>>,
): Record<string, TensorType> {
  const names = new Set<string>();
  const types = [...source.inputs].map(([name, { dtype, shape }]) => {
    const dims = shape.map((dim, axis) => {
      // Some exporters write -1 or 0 for a size that is open.
      const open = typeof dim === "number" && dim < 1 ? `${name}_${axis}` : dim;
      if (typeof open === "string") names.add(open);
      return typeof open === "string" ? (sizes[open] ?? open) : open;
    });
    return [name, { dtype, shape: dims }] as const;
  });
  for (const [name, size] of Object.entries(sizes)) {
    if (!names.has(name) || !Number.isInteger(size) || size < 1) {
      throw usageError(
        "onnx-size",
        `${source.name}: expected whole numbers above 0 for ${[...names].join(", ") || "no size"}, got ${name} = ${size}`,
      );
    }
  }
  return Object.fromEntries(types.filter(([name]) => read.has(name)));
}

function checkInputs(
  expected: Readonly<Record<string, TensorType>>,
  given: Readonly<Record<string, Var>>,
  model: string,
): void {
  for (const [name, type] of Object.entries(expected)) {
    const found = given[name]?.type;
    if (found === undefined) continue;
    if (found.dtype !== type.dtype || found.shape.length !== type.shape.length) {
      throw usageError("onnx-input", `${model}: input "${name}": expected ${printType(type)}, got ${printType(found)}`);
    }
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(expected, name)) continue;
    throw usageError(
      "onnx-input",
      `${model}: expected the inputs ${Object.keys(expected).join(", ") || "none"}, got "${name}"`,
    );
  }
}

function layersOf(
  nodes: readonly SourceNode[],
  values: ReadonlyMap<string, Value>,
  inputs: ReadonlySet<string>,
  parameters: ReadonlyMap<string, Tensor>,
  root: (name: string) => string,
): ImportedLayer[] {
  const moving = new Set(inputs);
  const layers: ImportedLayer[] = [];
  // Exporters write nodes between a weight and the layer that uses it: a transposition, a reshape.
  const behind = new Map<string, readonly string[]>();
  const weightsOf = (name: string): readonly string[] =>
    parameters.has(root(name)) ? [root(name)] : (behind.get(name) ?? []);
  for (const node of nodes) {
    const reads = [...new Set(node.reads.filter((read) => moving.has(read)))];
    const weights = [...new Set(node.reads.flatMap(weightsOf))];
    if (reads.length === 0) {
      for (const name of node.outputs) behind.set(name, weights);
      continue;
    }
    for (const name of node.outputs) {
      const value = values.get(name);
      if (value === undefined || value.known !== undefined) continue;
      const { type } = value.variable();
      moving.add(name);
      if (!isFloat(type.dtype)) continue;
      layers.push({ name, operator: node.op, place: node.place, type, parameters: weights, reads });
    }
  }
  return layers;
}
