/**
 * Large arrays are made over shared memory where the platform has it, so that a training worker reads the rows that
 * the main thread decoded instead of a copy. Browsers offer it to cross-origin isolated pages only.
 */

const buffer = (bytes: number): ArrayBufferLike =>
  typeof SharedArrayBuffer === "undefined" ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);

export const sharedUint8 = (length: number): Uint8Array => new Uint8Array(buffer(length));
export const sharedInt32 = (length: number): Int32Array => new Int32Array(buffer(4 * length));
export const sharedUint32 = (length: number): Uint32Array => new Uint32Array(buffer(4 * length));
export const sharedFloat32 = (length: number): Float32Array => new Float32Array(buffer(4 * length));
