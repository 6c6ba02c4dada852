/**
 * Einsum of one or two operands as transpositions, sums and one matrix product: letters in both operands and in the
 * result are a batch, letters in both but not in the result are summed over, the others stay.
 */

import { multiplyDims } from "../../../graph/dims.ts";
import { matmul, mul, reduceSum, reshape, transpose, type Var } from "../../../graph/index.ts";
import type { Dim } from "../../../graph/tensor.ts";
import { refuse } from "../conversion.ts";
import type { ImportRule } from "./rule.ts";

interface Term {
  readonly x: Var;
  readonly letters: readonly string[];
}

const permuted = ({ x, letters }: Term, order: readonly string[]): Var => {
  const perm = order.map((letter) => letters.indexOf(letter));
  return perm.every((axis, at) => axis === at) ? x : transpose(x, perm);
};

/** Sums out the letters that nobody else has. */
function summed({ x, letters }: Term, kept: ReadonlySet<string>): Term {
  const axes = letters.flatMap((letter, axis) => (kept.has(letter) ? [] : [axis]));
  return axes.length === 0
    ? { x, letters }
    : { x: reduceSum(x, { axes }), letters: letters.filter((letter) => kept.has(letter)) };
}

export const einsum: ImportRule = (c) => {
  const equation = c.text("equation", "").replaceAll(" ", "");
  const [left = "", right] = equation.split("->");
  const operands = left.split(",");
  const terms = operands.map((letters, index): Term => ({ x: c.input(index), letters: [...letters] }));
  const twice = terms.some(({ letters }) => new Set(letters).size !== letters.length);
  const ranks = terms.every(({ x, letters }) => x.type.shape.length === letters.length);
  if (equation.includes(".") || twice || !ranks || operands.length > 2 || operands.length !== c.inputCount) {
    throw refuse("Einsum of one or two operands, each letter once in each, without an ellipsis", `"${equation}"`);
  }
  const count = (letter: string): number => [...left].filter((each) => each === letter).length;
  const implied = [...new Set(left.replaceAll(",", ""))].filter((letter) => count(letter) === 1).sort();
  const result = right === undefined ? implied : [...right];
  const sizes = new Map<string, Dim>(
    terms.flatMap(({ x, letters }) => letters.map((letter, axis) => [letter, x.type.shape[axis] ?? 1] as const)),
  );
  if (new Set(result).size !== result.length || result.some((letter) => !sizes.has(letter))) {
    throw refuse("Einsum whose result has letters of its operands, each once", `"${equation}"`);
  }
  const [a, b] = terms.map((term, index) =>
    summed(term, new Set([...result, ...(terms[1 - index]?.letters ?? [])])),
  ) as [Term, Term | undefined];
  if (b === undefined) return permuted(a, result);
  const inBoth = a.letters.filter((letter) => b.letters.includes(letter));
  const batch = inBoth.filter((letter) => result.includes(letter));
  const inner = inBoth.filter((letter) => !result.includes(letter));
  const free = (term: Term): string[] => term.letters.filter((letter) => !inBoth.includes(letter));
  const size = (letters: readonly string[]): Dim =>
    letters.reduce<Dim>((product, letter) => multiplyDims(product, sizes.get(letter) ?? 1), 1);
  const dims = (letters: readonly string[]): Dim[] => letters.map((letter) => sizes.get(letter) ?? 1);
  const grouped = (term: Term, first: readonly string[], last: readonly string[]): Var => {
    const x = permuted(term, [...batch, ...first, ...last]);
    return first.length === 1 && last.length === 1 ? x : reshape(x, [...dims(batch), size(first), size(last)]);
  };
  const order = [...batch, ...free(a), ...free(b)];
  const product =
    inner.length === 0 && free(a).length === 0 && free(b).length === 0
      ? mul(permuted(a, batch), permuted(b, batch))
      : matmul(grouped(a, free(a), inner), grouped(b, inner, free(b)));
  const shaped = product.type.shape.length === order.length ? product : reshape(product, dims(order));
  return permuted({ x: shaped, letters: order }, result);
};
