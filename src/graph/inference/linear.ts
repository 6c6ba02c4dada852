/** Types of the matrix products. */
import { operatorError } from "../operator-error.ts";
import type { LinearOp } from "../operator-names.ts";
import type { Dim, Shape } from "../tensor.ts";
import { broadcastShapes, type Family, intAttribute, requireSameType, requireType } from "./schema.ts";

export const linear: Family<LinearOp> = {
  MatMul: {
    inputs: [2, 2],
    attributes: {},
    infer: (request) => {
      const [a, b] = [requireType(request, 0, "number"), requireType(request, 1, "number")];
      const dtype = requireSameType(request, [0, 1]);
      // numpy's rule: a vector on the left is a row, on the right a column, and its axis is dropped from the result.
      const left: Shape = a.type.shape.length === 1 ? [1, ...a.type.shape] : a.type.shape;
      const right: Shape = b.type.shape.length === 1 ? [...b.type.shape, 1] : b.type.shape;
      const [m, inner] = left.slice(-2);
      const [k, n] = right.slice(-2);
      if (m === undefined || n === undefined || inner === undefined || inner !== k) {
        throw operatorError("MatMul", "[..., m, k] and [..., k, n]", a, b);
      }
      const batch = broadcastShapes(request, [left.slice(0, -2), right.slice(0, -2)]);
      const rows: Dim[] = a.type.shape.length === 1 ? [] : [m];
      const columns: Dim[] = b.type.shape.length === 1 ? [] : [n];
      return [{ dtype, shape: [...batch, ...rows, ...columns] }];
    },
  },
  Gemm: {
    inputs: [2, 3],
    attributes: { alpha: "float", beta: "float", transA: "int", transB: "int" },
    infer: (request) => {
      const [a, b, c] = [requireType(request, 0, "number"), requireType(request, 1, "number"), request.inputs[2]];
      const dtype = requireSameType(request, [0, 1, 2]);
      const [p, q] = a.type.shape;
      const [r, s] = b.type.shape;
      const [m, inner] = intAttribute(request, "transA", 0) ? [q, p] : [p, q];
      const [k, n] = intAttribute(request, "transB", 0) ? [s, r] : [r, s];
      if (a.type.shape.length !== 2 || b.type.shape.length !== 2 || inner !== k || m === undefined || n === undefined) {
        throw operatorError("Gemm", "matrices [m, k] and [k, n] after transposition", a, b);
      }
      const shape = [m, n];
      if (c !== undefined) {
        const fits =
          c.type.shape.length <= 2 &&
          c.type.shape.every((dim, axis) => dim === 1 || dim === shape[axis + 2 - c.type.shape.length]);
        if (!fits) throw operatorError("Gemm", `a third operand that broadcasts to [${shape.join(",")}]`, c);
      }
      return [{ dtype, shape }];
    },
  },
};
