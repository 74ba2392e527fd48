import { copy, CX, CY, GROUP_BYTES, isInsideAt, PASSED, pixelOf, slot, squareOf, Y } from './group';
import { LANES, storeCount, storeSquare } from './memory';

/*
 * Orbits whose end is near: counted test by test from where they are, eight together in four vectors (group.ts).
 */
const LAST: usize = LANES + 2 * GROUP_BYTES;
const EIGHT: i32 = 8;

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
  if (ending === EIGHT) countLast<F>(smooth);
}

/** Counts the orbits in LAST to their ends and stores what came out. What lies behind them is followed, too, for nothing. */
export function countLast<F>(smooth: bool): void {
  const f = changetype<F>(0);
  let xa = v128.load(LAST), xb = v128.load(LAST, 16), xc = v128.load(LAST, 32), xd = v128.load(LAST, 48);
  let ya = v128.load(LAST, Y), yb = v128.load(LAST, Y + 16), yc = v128.load(LAST, Y + 32), yd = v128.load(LAST, Y + 48);
  // Tests passed. Once outside they stay there, so that none needs to be remembered.
  let na = i64x2.splat(0), nb = na, nc = na, nd = na;
  const steps = smooth ? LAST_TESTS + extra : LAST_TESTS;
  for (let i = 0; i < steps; i++) {
    na = i64x2.sub(na, isInsideAt(xa, ya));
    nb = i64x2.sub(nb, isInsideAt(xb, yb));
    nc = i64x2.sub(nc, isInsideAt(xc, yc));
    nd = i64x2.sub(nd, isInsideAt(xd, yd));
    const nextXa = f.nextX(xa, ya, v128.load(LAST, CX)), nextYa = f.nextY(xa, ya, v128.load(LAST, CY));
    const nextXb = f.nextX(xb, yb, v128.load(LAST, CX + 16)), nextYb = f.nextY(xb, yb, v128.load(LAST, CY + 16));
    const nextXc = f.nextX(xc, yc, v128.load(LAST, CX + 32)), nextYc = f.nextY(xc, yc, v128.load(LAST, CY + 32));
    const nextXd = f.nextX(xd, yd, v128.load(LAST, CX + 48)), nextYd = f.nextY(xd, yd, v128.load(LAST, CY + 48));
    // For its square an orbit moves until so many steps after its escape, and then no more.
    const rest = i64x2.splat(<i64>(i - extra));
    xa = smooth ? v128.bitselect(nextXa, xa, i64x2.gt_s(na, rest)) : nextXa;
    ya = smooth ? v128.bitselect(nextYa, ya, i64x2.gt_s(na, rest)) : nextYa;
    xb = smooth ? v128.bitselect(nextXb, xb, i64x2.gt_s(nb, rest)) : nextXb;
    yb = smooth ? v128.bitselect(nextYb, yb, i64x2.gt_s(nb, rest)) : nextYb;
    xc = smooth ? v128.bitselect(nextXc, xc, i64x2.gt_s(nc, rest)) : nextXc;
    yc = smooth ? v128.bitselect(nextYc, yc, i64x2.gt_s(nc, rest)) : nextYc;
    xd = smooth ? v128.bitselect(nextXd, xd, i64x2.gt_s(nd, rest)) : nextXd;
    yd = smooth ? v128.bitselect(nextYd, yd, i64x2.gt_s(nd, rest)) : nextYd;
  }
  storeTwo(0, na, squareOf(xa, ya), smooth);
  storeTwo(2, nb, squareOf(xb, yb), smooth);
  storeTwo(4, nc, squareOf(xc, yc), smooth);
  storeTwo(6, nd, squareOf(xd, yd), smooth);
  ending = 0;
}

@inline
function storeTwo(first: i32, counts: v128, squares: v128, smooth: bool): void {
  storeOne(first, i64x2.extract_lane(counts, 0), f64x2.extract_lane(squares, 0), smooth);
  storeOne(first + 1, i64x2.extract_lane(counts, 1), f64x2.extract_lane(squares, 1), smooth);
}

@inline
function storeOne(index: i32, passed: i64, square: f64, smooth: bool): void {
  if (index >= ending) return;
  const pixel = pixelOf(LAST, index);
  storeCount(pixel, <i32>min(passed + load<i64>(slot(LAST, index), PASSED), <i64>iterations));
  if (smooth) storeSquare(pixel, square);
}
