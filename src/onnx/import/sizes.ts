/** Named sizes as values of the graph: read off the shape of something that has them. */
import { divideDims, subtractDims } from "../../graph/dims.ts";
import { add, concat, ints, mul, shapeOf, type Var } from "../../graph/index.ts";
import type { Dim, Shape } from "../../graph/tensor.ts";

/** An int64 vector of these sizes, or undefined when one of them is nobody's. `holders` are searched for names. */
export function sizeVector(sizes: Shape, holders: readonly Var[]): Var | undefined {
  if (sizes.every((size) => typeof size === "number")) return ints(sizes as readonly number[]);
  const parts = sizes.map((size) => element(size, holders));
  return parts.every((part) => part !== undefined) ? concat(parts as Var[], 0) : undefined;
}

/** One size as a vector of one element: a holder's own, a product of such, or one with a number added. */
function element(size: Dim, holders: readonly Var[]): Var | undefined {
  if (typeof size === "number") return ints([size]);
  for (const holder of holders) {
    const axis = holder.type.shape.indexOf(size);
    if (axis >= 0) return shapeOf(holder, axis, axis + 1);
  }
  for (const holder of holders) {
    for (const [axis, dim] of holder.type.shape.entries()) {
      if (typeof dim !== "string") continue;
      const own = (): Var => shapeOf(holder, axis, axis + 1);
      const [times, more] = [divideDims(size, dim), subtractDims(size, dim)];
      const factor = times === undefined ? undefined : element(times, holders);
      if (factor !== undefined) return mul(own(), factor);
      if (typeof more === "number") return add(own(), ints([more]));
    }
  }
  return undefined;
}
