import { CONSTANTS } from './memory';

/*
 * A group of at most sixteen orbits, as arrays in memory, so that vectors of two go through the same steps together:
 *
 *   +0    x       f64 × 16
 *   +128  y       f64 × 16
 *   +256  cx      f64 × 16
 *   +384  cy      f64 × 16
 *   +512  passed  i64 × 16, tests (RUNNING: the number of the block it came in before, see refill.ts)
 *   +640  pixel   i32 × 16
 *   +704  (to 768)
 */
export const GROUP_BYTES: usize = 768;
/** How many orbits run at a time, in six vectors; refill.ts. */
export const RUNNING_LANES: i32 = 12;

export const Y: usize = 128;
export const CX: usize = 256;
export const CY: usize = 384;
export const PASSED: usize = 512;
export const PIXEL: usize = 640;

/** Where the x of one orbit of a group is; the offsets above lead on from there, but for PIXEL. */
@inline
export function slot(group: usize, index: i32): usize {
  return group + (<usize>index << 3);
}

@inline
export function pixelOf(group: usize, index: i32): i32 {
  return load<i32>(group + (<usize>index << 2), PIXEL);
}

/** Puts an orbit into a group. */
@inline
export function put(group: usize, index: i32, x: f64, y: f64, cx: f64, cy: f64, passed: i64, pixel: i32): void {
  const at = slot(group, index);
  store<f64>(at, x);
  store<f64>(at, y, Y);
  store<f64>(at, cx, CX);
  store<f64>(at, cy, CY);
  store<i64>(at, passed, PASSED);
  store<i32>(group + (<usize>index << 2), pixel, PIXEL);
}

/** Copies an orbit from one group to another. */
@inline
export function copy(from: usize, fromIndex: i32, to: usize, toIndex: i32, passed: i64): void {
  const at = slot(from, fromIndex);
  put(
    to, toIndex, load<f64>(at), load<f64>(at, Y), load<f64>(at, CX), load<f64>(at, CY), passed, pixelOf(from, fromIndex),
  );
}

/** The square of the escape radius, twice, in memory: as a literal it would cost three instructions at each use. */
const RADIUS_SQUARED: usize = CONSTANTS + 0x800;

/** To be called before the first test. */
export function startTests(): void {
  v128.store(RADIUS_SQUARED, f64x2.splat(4));
}

@inline
export function squareOf(x: v128, y: v128): v128 {
  return f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y));
}

/** All ones where x² + y² is at most 4: false for an orbit that has become infinite or NaN, too. */
@inline
export function isInsideAt(x: v128, y: v128): v128 {
  return f64x2.le(squareOf(x, y), v128.load(RADIUS_SQUARED));
}

/** Bit 0 and bit 1: whether the point of each lane is inside. */
@inline
export function maskOf(x: v128, y: v128): i32 {
  return i64x2.bitmask(isInsideAt(x, y));
}
