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
    const values = this.#make(this.length);
    let at = 0;
    for (const block of this.#full) {
      values.set(block, at);
      at += block.length;
    }
    values.set(this.#block.subarray(0, this.#used), at);
    this.#full.length = 0;
    return values;
  }
}

export const float64Blocks = (expected: number = blockSize): Blocks<Float64Array> =>
  new Blocks((length) => new Float64Array(length), expected);
export const int32Blocks = (expected: number = blockSize): Blocks<Int32Array> =>
  new Blocks((length) => new Int32Array(length), expected);
