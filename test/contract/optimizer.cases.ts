/** What every optimiser must do. */
import { describe, expect, test } from "vitest";
import { gradients } from "../../src/graph/gradients.ts";
import { add, mul, reduceSum, slice, square, sub } from "../../src/graph/index.ts";
import { input, type Var } from "../../src/graph/node.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import type { Optimizer } from "../../src/optim/optimizer.ts";
import { evaluate } from "../../src/runtime/reference.ts";
import { float64 } from "../support/learning.ts";

export interface OptimizerCase {
  readonly title: string;
  readonly make: () => Optimizer;
  /** A constant rate with which it reaches the minima below. */
  readonly rates: { readonly parabola: number; readonly rosenbrock: number };
  /** The same with weight decay, where it has any. */
  readonly decaying: () => Optimizer;
}

const float = (name: string, shape: readonly number[] = []): Var => input(name, { dtype: "float32", shape });

/** (x - 3)^2 + 10 (y + 1)^2, minimum at (3, -1). */
const parabola = (w: Var): Var => {
  const off = sub(w, input("minimum", { dtype: "float32", shape: [2] }));
  return reduceSum(mul(square(off), input("curvature", { dtype: "float32", shape: [2] })));
};

/** (1 - x)^2 + 100 (y - x^2)^2, minimum at (1, 1) at the end of a bent valley (Rosenbrock 1960). */
const rosenbrock = (w: Var): Var => {
  const [x, y] = [slice(w, { axis: 0, start: 0, end: 1 }), slice(w, { axis: 0, start: 1, end: 2 })];
  return reduceSum(add(square(sub(1, x)), mul(square(sub(y, square(x))), 100)));
};

interface Descent {
  readonly start: readonly number[];
  readonly rate: number;
  readonly steps: number;
  readonly decay?: boolean;
  readonly feeds?: Readonly<Record<string, Tensor>>;
}

/** Where an optimiser gets to. */
function descend(optimizer: Optimizer, loss: (w: Var) => Var, descent: Descent): number[] {
  const w = float("w", [2]);
  const [gradient] = gradients(loss(w), [w]);
  if (gradient === undefined) throw new Error("no gradient");
  const slots = Object.fromEntries(optimizer.slots.map(({ name }) => [name, float(name, [2])]));
  const decay = descent.decay ?? false;
  const next = optimizer.update({ value: w, gradient, slots, rate: float("rate"), step: float("step"), decay });
  expect(Object.keys(next.slots).sort()).toEqual(optimizer.slots.map(({ name }) => name).sort());
  const graph = { name: "descent", outputs: { w: next.value, ...next.slots } };
  let state: Record<string, Tensor> = { w: float64([2], descent.start) };
  for (const { name, initial } of optimizer.slots) state[name] = float64([2], [initial, initial]);
  const usesStep = optimizer.name.startsWith("adam");
  for (let t = 1; t <= descent.steps; t++) {
    const step = usesStep ? { step: float64([], [t]) } : {};
    state = evaluate(graph, { ...descent.feeds, ...state, rate: float64([], [descent.rate]), ...step });
  }
  return Array.from(state.w?.data ?? [], Number);
}

const bowl = { minimum: float64([2], [3, -1]), curvature: float64([2], [1, 10]) };

export function optimizerContract({ title, make, rates, decaying }: OptimizerCase): void {
  describe(title, () => {
    test("reaches the minimum of a parabola", () => {
      const at = { start: [0, 0], rate: rates.parabola, steps: 500, feeds: bowl };
      const [x = 0, y = 0] = descend(make(), parabola, at);
      expect(x).toBeCloseTo(3, 3);
      expect(y).toBeCloseTo(-1, 3);
    });

    test("reaches the minimum of Rosenbrock's valley", () => {
      const at = { start: [-1.2, 1], rate: rates.rosenbrock, steps: 6000 };
      const [x = 0, y = 0] = descend(make(), rosenbrock, at);
      expect(x).toBeCloseTo(1, 1);
      expect(y).toBeCloseTo(1, 1);
    });

    test("a rate of zero leaves the parameter as it is", () => {
      expect(descend(make(), rosenbrock, { start: [-1.5, 1], rate: 0, steps: 2 })).toEqual([-1.5, 1]);
    });

    test("weight decay draws weights to zero, and exempts what does not decay", () => {
      const at = { start: [0, 0], rate: rates.parabola, steps: 500, feeds: bowl };
      const [free = 0] = descend(decaying(), parabola, { ...at, decay: false });
      const [drawn = 0] = descend(decaying(), parabola, { ...at, decay: true });
      expect(free).toBeCloseTo(3, 3);
      expect(drawn).toBeLessThan(2.9);
    });
  });
}
