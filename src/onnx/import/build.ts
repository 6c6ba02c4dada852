/** Builds the graph of a file's nodes, one after the other, over the operators of `graph`. */
import { DannError, dataError } from "../../errors.ts";
import { productOf } from "../../graph/dims.ts";
import { batchNormalizationInference, constant, printType, type Var } from "../../graph/index.ts";
import type { Dim, Tensor } from "../../graph/tensor.ts";
import { decodeConstant } from "./constants.ts";
import { type Conversion, conversionOf, refuse, type Value } from "./conversion.ts";
import { constantOfKnown, isNumeric, type Known, knownTensor } from "./known.ts";
import { knownRules } from "./known-rules.ts";
import { importRules } from "./operators/index.ts";
import { sizeVector } from "./sizes.ts";
import { ordered, type SourceNode, sourceNodes } from "./source.ts";
import { refuseUnsupported } from "./support.ts";
import { decodeInline } from "./tensor-data.ts";

/** A batch normalisation of the file: names of its four vectors, and its settings. */
export interface BatchNormNode {
  /** Of the first result; unique in the model. */
  readonly name: string;
  readonly scale: string;
  readonly bias: string;
  readonly mean: string;
  readonly variance: string;
  readonly epsilon: number;
  /** Weight of a new batch in the running statistics, PyTorch's reading (1 - ONNX's). */
  readonly momentum: number;
}

/** What a build takes from outside. */
export interface BuildContext {
  /** For errors. */
  readonly model: string;
  readonly opset: number;
  readonly inputs: ReadonlyMap<string, Var>;
  /** The variable of a weight. */
  readonly parameter: (name: string) => Var | undefined;
  readonly statistic: (name: string) => Var | undefined;
  /** Constants that are neither. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /** The constant behind a name. */
  readonly root: (name: string) => string;
  readonly batchNorm: ((x: Var, node: BatchNormNode) => Var) | undefined;
}

/** Elements of the largest value that a graph may have: 8 GB of floats. */
const mostElements = 2 ** 31;

/** The values of all nodes, by name. The nodes come in order. */
export function buildNodes(nodes: readonly SourceNode[], context: BuildContext): ReadonlyMap<string, Value> {
  return runNodes(nodes, context, givenValues(context));
}

function givenValues(context: BuildContext): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, tensor] of context.constants) values.set(name, fixed(tensor));
  for (const [name, variable] of context.inputs) values.set(name, { known: undefined, variable: () => variable });
  return values;
}

const fixed = (tensor: Tensor): Value => ({ known: knownTensor(tensor), variable: once(() => constant(tensor)) });

/** The same variable at every call, made at the first. */
function once(make: () => Var): () => Var {
  let made: Var | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function runNodes(
  nodes: readonly SourceNode[],
  context: BuildContext,
  values: Map<string, Value>,
): ReadonlyMap<string, Value> {
  const holders = [...context.inputs.values()];
  const lookUp = (name: string): Value => {
    const found = values.get(name);
    if (found !== undefined) return found;
    const weight = context.parameter(name);
    if (weight === undefined)
      throw dataError(
        "onnx-name",
        `reads "${name}", which is not given: it is no input of this build, or an optional result`,
      );
    return { known: undefined, variable: () => weight };
  };
  const vector = (sizes: readonly Dim[]): Var => {
    const found = sizeVector(sizes, holders);
    if (found !== undefined) return found;
    throw dataError(
      "onnx-shape",
      `the sizes [${sizes.join(",")}] cannot be read off the inputs`,
      "Give the named sizes of the inputs as numbers.",
    );
  };
  for (const node of nodes) {
    if (node.op === "Constant" && values.has(node.outputs[0] ?? "")) continue;
    // A Constant that holds weights is asked for as a parameter.
    if (node.op === "Constant" && context.parameter(node.outputs[0] ?? "") !== undefined) continue;
    located(node, context, () => {
      const conversion = conversionOf(node, context.opset, lookUp, vector);
      convertNode(conversion, context, values);
    });
  }
  return values;
}

/** Adds to an error where in the file it arose. */
function located(node: SourceNode, context: BuildContext, work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (!(cause instanceof DannError)) throw cause;
    const code = cause.code.startsWith("onnx-") ? cause.code : "onnx-shape";
    const where = cause.message.startsWith(context.model)
      ? cause.message
      : `${context.model}: ${node.place}: ${cause.message}`;
    throw dataError(code, where, cause.remedy, { cause });
  }
}

function convertNode(c: Conversion, context: BuildContext, values: Map<string, Value>): void {
  const { node } = c;
  const known = knownRules[node.op]?.(c);
  if (known !== undefined) {
    values.set(node.outputs[0] ?? "", { known, variable: once(() => variableOf(known, c)) });
    return;
  }
  const results = node.op === "If" ? branch(c, context, values) : convert(c, context);
  const made = Array.isArray(results) ? (results as readonly Value[]) : [];
  node.outputs.forEach((output, index) => {
    if (output === "") return;
    const value = made[index];
    // Optional results that we do not compute (a dropout's mask, statistics of training) may not be read.
    if (value === undefined && index > 0) return;
    if (value === undefined) throw refuse(`${node.op} with ${made.length} results`, `${node.outputs.length}`);
    values.set(output, value);
  });
}

/** A known value in the graph: a constant, or sizes read off the inputs. */
function variableOf(known: Known, c: Conversion): Var {
  if (isNumeric(known)) return constantOfKnown(known);
  const rule = importRules[c.node.op];
  if (known.dtype === "int64" && known.dims.length === 1) return c.vector(known.elements);
  if (rule === undefined) throw refuse("sizes in numbers", `[${known.elements.join(",")}]`);
  return checked([rule(c)].flat()[0] as Var);
}

function convert(c: Conversion, context: BuildContext): readonly Value[] {
  const { node } = c;
  const rule = node.op === "BatchNormalization" ? batchNormRule(context) : importRules[node.op];
  if (rule === undefined || node.domain !== "") {
    throw refuse("an operator that can be imported", node.domain === "" ? node.op : `${node.domain}.${node.op}`);
  }
  return [rule(c)].flat().map((variable) => {
    const found = checked(variable as Var);
    return { known: undefined, variable: () => found };
  });
}

function checked(variable: Var): Var {
  const count = productOf(variable.type.shape);
  if (typeof count === "number" && count > mostElements) {
    throw refuse(`values of at most ${mostElements} elements`, printType(variable.type));
  }
  return variable;
}

/** The inference form, or what the caller makes of it. */
const batchNormRule =
  (context: BuildContext) =>
  (c: Conversion): Var => {
    const { node } = c;
    const epsilon = c.float("epsilon", 1e-5);
    const [scale = "", bias = "", mean = "", variance = ""] = node.inputs.slice(1).map(context.root);
    const [m, v] = [context.statistic(mean), context.statistic(variance)];
    const trainable = context.parameter(scale) !== undefined && context.parameter(bias) !== undefined;
    if (context.batchNorm !== undefined && trainable && m !== undefined && v !== undefined) {
      const name = node.outputs[0] ?? "";
      const momentum = 1 - c.float("momentum", 0.9);
      return context.batchNorm(c.input(0), { name, scale, bias, mean, variance, epsilon, momentum });
    }
    return batchNormalizationInference(c.input(0), c.input(1), c.input(2), m ?? c.input(3), v ?? c.input(4), epsilon);
  };

/** The branch of an If whose condition is known, in place of the node. */
function branch(c: Conversion, context: BuildContext, values: ReadonlyMap<string, Value>): readonly Value[] {
  const condition = c.known(0)?.elements[0];
  if (typeof condition !== "number") throw refuse("If with a condition that is known", "one that depends on the data");
  const graph = c.node.attributes.get(condition === 0 ? "else_branch" : "then_branch")?.g;
  if (graph === undefined) throw refuse("If with two branches", "one of them");
  const inner = new Map(values);
  for (const tensor of graph.initializer)
    inner.set(tensor.name, fixed(decodeInline(tensor, `tensor "${tensor.name}"`)));
  const outside = new Set([...inner.keys(), ...c.node.reads]);
  const nodes = ordered(sourceNodes(graph.node), outside, context.model);
  refuseUnsupported(nodes, context.model);
  const constants = nodes.filter(({ op }) => op === "Constant");
  for (const node of constants) inner.set(node.outputs[0] ?? "", fixed(decodeConstant(node, context.model)));
  const results = runNodes(nodes, context, inner);
  return graph.output.map(({ name }) => {
    const value = results.get(name);
    if (value !== undefined) return value;
    const weight = context.parameter(name);
    if (weight === undefined) throw refuse(`a branch that gives "${name}"`, "none");
    return { known: undefined, variable: () => weight };
  });
}
