/** What every engine must do. Each runs through all of it; the float64 interpreter says what the numbers are. */
import { beforeAll, describe, expect, test } from "vitest";
import {
  add,
  cast,
  constant,
  type Graph,
  gradients,
  identity,
  input,
  inputsOf,
  isFloat,
  matmul,
  mul,
  neg,
  reduceSum,
  relu,
  scaleGradient,
  shapeOf,
  split,
  stopGradient,
  type Tensor,
  tensorOf,
  type Var,
} from "../../src/graph/index.ts";
import type { Backend, Feeds } from "../../src/runtime/backend.ts";
import { evaluate } from "../../src/runtime/reference.ts";
import { curvedSum } from "../support/operators/gradient-check.ts";
import { instantiate, label, operatorCases } from "../support/operators/index.ts";
import { distance, float, numbers } from "../support/tensors.ts";
import { stepsContract } from "./steps.cases.ts";

/** Engine against reference, relative to the largest element. */
const tolerance = 1e-4;

export interface ContractOptions {
  /** Element type of an engine's float32 results; the interpreter gives float64. */
  readonly floats?: "float32" | "float64";
  /** Whether the engine runs ONNX files. Default true. */
  readonly loads?: boolean;
}

export function backendContract(name: string, open: () => Promise<Backend>, options: ContractOptions = {}): void {
  const { floats = "float32", loads = true } = options;
  describe(name, () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await open();
    });

    const runOnce = async (graph: Graph, feeds: Feeds): Promise<Readonly<Record<string, Tensor>>> => {
      const executable = await backend.compile(graph);
      try {
        return await executable.run(feeds);
      } finally {
        await executable.dispose();
      }
    };
    const reading = (graph: Graph, feeds: Feeds): Feeds => {
      const read = inputsOf(graph);
      return Object.fromEntries(Object.entries(feeds).filter(([fed]) => read.has(fed)));
    };

    test.each(operatorCases.map((example) => [label(example), example] as const))(
      "%s: results and gradients",
      async (_, example) => {
        const { inputs, feeds, outputs } = instantiate(example, "float32");
        const results: Record<string, Var> = Object.fromEntries(outputs.map((result, i) => [`result${i}`, result]));
        const curved = outputs.filter(({ type }) => isFloat(type.dtype));
        const wrt = inputs.filter(({ type }) => type.dtype === "float32");
        if (curved.length > 0 && curved.every(({ type }) => type.dtype === "float32")) {
          gradients(curvedSum(curved, label(example)), wrt).forEach((gradient, i) => {
            results[`gradient${i}`] = gradient;
          });
        }
        const graph = { name: "case", outputs: results };
        const fed = reading(graph, feeds);
        const [found, expected] = [await runOnce(graph, fed), evaluate(graph, fed)];
        for (const result of Object.keys(results)) {
          const far = distance(found[result], expected[result]);
          if (expected[result]?.dtype === "float64") expect(far, result).toBeLessThan(tolerance);
          else expect(far, result).toBe(0);
        }
      },
    );

    describe("feeds", () => {
      const x = input("x", { dtype: "float32", shape: ["N", 2] });
      const y = input("y", { dtype: "float32", shape: ["N"] });
      const graph = { name: "feeds", outputs: { sum: add(reduceSum(x), reduceSum(y)) } };
      const good = { x: float([3, 2], [1, 2, 3, 4, 5, 6]), y: float([3], [1, 1, 1]) };
      const bad: readonly (readonly [what: string, feeds: Feeds, message: RegExp])[] = [
        ["a missing input", { x: good.x }, /^input "y": expected float32\[N\], got nothing$/],
        ["an unknown input", { ...good, z: good.y }, /^"z" is no input of this graph, expected "x", "y"$/],
        [
          "another rank",
          { ...good, y: float([3, 1], [1, 1, 1]) },
          /^input "y": expected float32\[N\], got float32\[3,1\]$/,
        ],
        [
          "another size",
          { ...good, x: float([2, 3], [1, 2, 3, 4, 5, 6]) },
          /^input "x": expected float32\[N,2\], got float32\[2,3\]$/,
        ],
        [
          "another type",
          { ...good, y: tensorOf("int32", [3], [1, 1, 1]) },
          /^input "y": expected float32\[N\], got int32\[3\]$/,
        ],
        [
          "too few values",
          { ...good, y: { dtype: "float32", dims: [3], data: new Float32Array(2) } },
          /^input "y": expected 3 values for float32\[N\], got 2$/,
        ],
        ["one name, two sizes", { ...good, y: float([2], [1, 1]) }, /^input "y": expected N = 3 as in "x", got 2$/],
      ];

      test.each(bad)("%s is an error of ours", async (_, feeds, message) => {
        const executable = await backend.compile(graph);
        await expect(executable.run(feeds)).rejects.toThrow(message);
        await expect(executable.run(feeds)).rejects.toMatchObject({ name: "DannError" });
        // The executable survives it.
        expect(numbers((await executable.run(good)).sum)).toEqual([24]);
        await executable.dispose();
      });

      test("a named size may differ from run to run, and be zero", async () => {
        const executable = await backend.compile({ name: "sizes", outputs: { y: relu(x), rows: shapeOf(x, 0, 1) } });
        for (const rows of [1, 5, 0]) {
          const result = await executable.run({ x: float([rows, 2], new Float32Array(rows * 2).fill(-1)) });
          expect(result.y?.dims).toEqual([rows, 2]);
          expect(numbers(result.rows)).toEqual([rows]);
        }
        await executable.dispose();
      });
    });

    describe("results", () => {
      const x = input("x", { dtype: "float32", shape: [2, 3] });
      const fed = { x: float([2, 3], [1, -2, 3, -4, 5, -6]) };

      test("inputs, constants, one value under two names, and gradient markers can be outputs", async () => {
        const two = relu(x);
        const fixed = constant(float([2], [1.5, -2]));
        const outputs = {
          same: x,
          fixed,
          once: two,
          twice: two,
          stopped: stopGradient(x),
          scaled: scaleGradient(two, 3),
        };
        const found = await runOnce({ name: "outputs", outputs }, fed);
        const expected = evaluate({ name: "outputs", outputs }, fed);
        for (const key of Object.keys(outputs)) expect(distance(found[key], expected[key]), key).toBe(0);
        expect(Object.keys(found).sort()).toEqual(Object.keys(outputs).sort());
      });

      test("element types come back as the graph has them", async () => {
        const outputs = {
          float: neg(x),
          int64: cast(x, "int64"),
          int32: cast(x, "int32"),
          bool: cast(relu(x), "bool"),
          uint8: cast(relu(x), "uint8"),
        };
        const found = await runOnce({ name: "types", outputs }, fed);
        expect(found.float).toMatchObject({ dtype: floats });
        expect(found.int64).toEqual(tensorOf("int64", [2, 3], [1, -2, 3, -4, 5, -6]));
        expect(found.int32).toEqual(tensorOf("int32", [2, 3], [1, -2, 3, -4, 5, -6]));
        expect(found.bool).toEqual(tensorOf("bool", [2, 3], [1, 0, 1, 0, 1, 0]));
        expect(found.uint8).toEqual(tensorOf("uint8", [2, 3], [1, 0, 3, 0, 5, 0]));
      });

      test("every output of a node with several", async () => {
        const [left, right] = split(x, 1, [1, 2]) as [Var, Var];
        const found = await runOnce({ name: "split", outputs: { right, left } }, fed);
        expect(numbers(found.left)).toEqual([1, -4]);
        expect(numbers(found.right)).toEqual([-2, 3, 5, -6]);
      });

      test("a name that is both an input and an output is refused", async () => {
        if (!loads) return;
        await expect(backend.compile({ name: "clash", outputs: { x: relu(x) } })).rejects.toThrow(
          /"x" is the name of an input and of an output/,
        );
      });

      const typed = (values: readonly number[]): Tensor => tensorOf(floats, [2, 3], values);

      test("preallocated outputs are written in place", async () => {
        const executable = await backend.compile({ name: "into", outputs: { y: neg(x), z: relu(x) } });
        const y = typed([9, 9, 9, 9, 9, 9]);
        const result = await executable.run(fed, { y });
        expect(result.y).toBe(y);
        expect(numbers(y)).toEqual([-1, 2, -3, 4, -5, 6]);
        expect(numbers(result.z)).toEqual([1, 0, 3, 0, 5, 0]);
        await executable.dispose();
      });

      test("fetched tensors keep their values when the graph runs again", async () => {
        const executable = await backend.compile({ name: "keep", outputs: { y: neg(x) } });
        const first = await executable.run(fed);
        await executable.run({ x: float([2, 3], [7, 7, 7, 7, 7, 7]) });
        expect(numbers(first.y)).toEqual([-1, 2, -3, 4, -5, 6]);
        await executable.dispose();
      });

      test("preallocated outputs of another name, type or size, or that alias a feed, are refused", async () => {
        const executable = await backend.compile({ name: "into", outputs: { y: neg(x) } });
        const run = (into: Feeds): Promise<unknown> => executable.run(fed, into);
        await expect(run({ q: typed([1, 2, 3, 4, 5, 6]) })).rejects.toThrow(
          /^"q" is no output of this graph, expected "y"$/,
        );
        await expect(run({ y: tensorOf(floats, [3, 2], [1, 2, 3, 4, 5, 6]) })).rejects.toThrow(
          /^output "y": expected float(32|64)\[2,3\], got/,
        );
        await expect(run({ y: tensorOf("int32", [2, 3], [1, 2, 3, 4, 5, 6]) })).rejects.toThrow(
          /^output "y": expected float(32|64)\[2,3\], got int32\[2,3\]$/,
        );
        const aliasing = { dtype: floats, dims: [2, 3], data: fed.x.data } as unknown as Tensor;
        await expect(run({ y: aliasing })).rejects.toThrow(/^output "y" would overwrite input "x" while it is read$/);
        await executable.dispose();
      });
    });

    stepsContract(() => backend);

    describe("life", () => {
      const x = input("x", { dtype: "float32", shape: [] });
      const graph = { name: "count", outputs: { next: add(x, 1) } };

      test("runs that are not waited for do not overlap and end in order", async () => {
        const executable = await backend.compile(graph);
        const ended: number[] = [];
        const runs = [1, 2, 3, 4].map((value) =>
          executable.run({ x: float([], [value]) }).then(({ next }) => ended.push(...numbers(next))),
        );
        await Promise.all(runs);
        expect(ended).toEqual([2, 3, 4, 5]);
        await executable.dispose();
      });

      test("state goes round between two sets of buffers", async () => {
        const executable = await backend.compile(graph);
        if (floats === "float32") {
          const buffers = [float([], [0]), float([], [0])] as const;
          for (let i = 0; i < 6; i++)
            await executable.run({ x: buffers[i % 2 === 0 ? 0 : 1] }, { next: buffers[i % 2 === 0 ? 1 : 0] });
          expect(buffers[0].data[0]).toBe(6);
        }
        await executable.dispose();
      });

      test("shared memory is read and written", async () => {
        const executable = await backend.compile({
          name: "shared",
          outputs: { y: neg(input("x", { dtype: "float32", shape: [2] })) },
        });
        const shared = new Float32Array(new SharedArrayBuffer(8));
        for (const value of [1, 2]) {
          shared.fill(value);
          expect(numbers((await executable.run({ x: { dtype: "float32", dims: [2], data: shared } })).y)).toEqual([
            -value,
            -value,
          ]);
        }
        if (floats === "float32") {
          const y = new Float32Array(new SharedArrayBuffer(8));
          await executable.run({ x: float([2], [3, 4]) }, { y: { dtype: "float32", dims: [2], data: y } });
          expect([...y]).toEqual([-3, -4]);
        }
        await executable.dispose();
      });

      test("after dispose a run is an error, a second dispose none", async () => {
        const executable = await backend.compile(graph);
        await executable.dispose();
        await executable.dispose();
        await expect(executable.run({ x: float([], [1]) })).rejects.toMatchObject({ code: "engine-disposed" });
      });

      test("the same bits from run to run", async () => {
        const a = input("a", { dtype: "float32", shape: [64, 64] });
        const product = { name: "product", outputs: { y: matmul(a, mul(a, identity(a))) } };
        const data = Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i));
        const executable = await backend.compile(product);
        const [first, second] = [
          await executable.run({ a: float([64, 64], data) }),
          await executable.run({ a: float([64, 64], data) }),
        ];
        expect(numbers(first.y)).toEqual(numbers(second.y));
        await executable.dispose();
      });

      test("bytes that are no model are refused with a clear error", async () => {
        await expect(backend.load(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ name: "DannError" });
      });
    });
  });
}
