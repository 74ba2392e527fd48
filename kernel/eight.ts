/*
 * A group of eight orbits, as arrays in memory, so that four vectors of two go through the same steps together:
 *
 *   +0    x       f64 × 8
 *   +64   y       f64 × 8
 *   +128  cx      f64 × 8
 *   +192  cy      f64 × 8
 *   +256  passed  i64 × 8, tests
 *   +320  pixel   i32 × 8
 */
export const GROUP_BYTES: usize = 384;

export const Y: usize = 64;
export const CX: usize = 128;
export const CY: usize = 192;
export const PASSED: usize = 256;
export const PIXEL: usize = 320;

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
export function copy(from: usize, fromIndex: i32, to: usize, toIndex: i32): void {
  const at = slot(from, fromIndex);
  put(
    to, toIndex, load<f64>(at), load<f64>(at, Y), load<f64>(at, CX), load<f64>(at, CY), load<i64>(at, PASSED),
    pixelOf(from, fromIndex),
  );
}

/** One step's new y, from the old x and y. */
@inline
export function nextY(x: v128, y: v128, cy: v128): v128 {
  const xy = f64x2.mul(x, y);
  return f64x2.add(f64x2.add(xy, xy), cy);
}

/** One step's new x, from the squares of the old x and y. */
@inline
export function nextX(x2: v128, y2: v128, cx: v128): v128 {
  return f64x2.add(f64x2.sub(x2, y2), cx);
}

/** All ones where x² + y² is at most 4: false for an orbit that has become infinite or NaN, too. */
@inline
export function isInside(x2: v128, y2: v128): v128 {
  return f64x2.le(f64x2.add(x2, y2), f64x2.splat(4));
}

/**
 * Takes the group that many steps further, making every test on the way and adding those passed.
 * Only for |c|² ≤ 3.999, where an orbit that failed a test fails all later ones.
 */
export function countSteps(group: usize, steps: i32): void {
  let xa = v128.load(group, 0), xb = v128.load(group, 16), xc = v128.load(group, 32), xd = v128.load(group, 48);
  let ya = v128.load(group, 64), yb = v128.load(group, 80), yc = v128.load(group, 96), yd = v128.load(group, 112);
  let na = v128.load(group, 256), nb = v128.load(group, 272), nc = v128.load(group, 288), nd = v128.load(group, 304);
  for (let i = 0; i < steps; i++) {
    const xa2 = f64x2.mul(xa, xa), ya2 = f64x2.mul(ya, ya);
    const xb2 = f64x2.mul(xb, xb), yb2 = f64x2.mul(yb, yb);
    na = i64x2.sub(na, isInside(xa2, ya2));
    nb = i64x2.sub(nb, isInside(xb2, yb2));
    ya = nextY(xa, ya, v128.load(group, 192));
    yb = nextY(xb, yb, v128.load(group, 208));
    xa = nextX(xa2, ya2, v128.load(group, 128));
    xb = nextX(xb2, yb2, v128.load(group, 144));
    const xc2 = f64x2.mul(xc, xc), yc2 = f64x2.mul(yc, yc);
    const xd2 = f64x2.mul(xd, xd), yd2 = f64x2.mul(yd, yd);
    nc = i64x2.sub(nc, isInside(xc2, yc2));
    nd = i64x2.sub(nd, isInside(xd2, yd2));
    yc = nextY(xc, yc, v128.load(group, 224));
    yd = nextY(xd, yd, v128.load(group, 240));
    xc = nextX(xc2, yc2, v128.load(group, 160));
    xd = nextX(xd2, yd2, v128.load(group, 176));
  }
  v128.store(group, xa, 0), v128.store(group, xb, 16), v128.store(group, xc, 32), v128.store(group, xd, 48);
  v128.store(group, ya, 64), v128.store(group, yb, 80), v128.store(group, yc, 96), v128.store(group, yd, 112);
  v128.store(group, na, 256), v128.store(group, nb, 272), v128.store(group, nc, 288), v128.store(group, nd, 304);
}
