/** The constants of a file: initialisers, and nodes of the operator Constant in all the forms that it has. */
import type { TensorProto } from "onnx-buf";
import { dataError } from "../../errors.ts";
import { type Tensor, tensorOf } from "../../graph/index.ts";
import { AttributeKind } from "../types.ts";
import type { SourceNode } from "./source.ts";
import { decodeInline, decodeTensor, type ReadExternal } from "./tensor-data.ts";

/** The initialisers of these names. */
export async function decodeInitializers(
  names: ReadonlySet<string>,
  initializers: ReadonlyMap<string, TensorProto>,
  model: string,
  external: ReadExternal | undefined,
): Promise<Map<string, Tensor>> {
  const found = new Map<string, Tensor>();
  for (const [name, proto] of initializers) {
    if (names.has(name)) found.set(name, await decodeTensor(proto, `${model}: tensor "${name}"`, external));
  }
  return found;
}

/** The value of a node of the operator Constant. */
export function decodeConstant(node: SourceNode, model: string): Tensor {
  const [attribute] = node.attributes.values();
  const place = `${model}: ${node.place}`;
  switch (attribute?.type) {
    case AttributeKind.TENSOR:
      if (attribute.t !== undefined) return decodeInline(attribute.t, place);
      break;
    case AttributeKind.FLOAT:
      return tensorOf("float32", [], [attribute.f]);
    case AttributeKind.FLOATS:
      return tensorOf("float32", [attribute.floats.length], attribute.floats);
    case AttributeKind.INT:
      return { dtype: "int64", dims: [], data: BigInt64Array.of(attribute.i) };
    case AttributeKind.INTS:
      return { dtype: "int64", dims: [attribute.ints.length], data: BigInt64Array.from(attribute.ints) };
    default:
  }
  throw dataError(
    "onnx-constant",
    `${place}: expected a dense tensor, floats or integers as value, got ${attribute?.name ?? "nothing"}`,
  );
}
