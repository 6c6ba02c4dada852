/** Cases of the operators that work element by element, with and without broadcasting. */
import * as graph from "../../../src/graph/index.ts";
import { apply, type OpName, scalar } from "../../../src/graph/index.ts";
import { type OperatorCase, operatorCase, type Values } from "./case.ts";

const unary = (op: OpName, values: Values, attributes: graph.Attributes = {}, name = `${values}`): OperatorCase =>
  operatorCase(op, name, [{ dims: [3, 4], values }], (x) => apply(op, [x as graph.Var], attributes));

/** Both sides of every kink of the hard functions, and the kinks' neighbourhoods. */
const wide: Values = [-5, -3.2, -2.8, -2.4, -1, -0.2, 0.2, 0.9, 2.4, 2.6, 3.3, 5];

const pairs = (op: OpName, left: Values, right: Values): OperatorCase[] =>
  (
    [
      ["same shapes", [2, 3], [2, 3]],
      ["right broadcasts", [2, 3], [3]],
      ["left broadcasts", [3, 1], [2, 1, 4]],
      ["scalar", [], [2, 2]],
    ] as const
  ).map(([name, a, b]) =>
    operatorCase(
      op,
      name,
      [
        { dims: a, values: left },
        { dims: b, values: right },
      ],
      (x, y) => apply(op, [x, y]),
    ),
  );

export const elementwiseCases: readonly OperatorCase[] = [
  unary("Neg", "normal"),
  unary("Abs", "normal"),
  unary("Sign", "normal"),
  unary("Exp", "normal"),
  unary("Log", "positive"),
  unary("Sqrt", "positive"),
  unary("Reciprocal", "positive"),
  unary("Sin", "normal"),
  unary("Cos", "normal"),
  unary("Floor", "apart"),
  unary("Ceil", "apart"),
  unary("Round", "apart"),
  unary("Erf", "normal"),
  unary("Sigmoid", "normal"),
  unary("Tanh", "normal"),
  unary("Relu", "normal"),
  unary("Softplus", "normal"),
  unary("LeakyRelu", "normal", { alpha: 0.2 }),
  unary("LeakyRelu", "normal", {}, "default slope"),
  unary("Elu", "normal", { alpha: 1.3 }),
  unary("HardSigmoid", wide),
  unary("HardSigmoid", wide, { alpha: 0.25, beta: 0.45 }, "own slope"),
  unary("HardSwish", wide),
  unary("Identity", "normal"),
  operatorCase("Clip", "both bounds", [{ dims: [12], values: wide }], (x) => graph.clip(x, { min: -1.5, max: 2 })),
  operatorCase("Clip", "lower bound", [{ dims: [12], values: wide }], (x) => graph.clip(x, { min: 0 })),
  operatorCase("Clip", "upper bound", [{ dims: [12], values: wide }], (x) => graph.clip(x, { max: 0.5 })),
  operatorCase(
    "Clip",
    "computed bounds",
    [
      { dims: [12], values: wide },
      { dims: [], values: [-1.5] },
      { dims: [], values: [2] },
    ],
    (x, low, high) => graph.clip(x, { min: low, max: high }),
  ),
  operatorCase("Cast", "to the other float and back", [[2, 3]], (x) =>
    apply("Cast", [apply("Cast", [x], { to: 11 })], { to: graph.onnxTypeCodes[x.type.dtype] }),
  ),
  operatorCase("Cast", "to an integer", [[2, 3]], (x) => graph.cast(x, "int32")),
  operatorCase("Cast", "from bool", [[2, 3]], (x) => graph.cast(graph.greater(x, 0), x.type.dtype)),
  operatorCase("Not", "of a comparison", [[2, 3]], (x) => graph.not(graph.greater(x, 0))),
  operatorCase("IsNaN", "of numbers", [[2, 3]], (x) => graph.isNaN(x)),

  ...pairs("Add", "normal", "normal"),
  ...pairs("Sub", "normal", "normal"),
  ...pairs("Mul", "normal", "normal"),
  ...pairs("Div", "normal", "positive"),
  ...pairs("Pow", "positive", "normal"),
  operatorCase("Pow", "square of negative numbers", [[2, 3]], (x) => graph.pow(x, 2)),
  operatorCase("Pow", "cube of negative numbers", [[2, 3]], (x) => graph.pow(x, 3)),
  operatorCase(
    "Mod",
    "remainder of floats",
    [
      { dims: [4], values: [5.3, -4.2, 7.7, 0.4] },
      { dims: [1], values: [1.9] },
    ],
    (a, b) => graph.mod(a, b),
  ),
  operatorCase("Mod", "remainder of integers", [{ dims: [4], values: [5, -4, 7, 0], dtype: "int64" }], (a) =>
    graph.mod(a, 3),
  ),
  ...pairs("Min", "apart", "apart"),
  ...pairs("Max", "apart", "apart"),
  operatorCase("Min", "of one", [[3]], (a) => apply("Min", [a])),
  operatorCase("Max", "of three", [[2, 3], [3], [2, 1]], (a, b, c) => apply("Max", [a, b, c])),
  operatorCase("Min", "of three", [[2, 3], [3], [2, 1]], (a, b, c) => apply("Min", [a, b, c])),
  ...(["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"] as const).flatMap((op) =>
    pairs(op, "apart", "apart"),
  ),
  operatorCase("And", "of comparisons", [[2, 3], [3]], (a, b) => graph.and(graph.greater(a, 0), graph.less(b, 0))),
  operatorCase("Or", "of comparisons", [[2, 3], [3]], (a, b) => graph.or(graph.greater(a, 0), graph.less(b, 0))),
  operatorCase("Where", "broadcasting", [[2, 3], [3], [2, 1]], (a, b, c) => graph.where(graph.greater(a, 0), b, c)),
  operatorCase("Where", "a number", [[2, 3]], (a) => graph.where(graph.greater(a, 0), graph.square(a), 0.5)),
  operatorCase("PRelu", "slope per channel", [[2, 3, 2], { dims: [3, 1], values: "positive" }], (x, slope) =>
    graph.pRelu(x, slope),
  ),
  operatorCase("StopGradient", "in front of a product", [[2, 3]], (x) => graph.stopGradient(x)),
  operatorCase("ScaleGradient", "by one", [[2, 3]], (x) => graph.scaleGradient(x, scalar(1, x.type.dtype))),
];
