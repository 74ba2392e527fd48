import { pixelBytes, type Spec } from './spec.ts';

/** Pictures up to this size are read as a whole, whatever part of them is wanted, and checked by their checksum. */
export const SMALL_PICTURE_BYTES = 4 * 2 ** 20;
/** Larger ones have a SHA-256 for each block of so many bytes, in an object of their own beside them. Never another number: those objects do not tell it. */
export const BLOCK_BYTES = 2 ** 18;
/** of a SHA-256 */
export const SUM_BYTES = 32;

export const blocksOf = (sizeBytes: number): number => Math.ceil(sizeBytes / BLOCK_BYTES);

/** Whether a picture may be larger than a small one: true for some that turn out small, never false for a large one. */
export function mayBeLarge(spec: Spec): boolean {
  const { width, height } = spec;
  const rows = height * (1 + width * pixelBytes(spec));
  // What deflates badly becomes longer; head and chunks come on top.
  return rows * (1 + 1 / 256) + 100 * height + 2 ** 16 > SMALL_PICTURE_BYTES;
}
