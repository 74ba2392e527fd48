/**
 * The coordinate that pixel `index` of `count` samples on the side from `a` to `b`.
 * Each operation rounds by itself, in this order; every engine must do the same, or the bytes differ.
 * A side of one pixel samples the middle of its range.
 * Source: docs/references.md#sampling
 */
export function sampleAt(index: number, count: number, a: number, b: number): number {
  if (count === 1) return (a + b) / 2;
  return (index * (b - a)) / (count - 1) + a;
}
