import { copy, CX, CY, GROUP_BYTES, isInsideAt, PASSED, pixelOf, slot, Y } from './group';
import { lastSquare, passes } from './lockstep';
import { LANES, storeCount, storeSquare } from './memory';

/*
 * Orbits whose end is near: counted test by test from where they are, eight together (group.ts).
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
  for (let pair = 0; pair < 8; pair += 2) {
    const at = slot(LAST, pair);
    const counts = smooth ? follow<F>(at) : testOn<F>(at);
    const square = lastSquare();
    for (let lane = 0; lane < 2 && pair + lane < ending; lane++) {
      const pixel = pixelOf(LAST, pair + lane);
      const passed = lane ? i64x2.extract_lane(counts, 1) : i64x2.extract_lane(counts, 0);
      storeCount(pixel, <i32>min(passed + load<i64>(at + (<usize>lane << 3), PASSED), <i64>iterations));
      if (smooth) storeSquare(pixel, lane ? f64x2.extract_lane(square, 1) : f64x2.extract_lane(square, 0));
    }
  }
  ending = 0;
}

/** Tests that two orbits pass, and their squares some steps on. */
@inline
function follow<F>(at: usize): v128 {
  return passes<F>(v128.load(at), v128.load(at, Y), v128.load(at, CX), v128.load(at, CY), LAST_TESTS, extra);
}

/** Tests that two orbits pass. Once outside they stay there, so that none needs to be remembered. */
@inline
function testOn<F>(at: usize): v128 {
  const f = changetype<F>(0);
  let x = v128.load(at), y = v128.load(at, Y);
  const cx = v128.load(at, CX), cy = v128.load(at, CY);
  let count = i64x2.splat(0);
  for (let i = 0; i < LAST_TESTS; i++) {
    count = i64x2.sub(count, isInsideAt(x, y));
    const nextX = f.nextX(x, y, cx);
    y = f.nextY(x, y, cy);
    x = nextX;
  }
  return count;
}
