/** Floats of 16 bits as numbers: IEEE half precision (ONNX FLOAT16) and the upper half of a float32 (BFLOAT16). */

const bits = new DataView(new ArrayBuffer(4));

export function bfloat16(half: number): number {
  bits.setUint32(0, half << 16);
  return bits.getFloat32(0);
}

/** One sign bit, five of exponent (bias 15), ten of mantissa; subnormals, infinities and NaN included. */
export function float16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
