import { STEPS_PER_UNIT } from './budget';
import { copy, CX, GROUP_BYTES, isInsideAt, put, slot, Y } from './group';
import { addLast } from './last';
import { countAlone } from './lockstep';
import { COUNTS, LANES, storeCount } from './memory';
import { areSideBySide, leftInRow, nextReals, pixelAhead, rowImaginary, skip } from './pixels';

/*
 * The first tests of eight neighbouring pixels at a time, every one of them made. Those that pass them all wait in FRESH.
 */
const FRESH: usize = LANES;
/** Where the eight are after their first tests. */
const TAKEN: usize = LANES + 4 * GROUP_BYTES;
const EARLY: usize = LANES + 5 * GROUP_BYTES;

/** Fewer than LAST_TESTS (last.ts), so that an orbit that fails one ends there, too. */
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
    const alive = testFirst<F>(ra, rb, rc, rd, im, julia);
    storeCounts(pixels);
    if (smooth) endEarly<F>(valid & ~alive & ~stay, at, julia);
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

/** The first tests of all eight; leaves their states in TAKEN. @returns bits of those that passed them all */
@inline
function testFirst<F>(ra: v128, rb: v128, rc: v128, rd: v128, im: v128, julia: bool): i32 {
  const f = changetype<F>(0);
  const zero = i64x2.splat(0);
  const re = f64x2.splat(cRe);
  const cy = julia ? f64x2.splat(cIm) : im;
  let xa = julia ? ra : zero, xb = julia ? rb : zero, xc = julia ? rc : zero, xd = julia ? rd : zero;
  let ya = julia ? im : zero, yb = ya, yc = ya, yd = ya;
  let ia = i64x2.splat(-1), ib = ia, ic = ia, id = ia;
  let na = zero, nb = zero, nc = zero, nd = zero;
  for (let i = 0; i < FIRST_TESTS; i++) {
    ia = v128.and(ia, isInsideAt(xa, ya));
    ib = v128.and(ib, isInsideAt(xb, yb));
    ic = v128.and(ic, isInsideAt(xc, yc));
    id = v128.and(id, isInsideAt(xd, yd));
    // Far out all eight have left before they take a step.
    if (!v128.any_true(v128.or(v128.or(ia, ib), v128.or(ic, id)))) break;
    na = i64x2.sub(na, ia);
    nb = i64x2.sub(nb, ib);
    nc = i64x2.sub(nc, ic);
    nd = i64x2.sub(nd, id);
    const nextXa = f.nextX(xa, ya, julia ? re : ra);
    const nextXb = f.nextX(xb, yb, julia ? re : rb);
    const nextXc = f.nextX(xc, yc, julia ? re : rc);
    const nextXd = f.nextX(xd, yd, julia ? re : rd);
    ya = f.nextY(xa, ya, cy);
    yb = f.nextY(xb, yb, cy);
    yc = f.nextY(xc, yc, cy);
    yd = f.nextY(xd, yd, cy);
    xa = nextXa;
    xb = nextXb;
    xc = nextXc;
    xd = nextXd;
  }
  v128.store(TAKEN, xa, 0), v128.store(TAKEN, xb, 16), v128.store(TAKEN, xc, 32), v128.store(TAKEN, xd, 48);
  v128.store(TAKEN, ya, Y), v128.store(TAKEN, yb, Y + 16), v128.store(TAKEN, yc, Y + 32), v128.store(TAKEN, yd, Y + 48);
  lowCounts = v128.shuffle<i32>(na, nb, 0, 2, 4, 6);
  highCounts = v128.shuffle<i32>(nc, nd, 0, 2, 4, 6);
  return i64x2.bitmask(ia) | (i64x2.bitmask(ib) << 2) | (i64x2.bitmask(ic) << 4) | (i64x2.bitmask(id) << 6);
}

/** Stores the counts of the eight; those of pixels that go on are written over later. */
@inline
function storeCounts(pixels: i32): void {
  const most = i32x4.splat(iterations);
  const low = i32x4.min_s(lowCounts, most);
  const high = i32x4.min_s(highCounts, most);
  if (pixels === 8 && areSideBySide()) {
    const at = COUNTS + (<usize>pixelAhead(0) << 2);
    v128.store(at, low);
    v128.store(at, high, 16);
    return;
  }
  v128.store(TAKEN, low, CX);
  v128.store(TAKEN, high, CX + 16);
  for (let i = 0; i < pixels; i++) storeCount(pixelAhead(i), load<i32>(TAKEN + (<usize>i << 2), CX));
}

/** Pixels that left at once, from their beginning, for their SQUARES. */
@inline
function endEarly<F>(lanes: i32, at: usize, julia: bool): void {
  for (let rest = lanes; rest; rest &= rest - 1) {
    const i = ctz(rest);
    const re = load<f64>(at + (<usize>i << 3));
    const im = rowImaginary();
    if (julia) put(EARLY, 0, re, im, cRe, cIm, 0, pixelAhead(i));
    else put(EARLY, 0, 0, 0, re, im, 0, pixelAhead(i));
    addLast<F>(EARLY, 0, 0, true);
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
