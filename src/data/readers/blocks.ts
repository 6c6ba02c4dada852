/**
 * A growing column of numbers. The first block is as large as the file promises rows, so that normally it is the result
 * itself; should there be more rows, further blocks are joined to it at the end. Doubling one array would need three
 * times its size, and memory that was never written to costs nothing.
 */

const blockSize = 8192;
/** A damaged file may promise anything. */
const largestBlock = 1 << 27;

export class Blocks<A extends Float64Array | Float32Array | Int32Array | Uint32Array> {
  readonly #make: (length: number) => A;
  readonly #full: A[] = [];
  #block: A;
  #used = 0;
  #before = 0;

  /** @param expected how many numbers there will be, roughly. */
  constructor(make: (length: number) => A, expected: number) {
    this.#make = make;
    this.#block = make(Math.min(Math.max(16, Math.ceil(expected)), largestBlock));
  }

  get length(): number {
    return this.#before + this.#used;
  }

  push(value: number): void {
    if (this.#used === this.#block.length) {
      this.#full.push(this.#block);
      this.#before += this.#used;
      this.#block = this.#make(blockSize);
      this.#used = 0;
    }
    this.#block[this.#used++] = value;
  }

  /** Everything in one array, which need not own its whole buffer; the blocks are given up. */
  join(): A {
    if (this.#full.length === 0) return this.#block.subarray(0, this.#used) as A;
    return this.joinInto(this.#make(this.length));
  }

  /** Everything copied into an array of the caller's. */
  joinInto(values: A): A {
    let at = 0;
    for (const block of this.#full) {
      values.set(block, at);
      at += block.length;
    }
    values.set(this.#block.subarray(0, this.#used), at);
    this.#full.length = 0;
    this.#before = 0;
    this.#used = 0;
    return values;
  }
}

type Make<A extends Float64Array | Float32Array | Int32Array | Uint32Array> = (expected?: number) => Blocks<A>;

export const float64Blocks: Make<Float64Array> = (expected = blockSize) =>
  new Blocks((n) => new Float64Array(n), expected);
export const float32Blocks: Make<Float32Array> = (expected = blockSize) =>
  new Blocks((n) => new Float32Array(n), expected);
export const int32Blocks: Make<Int32Array> = (expected = blockSize) => new Blocks((n) => new Int32Array(n), expected);
export const uint32Blocks: Make<Uint32Array> = (expected = blockSize) =>
  new Blocks((n) => new Uint32Array(n), expected);
