import { STEPS_PER_UNIT } from './budget';
import { copy, countSteps, GROUP_BYTES, isInside, nextX, nextY, PASSED, pixelOf, put, slot } from './eight';
import { passes } from './lockstep';
import { LANES, storeCount } from './memory';
import { imaginaryPart, realPart } from './samples';

/*
 * Escape counts with lane refill: a lane whose orbit has ended takes the next pixel at once, so that no lane waits for
 * its neighbours. Three groups of eight orbits (eight.ts) in LANES:
 *
 *   FRESH    pixels go through their first tests here, together; those that pass them all wait here to be taken
 *   RUNNING  blocks of BLOCK steps with one test at the end; right because once outside is always outside
 *            when |c|² ≤ MAX_C2 (docs/references.md#deferred-tests)
 *   LAST     orbits whose last block needs counting: from the state at its beginning, test by test
 *
 * Each orbit goes through the operations of lockstep.ts in the same order, so the counts are the same bit for bit.
 */
const FRESH: usize = LANES;
const RUNNING: usize = FRESH + GROUP_BYTES;
const LAST: usize = RUNNING + GROUP_BYTES;

const FIRST_TESTS: i32 = 4;
const BLOCK: i32 = 8;
const ALL_LANES: i32 = 0xff;

/** Up to this |c|², deferred tests are right. */
export const MAX_C2: f64 = 3.999;

let nextPixel: i32 = 0;
let nextColumn: i32 = 0;
let nextRow: i32 = 0;
let pixels: i32 = 0;
let width: i32 = 1;
let iterations: i32 = 1;
/** Julia: c of every orbit. */
let isJulia: bool = false;
let cRe: f64 = 0;
let cIm: f64 = 0;
/** The lanes of RUNNING that hold an orbit, as bits. */
let live: i32 = 0;
/** What is left of this call's budget; see budget.ts. */
let budget: i32 = 0;
/** How many orbits wait in FRESH and in LAST, at the front. */
let fresh: i32 = 0;
let ending: i32 = 0;

/** Begins a band of that many pixels: a Julia set whose c has |c|² ≤ MAX_C2. */
export function startJulia(bandPixels: i32, bandWidth: i32, maxIterations: i32, re: f64, im: f64): void {
  isJulia = true;
  cRe = re;
  cIm = im;
  start(bandPixels, bandWidth, maxIterations);
}

/** Begins a band of that many pixels: the Mandelbrot set. */
export function startMandelbrot(bandPixels: i32, bandWidth: i32, maxIterations: i32): void {
  isJulia = false;
  start(bandPixels, bandWidth, maxIterations);
}

function start(bandPixels: i32, bandWidth: i32, maxIterations: i32): void {
  nextPixel = 0;
  nextColumn = 0;
  nextRow = 0;
  pixels = bandPixels;
  width = bandWidth;
  iterations = maxIterations;
  live = 0;
  fresh = 0;
  ending = 0;
}

/** Counts pixels until the band is done or the budget is spent. @returns whether pixels are left */
export function runRefill(units: i32): bool {
  budget = units;
  live = refill(~live & ALL_LANES, live);
  if (isJulia) runBlocks(true);
  else runBlocks(false);
  if (live || nextPixel < pixels) return true;
  countLast();
  return false;
}

/** Runs blocks while there are orbits and budget. `julia` is a constant: each formula has its own copy of the loop. */
@inline
function runBlocks(julia: bool): void {
  const sharedCx = f64x2.splat(cRe), sharedCy = f64x2.splat(cIm);
  while (live && budget-- > 0) {
    let xa = v128.load(RUNNING, 0), xb = v128.load(RUNNING, 16), xc = v128.load(RUNNING, 32), xd = v128.load(RUNNING, 48);
    let ya = v128.load(RUNNING, 64), yb = v128.load(RUNNING, 80), yc = v128.load(RUNNING, 96), yd = v128.load(RUNNING, 112);
    for (let i = 0; i < BLOCK; i++) {
      const xa2 = f64x2.mul(xa, xa), ya2 = f64x2.mul(ya, ya);
      const xb2 = f64x2.mul(xb, xb), yb2 = f64x2.mul(yb, yb);
      ya = nextY(xa, ya, julia ? sharedCy : v128.load(RUNNING, 192));
      yb = nextY(xb, yb, julia ? sharedCy : v128.load(RUNNING, 208));
      xa = nextX(xa2, ya2, julia ? sharedCx : v128.load(RUNNING, 128));
      xb = nextX(xb2, yb2, julia ? sharedCx : v128.load(RUNNING, 144));
      const xc2 = f64x2.mul(xc, xc), yc2 = f64x2.mul(yc, yc);
      const xd2 = f64x2.mul(xd, xd), yd2 = f64x2.mul(yd, yd);
      yc = nextY(xc, yc, julia ? sharedCy : v128.load(RUNNING, 224));
      yd = nextY(xd, yd, julia ? sharedCy : v128.load(RUNNING, 240));
      xc = nextX(xc2, yc2, julia ? sharedCx : v128.load(RUNNING, 160));
      xd = nextX(xd2, yd2, julia ? sharedCx : v128.load(RUNNING, 176));
    }
    const left = live & ~(maskOf(xa, ya) | (maskOf(xb, yb) << 2) | (maskOf(xc, yc) << 4) | (maskOf(xd, yd) << 6));
    // The state at the block's beginning is still in memory: that is where the orbits that left are counted from.
    if (left) moveToLast(left);
    v128.store(RUNNING, xa, 0), v128.store(RUNNING, xb, 16), v128.store(RUNNING, xc, 32), v128.store(RUNNING, xd, 48);
    v128.store(RUNNING, ya, 64), v128.store(RUNNING, yb, 80), v128.store(RUNNING, yc, 96), v128.store(RUNNING, yd, 112);
    advance();
    const spent = live & ~left & spentLanes();
    if (spent) storeNeverLeft(spent);
    if (left | spent) live = refill(left | spent, live & ~(left | spent));
  }
}

/** Bit 0 and bit 1: whether the point of each lane is inside. */
@inline
function maskOf(x: v128, y: v128): i32 {
  return i64x2.bitmask(isInside(f64x2.mul(x, x), f64x2.mul(y, y)));
}

/** Notes a block's tests as passed, in all lanes of RUNNING. */
@inline
function advance(): void {
  const block = i64x2.splat(BLOCK);
  v128.store(RUNNING, i64x2.add(v128.load(RUNNING, 256), block), 256);
  v128.store(RUNNING, i64x2.add(v128.load(RUNNING, 272), block), 272);
  v128.store(RUNNING, i64x2.add(v128.load(RUNNING, 288), block), 288);
  v128.store(RUNNING, i64x2.add(v128.load(RUNNING, 304), block), 304);
}

/** The lanes of RUNNING that have passed all tests there are, as bits. */
@inline
function spentLanes(): i32 {
  const most = i64x2.splat(iterations - 1);
  return (
    i64x2.bitmask(i64x2.gt_s(v128.load(RUNNING, 256), most)) |
    (i64x2.bitmask(i64x2.gt_s(v128.load(RUNNING, 272), most)) << 2) |
    (i64x2.bitmask(i64x2.gt_s(v128.load(RUNNING, 288), most)) << 4) |
    (i64x2.bitmask(i64x2.gt_s(v128.load(RUNNING, 304), most)) << 6)
  );
}

function storeNeverLeft(lanes: i32): void {
  for (let rest = lanes; rest; rest &= rest - 1) storeCount(pixelOf(RUNNING, ctz(rest)), iterations);
}

/** Moves the orbits of these lanes of RUNNING to LAST. */
function moveToLast(lanes: i32): void {
  for (let rest = lanes; rest; rest &= rest - 1) {
    copy(RUNNING, ctz(rest), LAST, ending++);
    if (ending === 8) countLast();
  }
}

/** Counts the orbits in LAST to their ends and stores the counts of their pixels. */
function countLast(): void {
  countSteps(LAST, BLOCK);
  for (let i = 0; i < ending; i++) {
    // The last block may go beyond the last test, and an orbit may have passed that and left later.
    storeCount(pixelOf(LAST, i), <i32>min(load<i64>(slot(LAST, i), PASSED), <i64>iterations));
  }
  ending = 0;
}

/** Gives new orbits to these lanes, while there are any and budget. @returns `running` and the lanes that got one */
function refill(lanes: i32, running: i32): i32 {
  let filled = running;
  for (let rest = lanes; rest; rest &= rest - 1) {
    while (!fresh) {
      if (nextPixel >= pixels || budget <= 0) return filled;
      takePixels();
    }
    const lane = ctz(rest);
    copy(FRESH, --fresh, RUNNING, lane);
    filled |= 1 << lane;
  }
  return filled;
}

/** Takes the next pixels, eight at most, through their first tests; leaves those in FRESH that passed. */
function takePixels(): void {
  budget--;
  let taken = 0;
  while (taken < 8 && nextPixel < pixels && budget >= 0) taken += i32(takePixel(taken));
  countSteps(FRESH, FIRST_TESTS);
  for (let i = 0; i < taken; i++) {
    const passed = load<i64>(slot(FRESH, i), PASSED);
    if (passed < FIRST_TESTS || iterations <= FIRST_TESTS) storeCount(pixelOf(FRESH, i), min(<i32>passed, iterations));
    else copy(FRESH, i, FRESH, fresh++);
  }
}

/** Puts the next pixel's orbit into FRESH. @returns false when it had to be counted here and now */
@inline
function takePixel(index: i32): bool {
  const pixel = nextPixel++;
  const re = realPart(nextColumn);
  const im = imaginaryPart(nextRow);
  if (++nextColumn === width) {
    nextColumn = 0;
    nextRow++;
  }
  if (isJulia) {
    put(FRESH, index, re, im, cRe, cIm, 0, pixel);
    return true;
  }
  if (re * re + im * im <= MAX_C2) {
    put(FRESH, index, 0, 0, re, im, 0, pixel);
    return true;
  }
  const zero = f64x2.splat(0);
  const count = <i32>i64x2.extract_lane(passes(zero, zero, f64x2.splat(re), f64x2.splat(im), iterations), 0);
  storeCount(pixel, count);
  budget -= count / STEPS_PER_UNIT;
  return false;
}
