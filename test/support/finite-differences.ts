/**
 * Finite differences of what methods minimise. Parts that the gradient must not see, and reversed gradients, make it
 * differ from the slope of the loss: they are held. A stopped value becomes a constant; what scales its gradient by f
 * becomes x0 + f (x - x0), which has the same value and slope at x0.
 */
import { topologicalOrder } from "../../src/graph/graph.ts";
import { add, mul, sub } from "../../src/graph/index.ts";
import { input, makeNode, output, type Var } from "../../src/graph/node.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { random } from "../../src/random.ts";
import { float64, values } from "./learning.ts";

const numbers = (data: Tensor["data"]): number[] => Array.from<number | bigint, number>(data, Number);

interface Held {
  readonly loss: Var;
  /** Values at the point of all that is held, by the names of the inputs that stand for them. */
  readonly feeds: Readonly<Record<string, Tensor>>;
}

function held(loss: Var, feeds: Readonly<Record<string, Tensor>>): Held {
  const known = new Map<Var, Var>();
  const now = (variable: Var): Var => known.get(variable) ?? variable;
  const originals: Record<string, Var> = {};
  const hold = (original: Var): Var => {
    const name = `held:${Object.keys(originals).length}`;
    originals[name] = original;
    return input(name, original.type);
  };
  for (const node of topologicalOrder([loss])) {
    const [first, second] = node.inputs;
    const [own] = node.outputs;
    if (own !== undefined && first !== undefined && node.op === "StopGradient") known.set(own, hold(first));
    else if (own !== undefined && first !== undefined && second !== undefined && node.op === "ScaleGradient") {
      const point = hold(first);
      known.set(own, add(point, mul(sub(now(first), point), now(second))));
    } else if (node.inputs.some((variable) => variable !== undefined && known.has(variable))) {
      const made = makeNode(
        node.op,
        node.inputs.map((variable) => (variable === undefined ? undefined : now(variable))),
        node.attributes,
      );
      for (const variable of node.outputs) known.set(variable, output(made, variable.index));
    }
  }
  const found = Object.keys(originals).length === 0 ? {} : values(originals, feeds);
  const points = Object.entries(originals).map(([name, { type }]) => [
    name,
    float64(type.shape as readonly number[], found[name] ?? []),
  ]);
  return { loss: now(loss), feeds: Object.fromEntries(points) };
}

/**
 * The slope of a loss along a random direction of its float inputs of these names, by central differences of the
 * fourth order in float64, and the direction.
 */
export function slopeAlong(
  loss: Var,
  feeds: Readonly<Record<string, Tensor>>,
  names: readonly string[],
  step = 1e-3,
): { readonly slope: number; readonly direction: Readonly<Record<string, number[]>> } {
  const fixed = held(loss, feeds);
  const draw = random(5).split("direction");
  const direction = Object.fromEntries(
    names.map((name) => [name, Array.from({ length: feeds[name]?.data.length ?? 0 }, () => draw.normal())]),
  );
  const at = (distance: number): number => {
    const moved = names.map((name): [string, Tensor] => {
      const { dims, data } = feeds[name] as Tensor;
      return [
        name,
        float64(
          dims,
          numbers(data).map((value, i) => value + distance * (direction[name]?.[i] ?? 0)),
        ),
      ];
    });
    return (
      values({ loss: fixed.loss }, { ...feeds, ...fixed.feeds, ...Object.fromEntries(moved) }).loss?.[0] ?? Number.NaN
    );
  };
  return { slope: (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step), direction };
}
