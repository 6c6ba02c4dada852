/**
 * Every operator that a graph may hold, by family. They are operators of ONNX opset 18 under their ONNX names, plus
 * `Input`, `StopGradient` and `ScaleGradient`. Inference, gradients, kernels and tests are tables over these names, so
 * that a new operator does not compile until each of them knows it.
 */

/** One value from one value of the same shape. */
export const unaryOps = [
  "Neg",
  "Abs",
  "Sign",
  "Exp",
  "Log",
  "Sqrt",
  "Reciprocal",
  "Sin",
  "Cos",
  "Floor",
  "Ceil",
  "Round",
  "Erf",
  "Sigmoid",
  "Tanh",
  "Relu",
  "Softplus",
  "LeakyRelu",
  "Elu",
  "HardSigmoid",
  "HardSwish",
  "Clip",
  "Identity",
  "Cast",
  "Not",
  "IsNaN",
] as const;

/** Operands broadcast against each other. */
export const broadcastOps = [
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Pow",
  "Mod",
  "Min",
  "Max",
  "Equal",
  "Greater",
  "GreaterOrEqual",
  "Less",
  "LessOrEqual",
  "And",
  "Or",
  "Where",
  "PRelu",
] as const;

export const linearOps = ["MatMul", "Gemm"] as const;

/** A window that slides over the spatial axes of [N, C, spatial...]. */
export const windowOps = [
  "Conv",
  "ConvTranspose",
  "MaxPool",
  "AveragePool",
  "GlobalMaxPool",
  "GlobalAveragePool",
] as const;

export const reductionOps = [
  "ReduceSum",
  "ReduceMean",
  "ReduceMax",
  "ReduceMin",
  "ReduceProd",
  "ReduceL2",
  "ArgMax",
  "Softmax",
  "LogSoftmax",
] as const;

export const layoutOps = [
  "Reshape",
  "Transpose",
  "Slice",
  "Concat",
  "Split",
  "Pad",
  "Gather",
  "GatherElements",
  "ScatterElements",
  "Expand",
  "Tile",
  "Squeeze",
  "Unsqueeze",
  "Flatten",
  "Resize",
] as const;

export const normalisationOps = ["LayerNormalization", "BatchNormalization", "InstanceNormalization"] as const;

/** Values that come from outside, from nowhere, or from a shape; and what only the gradient sees. */
export const sourceOps = [
  "Input",
  "Constant",
  "ConstantOfShape",
  "Range",
  "Shape",
  "OneHot",
  "StopGradient",
  "ScaleGradient",
] as const;

export type UnaryOp = (typeof unaryOps)[number];
export type BroadcastOp = (typeof broadcastOps)[number];
export type LinearOp = (typeof linearOps)[number];
export type WindowOp = (typeof windowOps)[number];
export type ReductionOp = (typeof reductionOps)[number];
export type LayoutOp = (typeof layoutOps)[number];
export type NormalisationOp = (typeof normalisationOps)[number];
export type SourceOp = (typeof sourceOps)[number];

/** The name of an operator. */
export type OpName = UnaryOp | BroadcastOp | LinearOp | WindowOp | ReductionOp | LayoutOp | NormalisationOp | SourceOp;

/** All of them, in the order of the families. */
export const opNames: readonly OpName[] = [
  ...unaryOps,
  ...broadcastOps,
  ...linearOps,
  ...windowOps,
  ...reductionOps,
  ...layoutOps,
  ...normalisationOps,
  ...sourceOps,
];
