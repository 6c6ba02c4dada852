/**
 * The oracle: a plain float64 interpreter of a graph, one small kernel an operator, written from the ONNX operators'
 * definitions and independent of every engine. Slow; tests compare the engines and the gradient rules with it.
 */
import { engineError, usageError } from "../errors.ts";
import { type Graph, inputsOf, topologicalOrder } from "../graph/graph.ts";
import { inputName, type Node, type Var } from "../graph/node.ts";
import type { OpName } from "../graph/operator-names.ts";
import { isFloat, type Tensor, type TensorType } from "../graph/tensor.ts";
import type { Backend, Executable, Feeds, Fetches } from "./backend.ts";
import { checkFeeds, checkInto, type Types } from "./check.ts";
import { broadcastKernels, unaryKernels } from "./reference/elementwise.ts";
import { layoutKernels } from "./reference/layout.ts";
import { linearKernels } from "./reference/linear.ts";
import { normalisationKernels } from "./reference/normalisation.ts";
import { reductionKernels } from "./reference/reductions.ts";
import { sourceKernels } from "./reference/sources.ts";
import { fromTensor, type Kernel, toTensor, type Value } from "./reference/value.ts";
import { windowKernels } from "./reference/windows.ts";

const kernels: Readonly<Record<OpName, Kernel>> = {
  ...unaryKernels,
  ...broadcastKernels,
  ...linearKernels,
  ...windowKernels,
  ...reductionKernels,
  ...layoutKernels,
  ...normalisationKernels,
  ...sourceKernels,
};

export interface EvaluateOptions {
  /** Called after each node with what it computed: to find the first that goes wrong. Default: not called. */
  readonly trace?: (node: Node, outputs: readonly Tensor[]) => void;
}

/**
 * The outputs of a graph, at once. Floats may be fed as float32 or float64, whatever the graph says, and come back as
 * float64; other types are as the graph says.
 */
export function evaluate(graph: Graph, feeds: Feeds, options: EvaluateOptions = {}): Record<string, Tensor> {
  checkFeeds(typesOf(Object.fromEntries(inputsOf(graph))), asDeclared(graph, feeds));
  const values = new Map<Var, Value>();
  for (const node of topologicalOrder(Object.values(graph.outputs))) {
    const outputs =
      node.op === "Input"
        ? feed(node, feeds)
        : kernels[node.op](
            node.inputs.map((read) => read && values.get(read)),
            node,
          );
    node.outputs.forEach((variable, index) => {
      const value = outputs[index];
      if (value !== undefined) values.set(variable, value);
    });
    options.trace?.(node, outputs.map(toTensor));
  }
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, variable]) => [name, toTensor(values.get(variable) as Value)]),
  );
}

function feed(node: Node, feeds: Feeds): readonly Value[] {
  const variable = node.outputs[0] as Var;
  return [fromTensor(feeds[inputName(variable)] as Tensor, variable.type.dtype)];
}

/** Feeds with their floats relabelled as the graph's float type: the interpreter takes either. */
function asDeclared(graph: Graph, feeds: Feeds): Feeds {
  const inputs = inputsOf(graph);
  return Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => {
      const declared = inputs.get(name)?.type.dtype;
      const relabel = declared !== undefined && isFloat(declared) && isFloat(tensor.dtype);
      return [name, relabel ? ({ ...tensor, dtype: declared } as Tensor) : tensor];
    }),
  );
}

const typesOf = (variables: Readonly<Record<string, Var>>): Types =>
  Object.fromEntries(Object.entries(variables).map(([name, { type }]) => [name, type]));

/** What the interpreter gives: floats as float64. */
const computedType = ({ dtype, shape }: TensorType): TensorType => ({
  dtype: isFloat(dtype) ? "float64" : dtype,
  shape,
});

/** The interpreter behind the interface of the engines. It runs graphs, not files. */
export function referenceBackend(): Backend {
  return {
    device: "reference",
    version: "reference interpreter (float64)",
    compile: async (graph) => interpret(graph),
    load: async () => {
      throw usageError("reference-load", "the reference interpreter runs graphs, got an ONNX file", "use cpu or wasm");
    },
  };
}

function interpret(graph: Graph): Executable {
  const types = typesOf(graph.outputs);
  const outputs = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, computedType(type)]));
  let disposed = false;
  return {
    async run(feeds, into = {}) {
      if (disposed) throw engineError("engine-disposed", "this executable was disposed", "compile the graph again");
      checkInto(outputs, into, feeds);
      return writeInto(evaluate(graph, feeds), into);
    },
    async dispose() {
      disposed = true;
    },
  };
}

function writeInto(results: Record<string, Tensor>, into: Fetches): Fetches {
  return Object.fromEntries(
    Object.entries(results).map(([name, result]) => {
      const target = into[name];
      if (target === undefined) return [name, result];
      (target.data as Float64Array).set(result.data as Float64Array);
      return [name, target];
    }),
  );
}
