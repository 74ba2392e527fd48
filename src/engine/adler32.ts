const BASE = 65_521;

/**
 * Adler-32 of two pieces of data, one after the other, from the sums of each.
 * @param lengthOfSecond bytes in the second piece, below 2^53
 * @returns unsigned 32-bit
 * Source: docs/references.md#adler32
 */
export function adler32Combine(first: number, second: number, lengthOfSecond: number): number {
  const a1 = first & 0xffff;
  const b1 = first >>> 16;
  const a2 = second & 0xffff;
  const b2 = second >>> 16;
  // Each sum of the second piece began with 1 where it should have begun with a1; that difference enters b once a byte.
  const a = (a1 + a2 - 1 + BASE) % BASE;
  const b = (b1 + b2 + (lengthOfSecond % BASE) * (a1 - 1 + BASE)) % BASE;
  return ((b << 16) | a) >>> 0;
}
