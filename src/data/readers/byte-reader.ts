/** Pulls exact numbers of bytes out of a stream, so that array files are decoded straight into their final memory. */

export interface ByteReader {
  /** Bytes handed out so far: the offset for messages. */
  readonly offset: number;
  /** Fills `target` from the stream; returns how many bytes there were, less than asked for only at the end. */
  fill(target: Uint8Array): Promise<number>;
  /** Whether nothing is left. */
  atEnd(): Promise<boolean>;
  /** Counts and discards what is left. */
  drain(): Promise<number>;
  close(): Promise<void>;
}

export function byteReader(stream: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = stream[Symbol.asyncIterator]();
  let block = new Uint8Array(0);
  let position = 0;
  let offset = 0;
  const refill = async (): Promise<boolean> => {
    while (position >= block.length) {
      const next = await iterator.next();
      if (next.done === true) return false;
      block = next.value as Uint8Array<ArrayBuffer>;
      position = 0;
    }
    return true;
  };
  return {
    get offset() {
      return offset;
    },
    async fill(target) {
      let filled = 0;
      while (filled < target.length && (await refill())) {
        const count = Math.min(target.length - filled, block.length - position);
        target.set(block.subarray(position, position + count), filled);
        position += count;
        filled += count;
      }
      offset += filled;
      return filled;
    },
    atEnd: async () => !(await refill()),
    async drain() {
      let count = 0;
      while (await refill()) {
        count += block.length - position;
        position = block.length;
      }
      offset += count;
      return count;
    },
    async close() {
      await iterator.return?.();
    },
  };
}
