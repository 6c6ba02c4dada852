/**
 * The gradient of an imported model along one random direction of all its weights, against a finite difference, both
 * in float64 on the reference interpreter: two evaluations tell whether the rules of all operators on the way fit.
 */
import { dataError } from "../errors.ts";
import { add, floats, type GradientRules, gradients, inputsOf, mul, reduceSum, sin, type Var } from "../graph/index.ts";
import { isStatic, sizeOf, type Tensor, type TensorType } from "../graph/tensor.ts";
import { batchTypes, openGraph, parameterInput } from "../onnx/differentiable.ts";
import type { ImportedLayer, ImportedModel } from "../onnx/import.ts";
import { random } from "../random.ts";
import { evaluate } from "../runtime/reference.ts";

export interface GradientCheck {
  readonly rows: number;
  /** Slope along the direction, by the gradients and by the difference. */
  readonly gradient: number;
  readonly difference: number;
  /** |gradient - difference| relative to the larger of them. */
  readonly error: number;
  readonly ok: boolean;
}

/** Above this the gradient is wrong: below it lie rounding and the curvature between the two points. */
const tolerance = 1e-4;
/**
 * Distances of the two points, relative to the size of each weight tensor. In a large network with kinks (ReLU) some
 * values always cross one between the points, ever fewer as these draw together; a wrong gradient stays wrong.
 */
const steps = [1e-6, 1e-7, 1e-8] as const;
/**
 * The point of the check lies this far from the file's weights, relative to their size: in the file itself many values
 * may sit exactly on a kink (a dead channel before its bias is trained gives ReLU exactly 0), where slopes differ.
 */
const away = 0.01;
/** Multiplications of one evaluation: the interpreter does about five million a second. */
const mostWork = 3e8;

export interface GradientCheckOptions {
  /** Of the inputs, the weights of the loss and the direction; default 0. */
  readonly seed?: number;
  /** Default: the rules that training uses. Tests put in faulty ones. */
  readonly rules?: GradientRules;
}

/** Checks the gradient of a tensor to all weights before it. */
export function checkGradient(model: ImportedModel, wanted: string, options: GradientCheckOptions = {}): GradientCheck {
  const { seed = 0, rules } = options;
  const rows = 2;
  const types = batchTypes(model, rows);
  const { result, parameters } = openGraph(model, wanted, types);
  if (!isStatic(result.type.shape)) {
    const names = Object.values(types).flatMap(({ shape }) => shape.filter((dim) => typeof dim === "string"));
    throw dataError(
      "check-size",
      `--check: expected sizes in numbers, got ${[...new Set(names)].join(", ")}`,
      `Give them: ${[...new Set(names)].map((name) => `--size ${name}=N`).join(" ")}`,
    );
  }
  const work = rows * model.layers.reduce((sum, layer) => sum + workOf(layer, model), 0);
  if (work > mostWork) {
    throw dataError(
      "check-size",
      `--check: expected at most ${mostWork} multiplications in a batch of ${rows}, got ${Math.round(work)}`,
      "Check a copy of the model that is exported for smaller inputs: the operators are the same.",
    );
  }
  const source = random(`inspect/${seed}`);
  const normals = (dims: readonly number[], scale = 1): Tensor => ({
    dtype: "float64",
    dims,
    data: Float64Array.from({ length: sizeOf(dims) }, () => scale * source.normal()),
  });
  const shape: readonly number[] = result.type.shape;
  const weights = floats(shape, normals(shape).data as Float64Array);
  // A curved function, so that not every output pulls alike.
  const loss = reduceSum(mul(sin(add(mul(result, 0.7), 0.3)), weights));
  const wrt = [...parameters];
  const slopes = gradients(
    loss,
    wrt.map(([, variable]) => variable),
    rules === undefined ? {} : { rules },
  );
  const feeds: Record<string, Tensor> = {};
  for (const [name, type] of Object.entries(types)) feeds[name] = drawn(type, normals);
  const directions = new Map<string, Float64Array>();
  for (const [name] of wrt) {
    const tensor = model.parameters.get(name) as Tensor;
    const data = Float64Array.from(tensor.data as Float32Array);
    const length = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / Math.max(1, data.length)) || 1;
    const moved = normals(tensor.dims, away * length).data as Float64Array;
    feeds[parameterInput(name)] = {
      dtype: "float64",
      dims: tensor.dims,
      data: data.map((w, i) => w + (moved[i] ?? 0)),
    };
    directions.set(name, normals(tensor.dims, length).data as Float64Array);
  }
  const slopeValues = run(Object.fromEntries(slopes.map((slope, i) => [`g${i}`, slope])), feeds);
  const gradient = wrt.reduce(
    (sum, [name], i) => sum + dot(slopeValues[`g${i}`] as Tensor, directions.get(name) as Float64Array),
    0,
  );
  const at = (distance: number): number => {
    const moved = { ...feeds };
    for (const [name, direction] of directions) {
      const tensor = feeds[parameterInput(name)] as Tensor;
      const data = (tensor.data as Float64Array).map((value, i) => value + distance * (direction[i] ?? 0));
      moved[parameterInput(name)] = { dtype: "float64", dims: tensor.dims, data };
    }
    return Number(run({ loss }, moved).loss?.data[0]);
  };
  let found: GradientCheck | undefined;
  for (const step of steps) {
    const difference = (at(step) - at(-step)) / (2 * step);
    const error = Math.abs(gradient - difference) / Math.max(Math.abs(gradient), Math.abs(difference), 1e-12);
    if (found === undefined || error < found.error) {
      found = { rows, gradient, difference, error, ok: error < tolerance };
    }
    if (found.ok) break;
  }
  return found as GradientCheck;
}

/** Multiplications for a row: every element of the result is a sum over a part of the weights. */
function workOf({ type, operator, parameters }: ImportedLayer, model: ImportedModel): number {
  const elements = sizeOf(type.shape.slice(1).map((dim) => (typeof dim === "number" ? dim : 1)));
  const weights = Math.max(1, ...parameters.map((name) => sizeOf(model.parameters.get(name)?.dims ?? [])));
  const outputs = Number(operator === "Conv" ? type.shape[1] : type.shape.at(-1));
  return ["Conv", "Gemm", "MatMul"].includes(operator) ? (elements * weights) / Math.max(1, outputs || 1) : elements;
}

/** Floats are normal; whole numbers are 0 or 1, which are tokens of every vocabulary and values of every mask. */
const drawn = ({ dtype, shape }: TensorType, normals: (dims: readonly number[]) => Tensor): Tensor => {
  const tensor = normals(shape.map(Number));
  const bits = (tensor.data as Float64Array).map((value) => Number(value > 0));
  switch (dtype) {
    case "float32":
    case "float64":
      return tensor;
    case "int64":
      return { dtype, dims: tensor.dims, data: BigInt64Array.from(bits, BigInt) };
    case "int32":
      return { dtype, dims: tensor.dims, data: Int32Array.from(bits) };
    case "uint8":
    case "bool":
      return { dtype, dims: tensor.dims, data: Uint8Array.from(bits) };
    default:
      throw dataError("onnx-type", `no inputs of type ${dtype satisfies never}`);
  }
};

const dot = ({ data }: Tensor, direction: Float64Array): number =>
  (data as Float64Array).reduce((sum, value, i) => sum + value * (direction[i] ?? 0), 0);

function run(outputs: Readonly<Record<string, Var>>, feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const graph = { name: "check", outputs };
  const read = inputsOf(graph);
  return evaluate(graph, Object.fromEntries(Object.entries(feeds).filter(([name]) => read.has(name))));
}
