/**
 * Eigenvalues of a symmetric matrix, and with them singular values: Householder's reduction to a tridiagonal matrix,
 * then implicit QL steps (Wilkinson and Reinsch 1971, `tred1` and `imtql1` of EISPACK). 256x256 takes some 10 ms, where
 * Jacobi's rotations take half a second.
 */
import { internalError } from "../errors.ts";
import type { Matrix } from "./logistic.ts";

/**
 * Singular values, in no order, of the shorter side's number. They come from the Gram matrix, so those below 1e-8 of the
 * largest are lost in rounding: enough for sums.
 */
export function singularValues(matrix: Matrix): Float64Array {
  const size = Math.min(matrix.rows, matrix.width);
  return symmetricEigenvalues(gram(matrix), size).map((value) => Math.sqrt(Math.max(0, value)));
}

/** X X' or X' X, whichever is smaller; the lower triangle is filled. */
function gram({ rows, width, values }: Matrix): Float64Array {
  const size = Math.min(rows, width);
  const [count, own, along] = rows <= width ? [width, width, 1] : [rows, 1, width];
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0, a = i * own, b = j * own; k < count; k++, a += along, b += along)
        sum += (values[a] as number) * (values[b] as number);
      product[i * size + j] = sum;
    }
  }
  return product;
}

/** @param matrix row-major [size, size], of which the lower triangle is read; it is overwritten. */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  return iterate(tridiagonal(matrix, size));
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry i joins rows i and i + 1; the last one is 0. */
  readonly beside: Float64Array;
}

function tridiagonal(a: Float64Array, size: number): Tridiagonal {
  const beside = new Float64Array(size);
  const step = new Float64Array(size);
  for (let i = size - 1; i >= 1; i--) {
    const row = i * size;
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(a[row + k] as number);
    if (i === 1 || scale === 0) {
      beside[i - 1] = a[row + i - 1] as number;
      continue;
    }
    let square = 0;
    for (let k = 0; k < i; k++) {
      const value = (a[row + k] as number) / scale;
      a[row + k] = value;
      square += value * value;
    }
    const head = a[row + i - 1] as number;
    const root = head >= 0 ? -Math.sqrt(square) : Math.sqrt(square);
    beside[i - 1] = scale * root;
    const half = square - head * root;
    a[row + i - 1] = head - root;
    let overlap = 0;
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0; k <= j; k++) sum += (a[j * size + k] as number) * (a[row + k] as number);
      for (let k = j + 1; k < i; k++) sum += (a[k * size + j] as number) * (a[row + k] as number);
      step[j] = sum / half;
      overlap += (step[j] as number) * (a[row + j] as number);
    }
    const share = overlap / (2 * half);
    for (let j = 0; j < i; j++) {
      const own = a[row + j] as number;
      const other = (step[j] as number) - share * own;
      step[j] = other;
      for (let k = 0; k <= j; k++) {
        const at = j * size + k;
        a[at] = (a[at] as number) - own * (step[k] as number) - other * (a[row + k] as number);
      }
    }
  }
  return { diagonal: Float64Array.from({ length: size }, (_, i) => a[i * size + i] as number), beside };
}

/** QL steps need two or three an eigenvalue; this many mean numbers that are none. */
const mostSteps = 60;

function iterate({ diagonal: d, beside: e }: Tridiagonal): Float64Array {
  const last = d.length - 1;
  for (let low = 0; low <= last; low++) {
    for (let steps = 0; ; steps++) {
      let end = low;
      while (end < last && Math.abs(e[end] as number) > Number.EPSILON * neighbours(d, end)) end++;
      if (end === low) break;
      if (steps === mostSteps) throw internalError("eigenvalues: expected finite numbers");
      chase(d, e, low, end);
    }
  }
  return d;
}

const neighbours = (d: Float64Array, i: number): number => Math.abs(d[i] as number) + Math.abs(d[i + 1] as number);

/** One QL step with Wilkinson's shift on the block from `low` to `end`. */
function chase(d: Float64Array, e: Float64Array, low: number, end: number): void {
  const first = d[low] as number;
  const join = e[low] as number;
  const slope = ((d[low + 1] as number) - first) / (2 * join);
  let g = (d[end] as number) - first + join / (slope + (slope >= 0 ? 1 : -1) * Math.hypot(slope, 1));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = end - 1; i >= low; i--) {
    const f = sine * (e[i] as number);
    const b = cosine * (e[i] as number);
    const radius = Math.hypot(f, g);
    e[i + 1] = radius;
    if (radius === 0) {
      d[i + 1] = (d[i + 1] as number) - shift;
      e[end] = 0;
      return;
    }
    sine = f / radius;
    cosine = g / radius;
    g = (d[i + 1] as number) - shift;
    const turned = ((d[i] as number) - g) * sine + 2 * cosine * b;
    shift = sine * turned;
    d[i + 1] = g + shift;
    g = cosine * turned - b;
  }
  d[low] = (d[low] as number) - shift;
  e[low] = g;
  e[end] = 0;
}
