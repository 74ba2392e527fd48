import { AFTER_LOGARITHM, log2, startLogarithm } from './logarithm';
import { COUNTS, GRADIENT, GRADIENT_SRGB, LIGHTS, PIXELS, SQUARES, SUMS, TO_SRGB } from './memory';

/*
 * Smooth colours, and averages over the samples of a pixel in linear light.
 *
 * The continuous escape count is mu = n + 1 - log_d(log2 |z_n|), where n is some steps after the escape. The gradient is gone
 * through with the logarithm of mu, which shows as much in shallow pictures as in deep ones, where counts differ by thousands:
 *   t = offset + density · log2(mu + 2) / 3, modulo 1
 * Source: docs/references.md#smooth-count
 */
const COLOURS: i32 = 4096;

/** Vectors in memory, for the reason in logarithm.ts. */
const MAX_SQUARE: usize = AFTER_LOGARITHM;
const MIN_SQUARE: usize = AFTER_LOGARITHM + 16;
const AHEAD: usize = AFTER_LOGARITHM + 32;
const PER_POWER: usize = AFTER_LOGARITHM + 48;
const LEAST: usize = AFTER_LOGARITHM + 64;
const OFFSET: usize = AFTER_LOGARITHM + 80;
const SLOPE: usize = AFTER_LOGARITHM + 96;
const TIMES: usize = AFTER_LOGARITHM + 112;
const LAST_PLACE: usize = AFTER_LOGARITHM + 128;

let iterations: i32 = 1;

/**
 * @param extra steps after the escape at which SQUARES were taken
 * @param logOfPower log2 of the formula's degree
 */
export function setColours(maxIterations: i32, extra: i32, logOfPower: f64, density: f64, gradientOffset: f64): void {
  iterations = maxIterations;
  startLogarithm();
  // Beyond these |z| no longer matters, is infinite, or has no logarithm.
  v128.store(MAX_SQUARE, f64x2.splat(1e300));
  v128.store(MIN_SQUARE, f64x2.splat(4));
  // mu + 2: the logarithm of |z| is half of its square's.
  v128.store(AHEAD, f64x2.splat(<f64>(extra + 3) + 1 / logOfPower));
  v128.store(PER_POWER, f64x2.splat(1 / logOfPower));
  v128.store(LEAST, f64x2.splat(1.1));
  v128.store(OFFSET, f64x2.splat(gradientOffset));
  v128.store(SLOPE, f64x2.splat(density / 3));
  v128.store(TIMES, f64x2.splat(<f64>COLOURS));
  v128.store(LAST_PLACE, i32x4.splat(COLOURS - 1));
}

/** Places in the gradient of a pixel and the next, 0..4095 each, as i32 lanes 0 and 1. */
@inline
function placesOfTwo(pixel: i32): v128 {
  const squares = f64x2.pmin(v128.load(MAX_SQUARE), f64x2.pmax(v128.load(MIN_SQUARE), v128.load(SQUARES + (<usize>pixel << 3))));
  const counts = f64x2.convert_low_i32x4_u(v128.load64_zero(COUNTS + (<usize>pixel << 2)));
  const mu2 = f64x2.sub(f64x2.add(counts, v128.load(AHEAD)), f64x2.mul(log2(log2(squares)), v128.load(PER_POWER)));
  const t = f64x2.add(v128.load(OFFSET), f64x2.mul(v128.load(SLOPE), log2(f64x2.pmax(v128.load(LEAST), mu2))));
  const share = f64x2.sub(t, f64x2.floor(t));
  return i32x4.min_s(i32x4.trunc_sat_f64x2_s_zero(f64x2.mul(share, v128.load(TIMES))), v128.load(LAST_PLACE));
}

/** Whether none of a pixel and the next three ever left. */
@inline
function allStay(pixel: i32): bool {
  return i32x4.all_true(i32x4.eq(v128.load(COUNTS + (<usize>pixel << 2)), i32x4.splat(iterations)));
}

/** Writes PIXELS, red, green and blue, of as many pixels; for one sample a pixel. @param interior 0xbbggrr */
export function paintSmooth(pixels: i32, interior: u32): void {
  for (let pixel = 0; pixel < pixels; pixel += 4) {
    const inside = allStay(pixel);
    // Two vectors at a time: neither waits for the other's divisions.
    const low = inside ? i64x2.splat(0) : placesOfTwo(pixel);
    const high = inside ? i64x2.splat(0) : placesOfTwo(pixel + 2);
    put(pixel, i32x4.extract_lane(low, 0), interior);
    put(pixel + 1, i32x4.extract_lane(low, 1), interior);
    put(pixel + 2, i32x4.extract_lane(high, 0), interior);
    put(pixel + 3, i32x4.extract_lane(high, 1), interior);
  }
}

@inline
function put(pixel: i32, place: i32, interior: u32): void {
  const stays = load<i32>(COUNTS + (<usize>pixel << 2)) === iterations;
  // Four bytes, of which the fourth is written over by the next pixel.
  store<u32>(PIXELS + <usize>pixel * 3, stays ? interior : load<u32>(GRADIENT_SRGB + (<usize>place << 2)));
}

export function clearSums(pixels: i32): void {
  memory.fill(SUMS, 0, <usize>pixels * 12);
}

/**
 * Adds one sample of as many pixels to SUMS.
 * @param red, green, blue of the interior, linear light
 * @param shade how much of LIGHTS counts, 0..1
 */
export function addSmooth(pixels: i32, red: u32, green: u32, blue: u32, shade: f32): void {
  for (let pixel = 0; pixel < pixels; pixel += 4) {
    const inside = allStay(pixel);
    const low = inside ? i64x2.splat(0) : placesOfTwo(pixel);
    const high = inside ? i64x2.splat(0) : placesOfTwo(pixel + 2);
    // Beyond the last pixel the sums of nobody are added to.
    addPlace(pixel, i32x4.extract_lane(low, 0), red, green, blue, shade);
    addPlace(pixel + 1, i32x4.extract_lane(low, 1), red, green, blue, shade);
    addPlace(pixel + 2, i32x4.extract_lane(high, 0), red, green, blue, shade);
    addPlace(pixel + 3, i32x4.extract_lane(high, 1), red, green, blue, shade);
  }
}

@inline
function addPlace(pixel: i32, place: i32, red: u32, green: u32, blue: u32, shade: f32): void {
  if (load<i32>(COUNTS + (<usize>pixel << 2)) === iterations) {
    add(pixel, red, green, blue);
    return;
  }
  const colour = GRADIENT + (<usize>place << 3);
  if (shade === 0) {
    add(pixel, load<u16>(colour), load<u16>(colour, 2), load<u16>(colour, 4));
    return;
  }
  const dark: f32 = shade * (<f32>1 - load<f32>(LIGHTS + (<usize>pixel << 2)));
  const light = <u32>((<f32>1 - dark) * 65_536);
  add(pixel, (load<u16>(colour) * light) >> 16, (load<u16>(colour, 2) * light) >> 16, (load<u16>(colour, 4) * light) >> 16);
}

/** The same with the documented palette, whose 32 colours are the first of GRADIENT. */
export function addClassic(pixels: i32): void {
  for (let pixel = 0; pixel < pixels; pixel++) {
    const index = min(load<u32>(COUNTS + (<usize>pixel << 2)), <u32>(iterations - 1)) & 31;
    const colour = GRADIENT + (<usize>index << 3);
    add(pixel, load<u16>(colour), load<u16>(colour, 2), load<u16>(colour, 4));
  }
}

@inline
function add(pixel: i32, red: u32, green: u32, blue: u32): void {
  const at = SUMS + <usize>pixel * 12;
  store<u32>(at, load<u32>(at) + red);
  store<u32>(at, load<u32>(at, 4) + green, 4);
  store<u32>(at, load<u32>(at, 8) + blue, 8);
}

/** Writes PIXELS: the averages of SUMS over so many samples, the nearest in linear light. */
export function resolveSums(pixels: i32, samples: u32): void {
  const half = samples / 2;
  for (let i = 0; i < pixels * 3; i++) {
    const average = (load<u32>(SUMS + (<usize>i << 2)) + half) / samples;
    store<u8>(PIXELS + <usize>i, load<u8>(TO_SRGB + <usize>average));
  }
}
