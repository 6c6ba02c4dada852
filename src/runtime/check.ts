/** Checks what is fed and where results go before an engine sees them: its own messages name no expected type. */
import { usageError } from "../errors.ts";
import { printType, sizeOf, type Tensor, type TensorType } from "../graph/tensor.ts";
import type { Feeds, Fetches } from "./backend.ts";

export type Types = Readonly<Record<string, TensorType>>;

/** Every input is fed, nothing else is, and types, sizes and data lengths agree. Named sizes must be equal throughout. */
export function checkFeeds(inputs: Types, feeds: Feeds): void {
  const bound = new Map<string, { size: number; by: string }>();
  for (const [name, type] of Object.entries(inputs)) {
    const tensor = feeds[name];
    if (tensor === undefined) {
      throw usageError("feed-missing", `input "${name}": expected ${printType(type)}, got nothing`, `feed "${name}"`);
    }
    checkTensor("input", name, type, tensor);
    bindNames(name, type, tensor, bound);
  }
  refuseUnknown("input", inputs, feeds);
}

/** Preallocated outputs exist in the graph, fit it, and share no memory with what is fed. */
export function checkInto(outputs: Types, into: Fetches, feeds: Feeds): void {
  refuseUnknown("output", outputs, into);
  const read = new Map(Object.entries(feeds).map(([name, { data }]) => [data.buffer as ArrayBufferLike, name]));
  for (const [name, tensor] of Object.entries(into)) {
    const type = outputs[name];
    if (type !== undefined) checkTensor("output", name, type, tensor);
    const alias = read.get(tensor.data.buffer);
    if (alias !== undefined && tensor.data.byteLength > 0) {
      throw usageError(
        "into-aliases-feed",
        `output "${name}" would overwrite input "${alias}" while it is read`,
        "keep two copies of the state and swap them",
      );
    }
  }
}

function refuseUnknown(what: "input" | "output", types: Types, given: Feeds): void {
  for (const name of Object.keys(given)) {
    if (name in types) continue;
    throw usageError(
      `${what}-unknown`,
      `"${name}" is no ${what} of this graph, expected ${
        Object.keys(types)
          .map((n) => `"${n}"`)
          .join(", ") || "none"
      }`,
    );
  }
}

function checkTensor(what: string, name: string, type: TensorType, tensor: Tensor): void {
  const fits =
    tensor.dtype === type.dtype &&
    tensor.dims.length === type.shape.length &&
    type.shape.every((dim, axis) => typeof dim === "string" || dim === tensor.dims[axis]);
  if (!fits) {
    throw usageError(
      `${what}-type`,
      `${what} "${name}": expected ${printType(type)}, got ${printType({ dtype: tensor.dtype, shape: tensor.dims })}`,
    );
  }
  if (tensor.data.length !== sizeOf(tensor.dims)) {
    throw usageError(
      `${what}-length`,
      `${what} "${name}": expected ${sizeOf(tensor.dims)} values for ${printType(type)}, got ${tensor.data.length}`,
    );
  }
}

function bindNames(
  name: string,
  type: TensorType,
  tensor: Tensor,
  bound: Map<string, { size: number; by: string }>,
): void {
  type.shape.forEach((dim, axis) => {
    const size = tensor.dims[axis];
    if (typeof dim !== "string" || size === undefined) return;
    const first = bound.get(dim);
    if (first === undefined) bound.set(dim, { size, by: name });
    else if (first.size !== size) {
      throw usageError(
        "feed-size",
        `input "${name}": expected ${dim} = ${first.size} as in "${first.by}", got ${size}`,
      );
    }
  });
}
