/** A growing column of numbers, kept in blocks and joined at the end: doubling one array would need three times its size. */

const blockSize = 8192;

export class Blocks<A extends Float64Array | Float32Array | Int32Array | Uint32Array> {
  readonly #make: (length: number) => A;
  readonly #full: A[] = [];
  #block: A;
  #used = 0;

  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#block = make(blockSize);
  }

  get length(): number {
    return this.#full.length * blockSize + this.#used;
  }

  push(value: number): void {
    if (this.#used === blockSize) {
      this.#full.push(this.#block);
      this.#block = this.#make(blockSize);
      this.#used = 0;
    }
    this.#block[this.#used++] = value;
  }

  /** Everything in one array, by default a new one; the blocks are given up. */
  join(values: A = this.#make(this.length)): A {
    this.#full.forEach((block, index) => {
      values.set(block, index * blockSize);
    });
    values.set(this.#block.subarray(0, this.#used), this.#full.length * blockSize);
    this.#full.length = 0;
    this.#used = 0;
    return values;
  }
}

export const float64Blocks = (): Blocks<Float64Array> => new Blocks((length) => new Float64Array(length));
export const int32Blocks = (): Blocks<Int32Array> => new Blocks((length) => new Int32Array(length));
export const float32Blocks = (): Blocks<Float32Array> => new Blocks((length) => new Float32Array(length));
export const uint32Blocks = (): Blocks<Uint32Array> => new Blocks((length) => new Uint32Array(length));
