import { STEPS_PER_UNIT } from './budget';
import { isInsideAt, squareOf } from './group';
import { storeCount, storeSquare } from './memory';
import { leftInRow, moreLeft, nextReals, pixelAhead, rowImaginary, skip } from './pixels';

/*
 * Two orbits at a time, every test made: right for any c.
 */

/** |z|² of both lanes where the last call of `passes` left them. */
let square: v128 = i64x2.splat(0);

/**
 * How many tests, at most `limit`, each lane passes before the first it fails: i64x2. A lane that has left stays out.
 * @param extra how many more steps a lane goes after the test it failed, 0..3
 */
function passes<F>(zx: v128, zy: v128, cx: v128, cy: v128, limit: i32, extra: i32): v128 {
  const f = changetype<F>(0);
  let x = zx;
  let y = zy;
  let inside = i64x2.splat(-1);
  // Whether the lane was inside one, two and three tests ago: it moves until `extra` steps after it was last inside.
  let inside1 = inside, inside2 = inside, inside3 = inside;
  let count = i64x2.splat(0);
  for (let i = 0; i < limit + extra; i++) {
    inside = i < limit ? v128.and(inside, isInsideAt(x, y)) : i64x2.splat(0);
    count = i64x2.sub(count, inside);
    const moving = extra === 0 ? inside : extra === 1 ? inside1 : extra === 2 ? inside2 : inside3;
    if (!v128.any_true(moving)) break;
    const nextX = f.nextX(x, y, cx);
    const nextY = f.nextY(x, y, cy);
    x = v128.bitselect(nextX, x, moving);
    y = v128.bitselect(nextY, y, moving);
    inside3 = inside2;
    inside2 = inside1;
    inside1 = inside;
  }
  square = squareOf(x, y);
  return count;
}

/** Counts one orbit from its start and stores what came out. @returns its count */
export function countAlone<F>(pixel: i32, x: f64, y: f64, cx: f64, cy: f64, iterations: i32, extra: i32): i32 {
  const counts = passes<F>(f64x2.splat(x), f64x2.splat(y), f64x2.splat(cx), f64x2.splat(cy), iterations, extra);
  const count = <i32>i64x2.extract_lane(counts, 0);
  storeCount(pixel, count);
  if (extra) storeSquare(pixel, f64x2.extract_lane(square, 0));
  return count;
}

let iterations: i32 = 1;
let cx: v128 = i64x2.splat(0);
let cy: v128 = i64x2.splat(0);
let extra: i32 = 0;

/** Begins a tile of orbits that start at the sampled point, under any c. */
export function startLockstep(maxIterations: i32, cRe: f64, cIm: f64, extraSteps: i32): void {
  iterations = maxIterations;
  cx = f64x2.splat(cRe);
  cy = f64x2.splat(cIm);
  extra = extraSteps;
}

/** Counts pixels until the tile is done or the budget is spent. @returns whether pixels are left */
export function runLockstep<F>(units: i32, smooth: bool): bool {
  let budget = units;
  while (moreLeft()) {
    if (budget <= 0) return true;
    const two = leftInRow() > 1;
    const at = nextReals();
    const x = two ? v128.load(at) : v128.load64_splat(at);
    const counts = passes<F>(x, f64x2.splat(rowImaginary()), cx, cy, iterations, smooth ? extra : 0);
    const first = <i32>i64x2.extract_lane(counts, 0);
    const second = <i32>i64x2.extract_lane(counts, 1);
    storeCount(pixelAhead(0), first);
    if (two) storeCount(pixelAhead(1), second);
    if (smooth) {
      storeSquare(pixelAhead(0), f64x2.extract_lane(square, 0));
      if (two) storeSquare(pixelAhead(1), f64x2.extract_lane(square, 1));
    }
    budget -= 1 + 2 * max(first, second) / STEPS_PER_UNIT;
    skip(two ? 2 : 1);
  }
  return false;
}
