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

/** Whether a side's neighbouring samples differ: doubles are coarsest at its ends. @param samples per pixel and side */
export function distinguishes(count: number, samples: number, a: number, b: number): boolean {
  const points = count * samples;
  if (points === 1) return true;
  const differ = (i: number) => sampleAt(i, points, a, b) !== sampleAt(i + 1, points, a, b);
  return differ(0) && differ(points - 2);
}
