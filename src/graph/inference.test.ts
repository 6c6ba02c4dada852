import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { numbers } from "../../test/support/operators/gradient-check.ts";
import { instantiate, label, operatorCases } from "../../test/support/operators/index.ts";
import { evaluate } from "../runtime/reference.ts";
import * as graph from "./index.ts";
import { type DType, input, ints, printType, type Shape, type Var } from "./index.ts";

const of = (shape: Shape, dtype: DType = "float32"): Var => input(`x${shape.join("_")}${dtype}`, { dtype, shape });
const batch = of(["N", 3, 28, 28]);
const rows = of(["N", 10]);

describe("shapes and types are known when a node is made", () => {
  test.each(operatorCases.map((example) => [label(example), example] as const))("%s: as computed", (_, example) => {
    const { feeds, outputs } = instantiate(example, "float32");
    const results = Object.fromEntries(outputs.map((variable, index) => [`y${index}`, variable]));
    const computed = evaluate({ name: "case", outputs: results }, feeds);
    outputs.forEach(({ type }, index) => {
      const found = computed[`y${index}`];
      expect(found?.dims).toEqual(type.shape);
      expect(found?.dtype).toBe(type.dtype === "float32" ? "float64" : type.dtype);
    });
  });

  test.each<[string, Var]>([
    ["float32[N,3,28,28]", graph.relu(batch)],
    ["float32[N,32,24,24]", graph.conv(batch, of([32, 3, 5, 5]))],
    ["float32[N,2352]", graph.flatten(batch)],
    ["float32[N,2352]", graph.reshape(batch, ["N", -1])],
    ["float32[28*N,84]", graph.reshape(batch, [-1, 84])],
    ["float32[3,N,28,28]", graph.transpose(batch, [1, 0, 2, 3])],
    ["float32[2*N,10]", graph.concat([rows, rows], 0)],
    ["float32[N+64,10]", graph.concat([of([64, 10]), rows], 0)],
    ["float32[64,10]", graph.slice(graph.concat([rows, of([64, 10])], 0), { axis: 0, end: 64 })],
    ["float32[N-1,10]", graph.slice(rows, { axis: 0, end: -1 })],
    ["float32[min(64,N),10]", graph.slice(rows, { axis: 0, end: 64 })],
    ["float32[ceil((N)/2),10]", graph.slice(rows, { axis: 0, step: 2 })],
    ["float32[N,1]", graph.reduceMax(rows, { axes: [1], keepDims: true })],
    ["float32[]", graph.reduceMean(batch)],
    ["int64[N]", graph.argMax(rows, { axis: 1 })],
    ["float32[N,4]", graph.matmul(rows, of([10, 4]))],
    ["float32[N,10]", graph.add(rows, of([10]))],
    ["float32[N,N,10]", graph.sub(graph.unsqueeze(rows, [0]), graph.unsqueeze(rows, [1]))],
    ["float32[5,10]", graph.gather(rows, of([5], "int64"))],
    ["float32[H-2,T]", graph.squeeze(graph.conv(of([1, 1, "H", "T"]), of([1, 1, 3, 1])), [0, 1])],
    ["float32[N,8,floor((T-3)/2)+1]", graph.conv(of(["N", 4, "T"]), of([8, 4, 3]), undefined, { strides: [2] })],
    ["float32[N,8,2*T+1]", graph.convTranspose(of(["N", 4, "T"]), of([4, 8, 3]), undefined, { strides: [2] })],
    ["float32[N,3,56,56]", graph.resizeNearest(batch, [1, 1, 2, 2])],
    ["float32[N,10]", graph.full(graph.shapeOf(rows), 1)],
    ["float32[N,10]", graph.expand(of([10]), graph.shapeOf(rows))],
    [
      "int64[N]",
      graph.apply("Range", [
        graph.scalar(0, "int64"),
        graph.squeeze(graph.shapeOf(rows, 0, 1), [0]),
        graph.scalar(1, "int64"),
      ]),
    ],
    ["float32[N,10,3]", graph.oneHot(of(["N", 10], "int64"), 3)],
  ])("%s", (type, variable) => {
    expect(printType(variable.type)).toBe(type);
  });

  test("shapes computed in the graph are followed through arithmetic", () => {
    const shape = graph.shapeOf(batch);
    const flat = graph.concat([graph.slice(shape, { axis: 0, end: 1 }), graph.mul(ints([3 * 28]), ints([28]))], 0);
    expect(printType(graph.reshape(batch, flat).type)).toBe("float32[N,2352]");
    const count = graph.reduceProd(graph.gather(shape, ints([2, 3])), { keepDims: true });
    expect(printType(graph.reshape(batch, graph.concat([ints([-1]), count], 0)).type)).toBe("float32[3*N,784]");
  });
});

describe("a mistake is reported where it is made: operator, expected, got", () => {
  test.each<[string, () => unknown]>([
    ["Add: expected shapes that broadcast, got [N,10] and [3]", () => graph.add(rows, of([3]))],
    ["Mul: expected shapes that broadcast, got [N,10] and [M,10]", () => graph.mul(rows, of(["M", 10]))],
    [
      "Add: expected inputs of one element type, got float32[N,10] and float64[10]",
      () => graph.add(rows, of([10], "float64")),
    ],
    ["Sigmoid: expected float32 or float64, got int64[3]", () => graph.sigmoid(of([3], "int64"))],
    ["And: expected bool, got float32[N,10]", () => graph.and(rows, rows)],
    ["Where: expected bool, got float32[N,10]", () => graph.where(rows, rows, 0)],
    [
      "MatMul: expected [..., m, k] and [..., k, n], got float32[N,10] and float32[4,10]",
      () => graph.matmul(rows, of([4, 10])),
    ],
    [
      "Gemm: expected a third operand that broadcasts to [N,4], got float32[5]",
      () => graph.gemm(rows, of([10, 4]), of([5])),
    ],
    [
      "Conv: expected w [M, C/1, kernel...] for x [N, C, spatial...], M divisible by 1, got float32[N,3,28,28] and float32[8,4,3,3]",
      () => graph.conv(batch, of([8, 4, 3, 3])),
    ],
    [
      "Conv: expected a bias [8], got float32[N,3,28,28] and float32[8,3,3,3] and float32[3]",
      () => graph.conv(batch, of([8, 3, 3, 3]), of([3])),
    ],
    [
      "Conv: expected a window of 31 inside the padded input, got size 28+0+0",
      () => graph.conv(batch, of([8, 3, 31, 3])),
    ],
    [
      "Conv: expected positive strides and dilations for 2 axes and 4 pads of at least 0, got strides [1,1], dilations [1,1], pads [1,1]",
      () => graph.conv(batch, of([8, 3, 3, 3]), undefined, { pads: [1, 1] }),
    ],
    [
      "MaxPool: expected pads smaller than the kernel [2,2], got [2,0,0,0]",
      () => graph.maxPool(batch, { kernel: [2, 2], pads: [2, 0, 0, 0] }),
    ],
    [
      "AveragePool: expected ceil_mode or count_include_pad, got both",
      () => graph.averagePool(batch, { kernel: [2, 2], ceil: true, countIncludePad: true }),
    ],
    ["Reshape: expected 10*N elements, got float32[N,10] and [N,11]", () => graph.reshape(rows, ["N", 11])],
    ["Reshape: expected 10*N elements, got float32[N,10] and [-1,7]", () => graph.reshape(rows, [-1, 7])],
    ["Transpose: expected a permutation of 0..1, got [0,0] and float32[N,10]", () => graph.transpose(rows, [0, 0])],
    [
      "Concat: expected shapes that are equal except along axis 0, got float32[N,10] and float32[N,11]",
      () => graph.concat([rows, of(["N", 11])], 0),
    ],
    ["Split: expected sizes that add up to 10, got [4,5]", () => graph.split(rows, 1, [4, 5])],
    ["ReduceSum: expected an axis in [-2, 1], got 2", () => graph.reduceSum(rows, { axes: [2] })],
    ["Softmax: expected an axis in [-2, 1], got 5", () => graph.softmax(rows, 5)],
    ["Squeeze: expected size 1 along axes [1], got float32[N,10]", () => graph.squeeze(rows, [1])],
    ["Gather: expected int32 or int64, got float32[3]", () => graph.gather(rows, of([3]))],
    [
      "Pad: expected reflected pads below 10 along axis 1, got 10",
      () => graph.pad(rows, [0, 10, 0, 0], 0, { mode: "reflect" }),
    ],
    ["LayerNormalization: expected scale and bias [10], got float32[9]", () => graph.layerNormalization(rows, of([9]))],
    ["ScaleGradient: expected a scalar factor, got float32[3]", () => graph.scaleGradient(rows, of([3]))],
    ["Expand: expected M at axis 0, or a computed shape, got float32[N,10]", () => graph.expand(rows, ["M", 10])],
    ["Cast: expected an element type that we hold, got ONNX type 10", () => graph.apply("Cast", [rows], { to: 10 })],
    ["Relu: expected 1 inputs, got nothing", () => graph.apply("Relu", [])],
    ["Relu: expected 1 inputs, got float32[N,10] and float32[N,10]", () => graph.apply("Relu", [rows, rows])],
    ['Softmax: expected attributes axis, got "axes"', () => graph.apply("Softmax", [rows], { axes: [1] })],
    ["Softmax: expected attribute axis as int, got 0.5", () => graph.apply("Softmax", [rows], { axis: 0.5 })],
    [
      "Input: expected sizes that are whole numbers or names, got bad [1.5]",
      () => input("bad", { dtype: "float32", shape: [1.5] }),
    ],
    ["constant: expected 3 values for [3], got 2", () => graph.floats([3], [1, 2])],
    ["Add: expected a variable, got the numbers 1 and 2", () => graph.add(1, 2)],
  ])("%s", (message, build) => {
    expect(build).toThrow(expect.objectContaining({ message }));
  });
});

test("broadcasting is numpy's, for any shapes", () => {
  const dims = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 });
  fc.assert(
    fc.property(dims, dims, (a, b) => {
      const rank = Math.max(a.length, b.length);
      const aligned = (shape: readonly number[]): number[] => [...Array<number>(rank - shape.length).fill(1), ...shape];
      const [left, right] = [aligned(a), aligned(b)];
      const compatible = left.every((dim, axis) => dim === right[axis] || dim === 1 || right[axis] === 1);
      const build = (): Var => graph.add(of(a), of(b));
      if (!compatible) expect(build).toThrow("Add: expected shapes that broadcast");
      else expect(build().type.shape).toEqual(left.map((dim, axis) => Math.max(dim, right[axis] ?? 1)));
    }),
  );
});

test("gradients have the shapes of what they belong to, under any broadcasting", () => {
  const mask = fc.array(fc.boolean(), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(mask, mask, fc.integer({ min: 0, max: 3 }), (left, right, dropped) => {
      const full = ["N", 2, 4] as const;
      const shrink = (ones: readonly boolean[]): Shape => full.map((dim, axis) => (ones[axis] === true ? 1 : dim));
      const [a, b] = [
        input("a", { dtype: "float32", shape: shrink(left) }),
        input("b", { dtype: "float32", shape: shrink(right).slice(dropped) }),
      ];
      const found = graph.gradients(graph.reduceSum(graph.mul(a, b)), [a, b]);
      expect(found.map(({ type }) => type)).toEqual([a.type, b.type]);
    }),
  );
});

describe("with named sizes, gradients are those of the same graph in numbers", () => {
  const square = (x: Var): Var => graph.mul(x, x);
  const cases: readonly (readonly [string, (x: Var) => Var])[] = [
    ["mean over named and other axes", (x) => square(graph.reduceMean(square(x), { axes: [0, 2] }))],
    ["maximum over the named axis", (x) => graph.reduceMax(square(x), { axes: [0] })],
    ["slices from either end", (x) => square(graph.slice(graph.slice(x, { axis: 0, start: 1 }), { axis: 0, end: -1 }))],
    [
      "a bounded slice of a named axis",
      (x) => square(graph.slice(graph.concat([x, x], 0), { axis: 0, end: graph.shapeOf(x, 0, 1) })),
    ],
    ["joined and cut", (x) => square(graph.concat([x, square(x), graph.reshape(x, [-1, 4, 6])], 0))],
    ["reshaped", (x) => square(graph.reshape(x, [-1, 6]))],
    ["expanded", (x) => square(graph.expand(graph.slice(x, { axis: 1, end: 1 }), graph.shapeOf(x)))],
    ["padded", (x) => square(graph.pad(x, [1, 0, 0, 2, 0, 1], 0.5))],
    ["softmax", (x) => square(graph.softmax(x, 1))],
    ["gathered", (x) => square(graph.gather(x, ints([0, 1, 0]), 0))],
    [
      "convolved",
      (x) =>
        square(
          graph.conv(
            x,
            graph.constant(
              graph.tensorOf(
                "float64",
                [2, 4, 3],
                Array.from({ length: 24 }, (_, i) => Math.sin(i)),
              ),
            ),
          ),
        ),
    ],
    ["overlapping maxima", (x) => square(graph.maxPool(x, { kernel: [3], strides: [2], pads: [1, 0] }))],
    ["averages", (x) => square(graph.averagePool(x, { kernel: [3], strides: [2], pads: [1, 0] }))],
    ["global averages", (x) => square(graph.globalAveragePool(x))],
    ["multiplied by itself", (x) => square(graph.matmul(graph.transpose(x, [0, 2, 1]), x))],
    [
      "normalised",
      (x) => square(graph.layerNormalization(x, graph.constant(graph.tensorOf("float64", [6], [1, 2, 3, 4, 5, 6])))),
    ],
  ];

  test.each(cases)("%s", (_, build) => {
    const run = (shape: Shape): number[] => {
      const x = input("x", { dtype: "float64", shape });
      const [gradient] = graph.gradients(graph.reduceSum(build(x)), [x]);
      const values = Array.from({ length: 72 }, (__, i) => Math.sin(3 * i) + 0.01 * i);
      const feeds = { x: graph.tensorOf("float64", [3, 4, 6], values) };
      expect(gradient?.type.shape).toEqual(shape);
      return numbers(evaluate({ name: "named", outputs: { gradient: gradient as Var } }, feeds).gradient);
    };
    const expected = run([3, 4, 6]);
    run(["N", 4, 6]).forEach((item, index) => {
      expect(item).toBeCloseTo(expected[index] ?? Number.NaN, 10);
    });
  });

  test("the weights of a convolution over a named number of rows", () => {
    const run = (n: "N" | 3): number[] => {
      const x = input("x", { dtype: "float64", shape: [n, 4, 6] });
      const w = input("w", { dtype: "float64", shape: [2, 2, 3] });
      const loss = graph.reduceSum(square(graph.conv(x, w, undefined, { group: 2, pads: [1, 1] })));
      const feeds = {
        x: graph.tensorOf(
          "float64",
          [3, 4, 6],
          Array.from({ length: 72 }, (_, i) => Math.sin(i)),
        ),
        w: graph.tensorOf(
          "float64",
          [2, 2, 3],
          Array.from({ length: 12 }, (_, i) => Math.cos(i)),
        ),
      };
      return numbers(evaluate({ name: "w", outputs: { g: graph.gradients(loss, [w])[0] as Var } }, feeds).g);
    };
    run("N").forEach((item, index) => {
      expect(item).toBeCloseTo(run(3)[index] ?? Number.NaN, 10);
    });
  });
});
