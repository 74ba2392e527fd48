import { STEPS_PER_UNIT } from './budget';
import { copy, CX, CY, GROUP_BYTES, isInsideAt, put, slot, squareOf, Y } from './group';
import { countAlone } from './lockstep';
import { COUNTS, LANES, SQUARES, storeCount, storeSquare } from './memory';
import { areSideBySide, leftInRow, nextReals, pixelAhead, rowImaginary, skip } from './pixels';

/*
 * The first tests of eight neighbouring pixels at a time, every one of them made. Those that pass them all wait in FRESH.
 */
const FRESH: usize = LANES;
/** Where the eight are after their first tests; their counts lie in the place of cx, their squares in that of cy. */
const TAKEN: usize = LANES + 4 * GROUP_BYTES;

export const FIRST_TESTS: i32 = 6;

/** How many orbits wait, at the front. */
export let fresh: i32 = 0;

/** Up to this |c|², deferred tests are right; see refill.ts. */
export const MAX_C2: f64 = 3.999;

let iterations: i32 = 1;
let extra: i32 = 0;
let cRe: f64 = 0;
let cIm: f64 = 0;
let shortcuts: bool = false;
/** Counts of pixels 0 to 3 and 4 to 7 of the eight. */
let lowCounts: v128 = i64x2.splat(0);
let highCounts: v128 = i64x2.splat(0);

export function startFresh(maxIterations: i32, re: f64, im: f64, extraSteps: i32, allowed: bool): void {
  fresh = 0;
  iterations = maxIterations;
  extra = extraSteps;
  cRe = re;
  cIm = im;
  shortcuts = allowed;
}

/** Moves the last of the waiting orbits into a lane. @param since noted with it */
@inline
export function takeOne(group: usize, lane: i32, since: i64): void {
  copy(FRESH, --fresh, group, lane, since);
}

/** Takes the next pixels of the row, eight at most. @returns units spent */
@inline
export function takePixels<F>(julia: bool, smooth: bool): i32 {
  const pixels = min(8, leftInRow());
  const valid = (1 << pixels) - 1;
  const at = nextReals();
  // Beyond the end of the row they read what belongs to other rows or tables: those lanes are not used.
  const ra = v128.load(at, 0), rb = v128.load(at, 16), rc = v128.load(at, 32), rd = v128.load(at, 48);
  const im = f64x2.splat(rowImaginary());
  const stay = !julia && shortcuts ? staying<F>(ra, rb, rc, rd, im) & valid : 0;
  let spent = 1;
  if (stay !== valid) {
    const alive = testFirst<F>(ra, rb, rc, rd, im, julia, smooth);
    storeEight(pixels, smooth);
    if (iterations > FIRST_TESTS) spent += keep<F>(valid & alive & ~stay, at, julia, smooth);
  }
  for (let rest = stay; rest; rest &= rest - 1) storeCount(pixelAhead(ctz(rest)), iterations);
  skip(pixels);
  return spent;
}

/** Bits of the pixels that are known to stay. */
@inline
function staying<F>(ra: v128, rb: v128, rc: v128, rd: v128, im: v128): i32 {
  const f = changetype<F>(0);
  return (
    i64x2.bitmask(f.stays(ra, im)) | (i64x2.bitmask(f.stays(rb, im)) << 2) | (i64x2.bitmask(f.stays(rc, im)) << 4) |
    (i64x2.bitmask(f.stays(rd, im)) << 6)
  );
}

/**
 * The first tests of all eight; leaves their states in TAKEN. With `smooth` those that fail one go on until so many steps after it, and leave their
 * squares in TAKEN. @returns bits of those that passed them all
 */
@inline
function testFirst<F>(ra: v128, rb: v128, rc: v128, rd: v128, im: v128, julia: bool, smooth: bool): i32 {
  const f = changetype<F>(0);
  const zero = i64x2.splat(0);
  const re = f64x2.splat(cRe);
  const cy = julia ? f64x2.splat(cIm) : im;
  let xa = julia ? ra : zero, xb = julia ? rb : zero, xc = julia ? rc : zero, xd = julia ? rd : zero;
  let ya = julia ? im : zero, yb = ya, yc = ya, yd = ya;
  let ia = i64x2.splat(-1), ib = ia, ic = ia, id = ia;
  let na = zero, nb = zero, nc = zero, nd = zero;
  // The step before which all have come to rest.
  let end = extra;
  for (let i = 0; i < FIRST_TESTS + extra; i++) {
    if (i < FIRST_TESTS) {
      ia = v128.and(ia, isInsideAt(xa, ya));
      ib = v128.and(ib, isInsideAt(xb, yb));
      ic = v128.and(ic, isInsideAt(xc, yc));
      id = v128.and(id, isInsideAt(xd, yd));
      na = i64x2.sub(na, ia);
      nb = i64x2.sub(nb, ib);
      nc = i64x2.sub(nc, ic);
      nd = i64x2.sub(nd, id);
      if (v128.any_true(v128.or(v128.or(ia, ib), v128.or(ic, id)))) end = i + 1 + extra;
    } else if (smooth && i === FIRST_TESTS) storeTaken(xa, xb, xc, xd, ya, yb, yc, yd);
    // Far out all eight have left before they take a step.
    if (i >= end) break;
    const nextXa = f.nextX(xa, ya, julia ? re : ra), nextYa = f.nextY(xa, ya, cy);
    const nextXb = f.nextX(xb, yb, julia ? re : rb), nextYb = f.nextY(xb, yb, cy);
    const nextXc = f.nextX(xc, yc, julia ? re : rc), nextYc = f.nextY(xc, yc, cy);
    const nextXd = f.nextX(xd, yd, julia ? re : rd), nextYd = f.nextY(xd, yd, cy);
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
  if (smooth) {
    v128.store(TAKEN, squareOf(xa, ya), CY), v128.store(TAKEN, squareOf(xb, yb), CY + 16);
    v128.store(TAKEN, squareOf(xc, yc), CY + 32), v128.store(TAKEN, squareOf(xd, yd), CY + 48);
  } else storeTaken(xa, xb, xc, xd, ya, yb, yc, yd);
  lowCounts = v128.shuffle<i32>(na, nb, 0, 2, 4, 6);
  highCounts = v128.shuffle<i32>(nc, nd, 0, 2, 4, 6);
  return i64x2.bitmask(ia) | (i64x2.bitmask(ib) << 2) | (i64x2.bitmask(ic) << 4) | (i64x2.bitmask(id) << 6);
}

@inline
function storeTaken(xa: v128, xb: v128, xc: v128, xd: v128, ya: v128, yb: v128, yc: v128, yd: v128): void {
  v128.store(TAKEN, xa, 0), v128.store(TAKEN, xb, 16), v128.store(TAKEN, xc, 32), v128.store(TAKEN, xd, 48);
  v128.store(TAKEN, ya, Y), v128.store(TAKEN, yb, Y + 16), v128.store(TAKEN, yc, Y + 32), v128.store(TAKEN, yd, Y + 48);
}

/** Stores the counts of the eight, and their squares; those of pixels that go on are written over later. */
@inline
function storeEight(pixels: i32, smooth: bool): void {
  const most = i32x4.splat(iterations);
  const low = i32x4.min_s(lowCounts, most);
  const high = i32x4.min_s(highCounts, most);
  if (pixels === 8 && areSideBySide()) {
    const at = COUNTS + (<usize>pixelAhead(0) << 2);
    v128.store(at, low);
    v128.store(at, high, 16);
    if (smooth) memory.copy(SQUARES + (<usize>pixelAhead(0) << 3), TAKEN + CY, 64);
    return;
  }
  v128.store(TAKEN, low, CX);
  v128.store(TAKEN, high, CX + 16);
  for (let i = 0; i < pixels; i++) {
    storeCount(pixelAhead(i), load<i32>(TAKEN + (<usize>i << 2), CX));
    if (smooth) storeSquare(pixelAhead(i), load<f64>(slot(TAKEN, i), CY));
  }
}

/** Pixels that passed wait in FRESH. @returns units spent on those that cannot, as their |c| is too near 2 */
@inline
function keep<F>(lanes: i32, at: usize, julia: bool, smooth: bool): i32 {
  let spent = 0;
  const im = rowImaginary();
  for (let rest = lanes; rest; rest &= rest - 1) {
    const i = ctz(rest);
    const re = load<f64>(at + (<usize>i << 3));
    if (julia) {
      put(FRESH, fresh++, load<f64>(slot(TAKEN, i)), load<f64>(slot(TAKEN, i), Y), cRe, cIm, 0, pixelAhead(i));
    } else if (re * re + im * im <= MAX_C2) {
      put(FRESH, fresh++, load<f64>(slot(TAKEN, i)), load<f64>(slot(TAKEN, i), Y), re, im, 0, pixelAhead(i));
    } else {
      spent += countAlone<F>(pixelAhead(i), 0, 0, re, im, iterations, smooth ? extra : 0) / STEPS_PER_UNIT;
    }
  }
  return spent;
}
