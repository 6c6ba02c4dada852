/** The table: operator of the standard -> how it is said with ours. A name that is not here is refused. */
import { apply, ints, type Var } from "../../../graph/index.ts";
import { refuse } from "../conversion.ts";
import { einsum } from "./einsum.ts";
import { elementwiseRules } from "./elementwise.ts";
import { layoutRules } from "./layout.ts";
import { normalisationRules } from "./normalisation.ts";
import { reductionRules } from "./reductions.ts";
import type { ImportRule, ImportRules } from "./rule.ts";
import { windowRules } from "./windows.ts";

/** Filled with one value; sizes may be named. */
const constantOfShape: ImportRule = (c) => {
  const value = c.tensor("value");
  return apply("ConstantOfShape", [c.vector(c.sizes(0))], value === undefined ? {} : { value });
};

/** Counts in steps of one may end at a named size. */
const range: ImportRule = (c) => {
  const [start, limit, delta] = [c.sizes(0)[0] ?? 0, c.sizes(1)[0] ?? 0, c.sizes(2)[0] ?? 1];
  if (typeof limit === "number" || typeof start !== "number" || delta !== 1 || c.known(0)?.dtype !== "int64") {
    return apply("Range", [c.input(0), c.input(1), c.input(2)]);
  }
  const end = apply("Squeeze", [c.vector([limit]), ints([0])]);
  return apply("Range", [c.input(0), end, c.input(2)]);
};

/** Only known values can say how many places there are. */
const nonZero: ImportRule = () => {
  throw refuse("NonZero of a constant", "of computed values, whose number depends on the data");
};

const sizes =
  (of: (x: Var) => readonly (number | string)[]): ImportRule =>
  (c) =>
    c.vector(of(c.input(0)));

export const importRules: ImportRules = {
  ...elementwiseRules,
  ...layoutRules,
  ...reductionRules,
  ...windowRules,
  ...normalisationRules,
  Einsum: einsum,
  ConstantOfShape: constantOfShape,
  Range: range,
  NonZero: nonZero,
  Shape: sizes((x) => x.type.shape),
  Size: (c) => apply("ReduceProd", [c.vector(c.input(0).type.shape)], { keepdims: 0 }),
};

/** Operators that the builder itself takes care of. */
export const builtOperators = ["Constant", "If", "BatchNormalization"] as const;

/** Names of all operators that can be imported, sorted. */
export const importedOperators: readonly string[] = [...Object.keys(importRules), ...builtOperators].sort();
