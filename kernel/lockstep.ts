import { STEPS_PER_UNIT } from './budget';
import { storeCount } from './memory';
import { imaginaryPart, realPart } from './samples';

/*
 * Escape counts of two pixels at a time, every test made: right for any c.
 *
 * Order of operations, the same in every engine, each rounded by itself, never fused:
 *   x2 = x*x, y2 = y*y; stop if x2 + y2 > 4; y = (xy + xy) + cy; x = (x2 - y2) + cx
 * Source: docs/references.md#escape-time
 */

/** How many tests, at most `limit`, each lane passes before the first it fails: i64x2. A lane that has left stays out. */
@inline
export function passes(zx: v128, zy: v128, cx: v128, cy: v128, limit: i32): v128 {
  const four = f64x2.splat(4);
  let x = zx;
  let y = zy;
  let inside = i64x2.splat(-1);
  let count = i64x2.splat(0);
  for (let i = 0; i < limit; i++) {
    const x2 = f64x2.mul(x, x);
    const y2 = f64x2.mul(y, y);
    // "At most 4" and not "above 4": a lane that left may have become NaN, which is neither.
    inside = v128.and(inside, f64x2.le(f64x2.add(x2, y2), four));
    if (!v128.any_true(inside)) break;
    count = i64x2.sub(count, inside);
    const xy = f64x2.mul(x, y);
    y = f64x2.add(f64x2.add(xy, xy), cy);
    x = f64x2.add(f64x2.sub(x2, y2), cx);
  }
  return count;
}

let nextPixel: i32 = 0;
let pixels: i32 = 0;
let width: i32 = 1;
let iterations: i32 = 1;
let cx: v128 = i64x2.splat(0);
let cy: v128 = i64x2.splat(0);

/** Begins a band of that many pixels: orbits that start at the sampled point, under any c. */
export function startLockstep(bandPixels: i32, bandWidth: i32, maxIterations: i32, cRe: f64, cIm: f64): void {
  nextPixel = 0;
  pixels = bandPixels;
  width = bandWidth;
  iterations = maxIterations;
  cx = f64x2.splat(cRe);
  cy = f64x2.splat(cIm);
}

/** Counts pixels until the band is done or the budget is spent. @returns whether pixels are left */
export function runLockstep(budget: i32): bool {
  while (nextPixel < pixels) {
    if (budget <= 0) return true;
    const pixel = nextPixel;
    const next = min(pixel + 1, pixels - 1);
    const x = two(realPart(pixel % width), realPart(next % width));
    const y = two(imaginaryPart(pixel / width), imaginaryPart(next / width));
    const counts = passes(x, y, cx, cy, iterations);
    const first = <i32>i64x2.extract_lane(counts, 0);
    const second = <i32>i64x2.extract_lane(counts, 1);
    storeCount(pixel, first);
    storeCount(next, pixel === next ? first : second);
    budget -= 1 + 2 * max(first, second) / STEPS_PER_UNIT;
    nextPixel += 2;
  }
  return false;
}

@inline
function two(first: f64, second: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(first), 1, second);
}
