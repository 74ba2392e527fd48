import { STEPS_PER_UNIT } from './budget';
import { CX, CY, GROUP_BYTES, PASSED, PIXEL, put, slot, squareOf, Y } from './group';
import { log2, startLogarithm } from './logarithm';
import { COLUMNS, COUNTS, LANES, LIGHTS, MIRROR_COLUMNS, ROWS, SCRATCH } from './memory';
import { leftInRow, moreLeft, pixelAhead, skip, startPixels } from './pixels';

/*
 * How light each pixel is in the shade that the set casts about it: its estimated distance d from the set, against a reference d₀, makes the light
 *   √(1 / (1 + d₀/d)),  d = |z|² ln|z| / |Jᵀz|,
 * 0 on the set and near 1 far from it. J, the derivative of the last z by the pixel's point, is followed by its columns: what the steps make of a small
 * displacement of the point to the right (v), and downwards (w). Only pixels that left are followed, once their counts are known, in
 * the order of their counts: four that take equally many steps go together, and none is tested.
 * Source: docs/references.md#distance-estimate
 */
const FOUR: usize = LANES + 3 * GROUP_BYTES;
/** Numbers of the tile's pixels that left, u32, in the order of their counts. */
const SORTED: usize = SCRATCH;
/** u32 per bin: where its pixels begin in SORTED. */
const STARTS: usize = LANES + 0x2000;
const BINS: i32 = 8192;
const MAX_SQUARE: f64 = 1e300;

let width: i32 = 1;
let firstRows: i32 = 0;
let extra: i32 = 0;
let isJulia: bool = false;
let cRe: f64 = 0;
let cIm: f64 = 0;
let reference: f64 = 1;
/** Of SORTED: how many, and the next. */
let total: i32 = 0;
let next: i32 = 0;

/**
 * Begins the tile that was counted last, before images are copied; the first parameters as for `start`.
 * @param distance d₀ · 2 / ln 2, in units of the plane
 */
export function startLights(
  tileWidth: i32, tileFirstRows: i32, rows: i32, openColumns: i32, iterations: i32, extraSteps: i32, julia: bool, re: f64, im: f64,
  distance: f64,
): void {
  width = tileWidth;
  firstRows = tileFirstRows;
  extra = extraSteps;
  isJulia = julia;
  cRe = re;
  cIm = im;
  reference = distance;
  startLogarithm();
  next = 0;
  memory.fill(STARTS, 0, <usize>BINS << 2);
  startPixels(width, firstRows, rows, openColumns);
  eachThatLeft(iterations, false);
  total = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const at = STARTS + (<usize>bin << 2);
    const pixels = load<i32>(at);
    store<i32>(at, total);
    total += pixels;
  }
  startPixels(width, firstRows, rows, openColumns);
  eachThatLeft(iterations, true);
}

/** Counts the pixels in their bins, or puts them in their places; `sorting` is a constant. */
@inline
function eachThatLeft(iterations: i32, sorting: bool): void {
  while (moreLeft()) {
    const pixels = leftInRow();
    for (let i = 0; i < pixels; i++) {
      const pixel = pixelAhead(i);
      const count = countOf(pixel);
      if (count === iterations) continue;
      // One bin a count, or 4096 counts where there are many.
      const bin = count < 4096 ? count : 4096 + min(count >> 12, 4095);
      const at = STARTS + (<usize>bin << 2);
      const place = load<i32>(at);
      store<i32>(at, place + 1);
      if (sorting) store<i32>(SORTED + (<usize>place << 2), pixel);
    }
    skip(pixels);
  }
}

@inline
function countOf(pixel: i32): i32 {
  return load<i32>(COUNTS + (<usize>pixel << 2));
}

/** Goes on for a slice of that many units (budget.ts). @returns whether something is left */
@inline
export function runLights<F>(units: i32): bool {
  let budget = units;
  while (next < total) {
    if (budget <= 0) return true;
    const most = takeFour();
    if (isOfOneCount()) followFour<F>(most, false);
    else followFour<F>(most, true);
    budget -= 1 + 4 * most / STEPS_PER_UNIT;
    next += 4;
  }
  return false;
}

/** Puts the next four into FOUR, the last ones more than once; their steps lie where other groups have tests passed. @returns the most steps */
function takeFour(): i32 {
  let most = 0;
  for (let lane = 0; lane < 4; lane++) {
    const pixel = load<i32>(SORTED + (<usize>min(next + lane, total - 1) << 2));
    const row = pixel / width;
    const re = load<f64>((row < firstRows ? COLUMNS : MIRROR_COLUMNS) + (<usize>(pixel - row * width) << 3));
    const im = load<f64>(ROWS + (<usize>row << 3));
    const steps = countOf(pixel) + extra;
    most = max(most, steps);
    if (isJulia) put(FOUR, lane, re, im, cRe, cIm, steps, pixel);
    else put(FOUR, lane, 0, 0, re, im, steps, pixel);
  }
  return most;
}

/** Whether all of FOUR take equally many steps: then none has to wait for another. */
@inline
function isOfOneCount(): bool {
  const first = i64x2.splat(load<i64>(FOUR, PASSED));
  return i64x2.all_true(v128.and(i64x2.eq(v128.load(FOUR, PASSED), first), i64x2.eq(v128.load(FOUR, PASSED + 16), first)));
}

/**
 * Lights FOUR after so many steps; with `waiting` each of them takes its own number. Where the formula is conformal, w is always v turned by 90
 * degrees. `waiting` is a constant.
 */
@inline
function followFour<F>(steps: i32, waiting: bool): void {
  const f = changetype<F>(0);
  const conformal = f.isConformal();
  const zero = i64x2.splat(0);
  const one = f64x2.splat(1);
  const growth = isJulia ? zero : one;
  const stepsA = v128.load(FOUR, PASSED), stepsB = v128.load(FOUR, PASSED + 16);
  let xa = v128.load(FOUR), xb = v128.load(FOUR, 16), ya = v128.load(FOUR, Y), yb = v128.load(FOUR, Y + 16);
  let vxa = isJulia ? one : zero, vxb = vxa, vya = zero, vyb = zero;
  let wxa = zero, wxb = zero, wya = vxa, wyb = vxa;
  for (let i = 0; i < steps; i++) {
    const nextXa = f.nextX(xa, ya, v128.load(FOUR, CX)), nextYa = f.nextY(xa, ya, v128.load(FOUR, CY));
    const nextVxa = f64x2.add(f.pushX(xa, ya, vxa, vya), growth), nextVya = f.pushY(xa, ya, vxa, vya);
    const nextWxa = conformal ? zero : f.pushX(xa, ya, wxa, wya), nextWya = conformal ? zero : f64x2.add(f.pushY(xa, ya, wxa, wya), growth);
    const goesA = waiting ? i64x2.gt_s(stepsA, i64x2.splat(<i64>i)) : zero;
    xa = waiting ? v128.bitselect(nextXa, xa, goesA) : nextXa;
    ya = waiting ? v128.bitselect(nextYa, ya, goesA) : nextYa;
    vxa = waiting ? v128.bitselect(nextVxa, vxa, goesA) : nextVxa;
    vya = waiting ? v128.bitselect(nextVya, vya, goesA) : nextVya;
    wxa = waiting ? v128.bitselect(nextWxa, wxa, goesA) : nextWxa;
    wya = waiting ? v128.bitselect(nextWya, wya, goesA) : nextWya;
    const nextXb = f.nextX(xb, yb, v128.load(FOUR, CX + 16)), nextYb = f.nextY(xb, yb, v128.load(FOUR, CY + 16));
    const nextVxb = f64x2.add(f.pushX(xb, yb, vxb, vyb), growth), nextVyb = f.pushY(xb, yb, vxb, vyb);
    const nextWxb = conformal ? zero : f.pushX(xb, yb, wxb, wyb), nextWyb = conformal ? zero : f64x2.add(f.pushY(xb, yb, wxb, wyb), growth);
    const goesB = waiting ? i64x2.gt_s(stepsB, i64x2.splat(<i64>i)) : zero;
    xb = waiting ? v128.bitselect(nextXb, xb, goesB) : nextXb;
    yb = waiting ? v128.bitselect(nextYb, yb, goesB) : nextYb;
    vxb = waiting ? v128.bitselect(nextVxb, vxb, goesB) : nextVxb;
    vyb = waiting ? v128.bitselect(nextVyb, vyb, goesB) : nextVyb;
    wxb = waiting ? v128.bitselect(nextWxb, wxb, goesB) : nextWxb;
    wyb = waiting ? v128.bitselect(nextWyb, wyb, goesB) : nextWyb;
  }
  storeTwo(0, lightOf(xa, ya, vxa, vya, conformal ? f64x2.neg(vya) : wxa, conformal ? vxa : wya));
  storeTwo(2, lightOf(xb, yb, vxb, vyb, conformal ? f64x2.neg(vyb) : wxb, conformal ? vxb : wyb));
}

/** Of two pixels, 0..1. */
@inline
function lightOf(x: v128, y: v128, vx: v128, vy: v128, wx: v128, wy: v128): v128 {
  const square = squareOf(x, y);
  const along = f64x2.add(f64x2.mul(vx, x), f64x2.mul(vy, y));
  const across = f64x2.add(f64x2.mul(wx, x), f64x2.mul(wy, y));
  const isFar = f64x2.gt(square, f64x2.splat(MAX_SQUARE));
  // pmin and pmax in this order take a number for what is none: the set is as near as can be.
  const tame = f64x2.pmin(f64x2.splat(MAX_SQUARE), f64x2.pmax(f64x2.splat(4), square));
  const nearness = f64x2.div(
    f64x2.mul(f64x2.sqrt(squareOf(along, across)), f64x2.splat(reference)), f64x2.mul(tame, log2(tame)),
  );
  const one = f64x2.splat(1);
  const light = f64x2.sqrt(f64x2.div(one, f64x2.add(one, f64x2.pmin(f64x2.splat(Infinity), nearness))));
  return v128.bitselect(one, light, isFar);
}

@inline
function storeTwo(first: i32, lights: v128): void {
  const small = f32x4.demote_f64x2_zero(lights);
  const pixels = FOUR + (<usize>first << 2);
  store<f32>(LIGHTS + (<usize>load<u32>(pixels, PIXEL) << 2), f32x4.extract_lane(small, 0));
  store<f32>(LIGHTS + (<usize>load<u32>(pixels, PIXEL + 4) << 2), f32x4.extract_lane(small, 1));
}
