/** Many steps in one run: the part of the engines' contract that training of small networks stands on. */
import { describe, expect, test } from "vitest";
import { add, gradients, input, mul, reduceSum, relu, sub, type Tensor, type Var } from "../../src/graph/index.ts";
import type { Backend } from "../../src/runtime/backend.ts";
import { float, numbers } from "../support/tensors.ts";

export function stepsContract(backend: () => Backend): void {
  describe("several steps in one run", () => {
    const [w, x, rate] = [
      input("w", { dtype: "float32", shape: [2] }),
      input("x", { dtype: "float32", shape: [3, 2] }),
      input("rate", { dtype: "float32", shape: [] }),
    ];
    const loss = reduceSum(mul(relu(add(x, w)), x));
    const [gradient] = gradients(loss, [w]) as [Var];
    const graph = { name: "steps", outputs: { "next:w": sub(w, mul(gradient, rate)), loss } };
    const spec = { carried: { "next:w": "w" }, stacked: ["x"] };
    const rows = [
      0.5, -1, 2, 0.3, -0.2, 1, 1, 2, -3, 0.1, 0.2, -0.6, 0.9, 0.8, -0.7, 1.5, -0.4, 0.6, 0.2, 0.2, -2, -1, 0.5, 3,
    ];

    test("state and collected results are those of single steps", async () => {
      const [one, many] = [await backend().compile(graph), await backend().compileSteps(graph, spec)];
      const fixed = { rate: float([], [0.1]) };
      let state: Tensor = float([2], [0.3, -0.4]);
      const losses: number[] = [];
      for (let step = 0; step < 4; step++) {
        const found = await one.run({ ...fixed, w: state, x: float([3, 2], rows.slice(step * 6, step * 6 + 6)) });
        state = found["next:w"] as Tensor;
        losses.push(...numbers(found.loss));
      }
      const found = await many.run({ ...fixed, w: float([2], [0.3, -0.4]), x: float([4, 3, 2], rows) });
      expect(numbers(found["next:w"])).toEqual(numbers(state));
      expect(numbers(found.loss)).toEqual(losses);
      expect(found.loss?.dims).toEqual([4]);
      // Another number of steps needs no other compilation.
      expect(
        numbers(
          (await many.run({ ...fixed, w: float([2], [0.3, -0.4]), x: float([2, 3, 2], rows.slice(0, 12)) })).loss,
        ),
      ).toEqual(losses.slice(0, 2));
      await Promise.all([one.dispose(), many.dispose()]);
    });

    test("what cannot be carried or stacked is refused", async () => {
      await expect(backend().compileSteps(graph, { carried: { loss: "w" }, stacked: ["x"] })).rejects.toThrow(
        /expected output "loss" and input "w" of one type, got float32\[\] and float32\[2\]/,
      );
      await expect(backend().compileSteps(graph, { ...spec, stacked: [] })).rejects.toThrow(
        /expected an input that differs from step to step, got none/,
      );
      await expect(backend().compileSteps(graph, { ...spec, stacked: ["w"] })).rejects.toThrow(/"w" is carried/);
    });
  });
}
