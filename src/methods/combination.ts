/** Names of methods: a row of the registry, or several joined by `+` where that makes sense. */
import { methods } from "./registry.ts";
import type { MethodRow } from "./row.ts";

/** What a name stands for. `name` is canonical: the base, then terms in the registry's order. */
export interface Combination {
  readonly name: string;
  readonly rows: readonly MethodRow[];
}

/** Why a name stands for nothing. */
export interface Refusal {
  readonly refused: string;
  readonly remedy?: string;
  /** The part of the name that is no row, for a guess. */
  readonly unknown?: string;
}

export const isRefusal = (found: Combination | Refusal): found is Refusal => "refused" in found;

/** Whether it goes on from a trained model instead of training one. */
export const isRefinement = ({ rows }: Combination): boolean => rows.some(({ role }) => role.kind === "refinement");

export const refinementNames: readonly string[] = methods
  .filter(({ role }) => role.kind === "refinement")
  .map(({ name }) => name);

export const methodNames: readonly string[] = methods.map(({ name }) => name);

export function combination(name: string): Combination | Refusal {
  const parts = name.split("+").map((part) => part.trim());
  const unknown = parts.find((part) => !methodNames.includes(part));
  if (unknown !== undefined)
    return { refused: `expected one of ${methodNames.join(", ")}, or several joined by +, got "${name}"`, unknown };
  const twice = parts.find((part, i) => parts.indexOf(part) !== i);
  if (twice !== undefined) return { refused: `expected each method once, got ${twice} twice in "${name}"` };
  const rows = methods.filter((row) => parts.includes(row.name));
  const refinement = rows.find(({ role }) => role.kind === "refinement");
  if (refinement !== undefined && rows.length > 1)
    return {
      refused: `${refinement.name} cannot be combined: it goes on from a trained model, without source rows`,
      remedy: `Train with ${rows.flatMap(({ name: own, role }) => (role.kind === "refinement" ? [] : [own])).join("+") || "a method"} first, then --from that run --method ${refinement.name}.`,
    };
  const [base, second] = rows.filter(({ role }) => role.kind === "base");
  const [alone] = [base, second].flatMap((row) => (row?.role.kind === "base" ? (row.role.noTerms ?? []) : []));
  const terms = rows.filter(({ role }) => role.kind === "term");
  if (base !== undefined && second !== undefined)
    return {
      refused: `${base.name} and ${second.name} cannot be combined: ${alone ?? "each aligns the domains in its own way"}`,
      remedy: `Use one of them, with terms if you like: ${termNames.join(", ")}.`,
    };
  for (const term of terms) {
    const refusal = misfit(term, base);
    if (refusal !== undefined) return refusal;
  }
  return { name: rows.map((row) => row.name).join("+"), rows };
}

const termNames: readonly string[] = methods.filter(({ role }) => role.kind === "term").map(({ name }) => name);

/** Why a term does not go with a base, or without one. */
function misfit({ name, role }: MethodRow, base: MethodRow | undefined): Refusal | undefined {
  if (role.kind !== "term") return undefined;
  const bases = role.bases === "all" ? undefined : role.bases;
  const remedy = bases === undefined ? {} : { remedy: `Use ${bases.map((one) => `${one}+${name}`).join(" or ")}.` };
  if (base === undefined)
    return role.alone ? undefined : { refused: `${name} is no method by itself: ${role.because ?? ""}`, ...remedy };
  if (base.role.kind === "base" && base.role.noTerms !== undefined)
    return { refused: `${base.name} and ${name} cannot be combined: ${base.role.noTerms}`, ...remedy };
  if (base.role.kind === "base" && base.role.contains?.includes(name) === true)
    return { refused: `${base.name} and ${name} cannot be combined: ${name} is a part of ${base.name}` };
  if (bases !== undefined && !bases.includes(base.name))
    return {
      refused: `${base.name} and ${name} cannot be combined: ${name} needs one of ${bases.join(", ")}`,
      ...remedy,
    };
  return undefined;
}
