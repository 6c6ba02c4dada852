/** Every case of every operator. */
import type { OperatorCase } from "./case.ts";
import { elementwiseCases } from "./elementwise.ts";
import { layoutCases } from "./layout.ts";
import { linearCases } from "./linear.ts";
import { windowCases } from "./windows.ts";

export { instantiate, label, type OperatorCase } from "./case.ts";

export const operatorCases: readonly OperatorCase[] = [
  ...elementwiseCases,
  ...layoutCases,
  ...linearCases,
  ...windowCases,
];
