/**
 * Arithmetic on sizes. A size is a number or a polynomial in names with integer coefficients, written in one canonical
 * way ("N+64", "2*N", "H*W"), so that two sizes are equal exactly when their texts are. What has no such form, such as
 * the floor of a quotient, becomes an atom that carries its own formula: "floor((H-3)/2)".
 */
import type { Dim, Shape } from "./tensor.ts";

/** Monomial (sorted factors joined by "*", "" for the constant term) to its coefficient; never 0. */
type Polynomial = ReadonlyMap<string, number>;

export const addDims = (a: Dim, b: Dim): Dim =>
  typeof a === "number" && typeof b === "number" ? a + b : write(add(parse(a), parse(b), 1));

export const subtractDims = (a: Dim, b: Dim): Dim =>
  typeof a === "number" && typeof b === "number" ? a - b : write(add(parse(a), parse(b), -1));

export const multiplyDims = (a: Dim, b: Dim): Dim =>
  typeof a === "number" && typeof b === "number" ? a * b : write(multiply(parse(a), parse(b)));

/** Exact quotient by a number or a product of names, or undefined when there is a remainder or none can be seen. */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  if (a === b && a !== 0) return 1;
  const divisor = [...parse(b)];
  const [term] = divisor;
  if (term === undefined || divisor.length !== 1) return undefined;
  const quotient = new Map<string, number>();
  for (const [monomial, coefficient] of parse(a)) {
    const factors = factorsOf(monomial);
    for (const factor of factorsOf(term[0])) {
      const at = factors.indexOf(factor);
      if (at < 0) return undefined;
      factors.splice(at, 1);
    }
    if (coefficient % term[1] !== 0) return undefined;
    quotient.set(factors.join("*"), coefficient / term[1]);
  }
  return write(quotient);
}

/** floor(a / b) for a positive number b. */
export function floorDivide(a: Dim, b: number): Dim {
  if (typeof a === "number") return Math.floor(a / b);
  return divideDims(a, b) ?? `floor((${a})/${b})`;
}

/** ceil(a / b) for a positive number b. */
export function ceilDivide(a: Dim, b: number): Dim {
  if (typeof a === "number") return Math.ceil(a / b);
  return divideDims(a, b) ?? `ceil((${a})/${b})`;
}

/** The smaller of two sizes; a named size is at least 1, so "N+64" is known to be more than 64. */
export function minDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return Math.min(a, b);
  if (isNonNegative(subtractDims(a, b))) return b;
  if (isNonNegative(subtractDims(b, a))) return a;
  return `min(${[a, b].map(String).sort().join(",")})`;
}

/** Whether a size is known to be at least 0 for all values of at least 1 that its names can stand for. */
export function isNonNegative(a: Dim): boolean {
  let least = 0;
  for (const [monomial, coefficient] of parse(a)) {
    if (monomial !== "" && coefficient < 0) return false;
    least += coefficient;
  }
  return least >= 0;
}

/** Number of elements: a number when every size is. */
export const productOf = (shape: Shape): Dim => shape.reduce<Dim>(multiplyDims, 1);

const add = (a: Polynomial, b: Polynomial, sign: 1 | -1): Polynomial => {
  const sum = new Map(a);
  for (const [monomial, coefficient] of b) accumulate(sum, monomial, sign * coefficient);
  return sum;
};

const multiply = (a: Polynomial, b: Polynomial): Polynomial => {
  const product = new Map<string, number>();
  for (const [left, p] of a) {
    for (const [right, q] of b) {
      accumulate(product, [...factorsOf(left), ...factorsOf(right)].sort().join("*"), p * q);
    }
  }
  return product;
};

function accumulate(into: Map<string, number>, monomial: string, coefficient: number): void {
  const sum = (into.get(monomial) ?? 0) + coefficient;
  if (sum === 0) into.delete(monomial);
  else into.set(monomial, sum);
}

const factorsOf = (monomial: string): string[] => (monomial === "" ? [] : splitOutside(monomial, "*"));

function parse(dim: Dim): Polynomial {
  const found = new Map<string, number>();
  if (typeof dim === "number") {
    if (dim !== 0) found.set("", dim);
    return found;
  }
  for (const term of splitOutside(dim.replace(/^-/, "0-"), "+-")) {
    const negative = term.startsWith("-");
    const factors = splitOutside(term.replace(/^[+-]/, ""), "*");
    const numbers = factors.filter((factor) => /^\d+$/.test(factor)).map(Number);
    const names = factors.filter((factor) => !/^\d+$/.test(factor));
    const coefficient = numbers.reduce((product, number) => product * number, negative ? -1 : 1);
    accumulate(found, names.sort().join("*"), coefficient);
  }
  return found;
}

/** Splits at the separators that stand outside parentheses; "+" and "-" stay with the piece that follows them. */
function splitOutside(text: string, separators: string): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let piece = "";
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth === 0 && separators.includes(character)) {
      pieces.push(piece);
      piece = character === "*" ? "" : character;
    } else {
      piece += character;
    }
  }
  pieces.push(piece);
  return pieces;
}

function write(polynomial: Polynomial): Dim {
  const terms = [...polynomial].sort(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : a < b ? -1 : 1));
  if (terms.length === 0) return 0;
  const [first] = terms;
  if (terms.length === 1 && first !== undefined && first[0] === "") return first[1];
  return terms
    .map(([monomial, coefficient], at) => {
      const sign = coefficient < 0 ? "-" : at === 0 ? "" : "+";
      const size = Math.abs(coefficient);
      return sign + (monomial === "" ? `${size}` : size === 1 ? monomial : `${size}*${monomial}`);
    })
    .join("");
}
