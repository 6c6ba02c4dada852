/** What a rule of the importer is, and the rule of the operators that are taken as they are. */
import { type Attribute, makeNode, type OpName, schemaOf, type Var } from "../../../graph/index.ts";
import { type Conversion, refuse } from "../conversion.ts";

/** The results of a node in the graph: the first, or all of them. */
export type ImportRule = (c: Conversion) => Var | readonly Var[];
export type ImportRules = Readonly<Record<string, ImportRule>>;

/** All operands, left out ones as undefined. */
export const operandsOf = (c: Conversion): (Var | undefined)[] =>
  Array.from({ length: c.inputCount }, (_, index) => c.optional(index));

/** Attributes of the node that our operator has; others must be listed as without effect on what we compute. */
export function attributesFor(op: OpName, c: Conversion, ignored: readonly string[] = []): Record<string, Attribute> {
  const { attributes } = schemaOf(op);
  const found: Record<string, Attribute> = {};
  for (const name of c.node.attributes.keys()) {
    const value = attributeOf(c, name, attributes[name]);
    if (value !== undefined) found[name] = value;
    else if (!ignored.includes(name)) throw refuse(`${c.node.op} without the attribute "${name}"`, "it");
  }
  return found;
}

function attributeOf(
  c: Conversion,
  name: string,
  kind: ReturnType<typeof schemaOf>["attributes"][string] | undefined,
): Attribute | undefined {
  switch (kind) {
    case undefined:
      return undefined;
    case "int":
      return c.int(name, 0);
    case "float":
      return c.float(name, 0);
    case "string":
      return c.text(name, "");
    case "ints":
      return c.ints(name);
    case "floats":
      return c.floats(name);
    case "tensor":
      return c.tensor(name);
    default:
      throw new Error(`internal: no attribute kind ${kind satisfies never}`);
  }
}

/** An operator of ours under the same name, with the same operands and attributes. */
export const direct =
  (op: OpName, ignored: readonly string[] = []): ImportRule =>
  (c) => {
    const node = makeNode(op, operandsOf(c), attributesFor(op, c, ignored));
    return node.outputs;
  };

/** A unary operator from a function of its operand. */
export const unary =
  (f: (x: Var, c: Conversion) => Var): ImportRule =>
  (c) =>
    f(c.input(0), c);

/** Any number of operands, combined two by two. */
export const variadic =
  (combine: (a: Var, b: Var) => Var): ImportRule =>
  (c) =>
    Array.from({ length: c.inputCount }, (_, index) => c.input(index)).reduce(combine);
