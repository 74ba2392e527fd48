import { copy, GROUP_BYTES, isInsideAt, PASSED, pixelOf, slot } from './eight';
import { LANES, storeCount, storeSquare } from './memory';

/*
 * Orbits whose end is near: counted test by test from where they are, eight together (eight.ts).
 */
const LAST: usize = LANES + 2 * GROUP_BYTES;

/** Tests in which every orbit in LAST fails one, unless all tests there are come first. */
export const LAST_TESTS: i32 = 8;

let iterations: i32 = 1;
let extra: i32 = 0;
/** How many orbits wait in LAST, at the front. */
let ending: i32 = 0;

/**
 * @param maxIterations all tests there are: the last block may go beyond, and an orbit may have passed that and left later
 * @param extraSteps with SQUARES: steps after the escape, 1..3
 */
export function startLast(maxIterations: i32, extraSteps: i32): void {
  iterations = maxIterations;
  extra = extraSteps;
  ending = 0;
}

/** Adds an orbit that has passed so many tests. */
@inline
export function addLast<F>(group: usize, index: i32, passed: i64, smooth: bool): void {
  copy(group, index, LAST, ending++, passed);
  if (ending === 8) countLast<F>(smooth);
}

/** Counts the orbits in LAST to their ends and stores what came out. */
export function countLast<F>(smooth: bool): void {
  countTwo<F>(LAST, smooth);
  countTwo<F>(LAST + 16, smooth);
  countTwo<F>(LAST + 32, smooth);
  countTwo<F>(LAST + 48, smooth);
  for (let i = 0; i < ending; i++) {
    const pixel = pixelOf(LAST, i);
    storeCount(pixel, <i32>min(load<i64>(slot(LAST, i), PASSED), <i64>iterations));
    if (!smooth) continue;
    const x = load<f64>(slot(LAST, i));
    const y = load<f64>(slot(LAST, i), 64);
    storeSquare(pixel, x * x + y * y);
  }
  ending = 0;
}

/** Two orbits of the group; see `passes` of lockstep.ts for how lanes move on. */
@inline
function countTwo<F>(at: usize, smooth: bool): void {
  const f = changetype<F>(0);
  let x = v128.load(at, 0), y = v128.load(at, 64);
  const cx = v128.load(at, 128), cy = v128.load(at, 192);
  let count = v128.load(at, 256);
  if (!smooth) {
    for (let i = 0; i < LAST_TESTS; i++) {
      count = i64x2.sub(count, isInsideAt(x, y));
      const nextX = f.nextX(x, y, cx);
      y = f.nextY(x, y, cy);
      x = nextX;
    }
  } else {
    let inside = i64x2.splat(-1);
    let inside1 = inside, inside2 = inside, inside3 = inside;
    for (let i = 0; i < LAST_TESTS + extra; i++) {
      inside = i < LAST_TESTS ? v128.and(inside, isInsideAt(x, y)) : i64x2.splat(0);
      count = i64x2.sub(count, inside);
      const moving = extra === 1 ? inside1 : extra === 2 ? inside2 : inside3;
      if (!v128.any_true(moving)) break;
      const nextX = f.nextX(x, y, cx);
      const nextY = f.nextY(x, y, cy);
      x = v128.bitselect(nextX, x, moving);
      y = v128.bitselect(nextY, y, moving);
      inside3 = inside2;
      inside2 = inside1;
      inside1 = inside;
    }
    v128.store(at, x, 0);
    v128.store(at, y, 64);
  }
  v128.store(at, count, 256);
}
