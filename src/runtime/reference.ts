/**
 * The oracle: a plain float64 interpreter of a graph, one small kernel an operator, written from the ONNX operators'
 * definitions and independent of every engine. Slow; tests compare the engines and the gradient rules with it.
 */
import { engineError, usageError } from "../errors.ts";
import { type Graph, inputsOf, topologicalOrder } from "../graph/graph.ts";
import { inputName, type Node, type Var } from "../graph/node.ts";
import type { OpName } from "../graph/operator-names.ts";
import { tensorOf } from "../graph/ops/constants.ts";
import { isFloat, sizeOf, type Tensor, type TensorType } from "../graph/tensor.ts";
import { stepsTypes } from "../onnx/scan.ts";
import type { Backend, Executable, Feeds, Fetches, StepsSpec } from "./backend.ts";
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
  const types = typesOf(Object.fromEntries(inputsOf(graph)));
  checkFeeds(types, relabelled(types, feeds));
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
function relabelled(types: Types, feeds: Feeds): Feeds {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => {
      const declared = types[name]?.dtype;
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
    compileSteps: async (graph, spec) => interpretSteps(graph, spec),
    load: async () => {
      throw usageError("reference-load", "the reference interpreter runs graphs, got an ONNX file", "use cpu or wasm");
    },
  };
}

const interpret = (graph: Graph): Executable => executable(typesOf(graph.outputs), (feeds) => evaluate(graph, feeds));

/** One step after the other: what the repeated graph of an engine must agree with. */
function interpretSteps(graph: Graph, spec: StepsSpec): Executable {
  const types = stepsTypes(graph, spec);
  return executable(Object.fromEntries(types.outputs), (feeds) => {
    const declared = Object.fromEntries([...types.inputs].map(([name, type]) => [name, type]));
    checkFeeds(declared, relabelled(declared, feeds));
    const first = feeds[spec.stacked[0] ?? ""];
    const steps = first?.dims[0] ?? 0;
    const state: Record<string, Tensor> = { ...feeds };
    const rows: Record<string, Tensor[]> = {};
    for (let step = 0; step < steps; step++) {
      for (const name of spec.stacked) state[name] = rowOf(feeds[name] as Tensor, step);
      const results = evaluate(graph, state);
      for (const [name, result] of Object.entries(results)) {
        const input = spec.carried[name];
        if (input === undefined) rows[name] = [...(rows[name] ?? []), result];
        else state[input] = result;
      }
    }
    const carried = Object.entries(spec.carried).map(([output, input]) => [output, state[input] as Tensor]);
    return {
      ...Object.fromEntries(carried),
      ...Object.fromEntries(Object.entries(rows).map(([name, each]) => [name, stackRows(each)])),
    };
  });
}

const rowOf = (tensor: Tensor, row: number): Tensor => {
  const dims = tensor.dims.slice(1);
  const size = sizeOf(dims);
  return { ...tensor, dims, data: tensor.data.slice(row * size, (row + 1) * size) } as Tensor;
};

function stackRows(rows: readonly Tensor[]): Tensor {
  const values = rows.flatMap(({ data }) => Array.from<number | bigint, number>(data, Number));
  const [first] = rows;
  return tensorOf(first?.dtype ?? "float64", [rows.length, ...(first?.dims ?? [])], values);
}

function executable(types: Types, compute: (feeds: Feeds) => Record<string, Tensor>): Executable {
  const outputs = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, computedType(type)]));
  let disposed = false;
  return {
    async run(feeds, into = {}) {
      if (disposed) throw engineError("engine-disposed", "this executable was disposed", "compile the graph again");
      checkInto(outputs, into, feeds);
      return writeInto(compute(feeds), into);
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
