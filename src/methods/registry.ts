/** One row a method: what the command line offers, and what the contract tests run through. */
import { usageError } from "../errors.ts";
import type { MethodConfig, MethodName } from "./config.ts";
import { dannMethod } from "./dann.ts";
import type { Method } from "./method.ts";
import { sourceOnlyMethod } from "./source-only.ts";

export { type MethodConfig, type MethodName, methodConfig } from "./config.ts";

export interface MethodRow {
  readonly name: MethodName;
  /** One line for people. */
  readonly description: string;
  /** Where it was proposed. */
  readonly source: string;
  readonly make: (config: Omit<MethodConfig, "name">) => Method;
}

export const methods: readonly MethodRow[] = [
  {
    name: "source-only",
    description: "trains on the source alone: the baseline",
    source: "the papers' `source only` rows",
    make: sourceOnlyMethod,
  },
  {
    name: "dann",
    description: "aligns the domains' features by an adversarial domain classifier",
    source: "Ganin et al., Domain-Adversarial Training of Neural Networks, JMLR 17 (2016)",
    make: dannMethod,
  },
];

export function makeMethod(config: MethodConfig): Method {
  const row = methods.find(({ name }) => name === config.name);
  if (row === undefined)
    throw usageError(
      "unknown-method",
      `method: expected one of ${methods.map(({ name }) => name).join(", ")}, got ${config.name}`,
    );
  return row.make(config);
}
