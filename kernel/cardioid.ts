/** How far inside the boundary a point must lie, in units of the tests below: far more than rounding can move an orbit. */
const MARGIN: f64 = 1e-7;

/**
 * All ones where c lies inside the main cardioid or the disc of period 2 of the Mandelbrot set: its orbit from 0 never leaves, in doubles neither,
 * since the attracting cycle pulls harder than rounding pushes. Kept to such c by MARGIN.
 * Source: docs/references.md#cardioid
 */
@inline
export function staysInSet(cx: v128, cy: v128): v128 {
  const y2 = f64x2.mul(cy, cy);
  const x = f64x2.sub(cx, f64x2.splat(0.25));
  const q = f64x2.add(f64x2.mul(x, x), y2);
  const inCardioid = f64x2.lt(
    f64x2.add(f64x2.mul(q, f64x2.add(q, x)), f64x2.splat(MARGIN)),
    f64x2.mul(f64x2.splat(0.25), y2),
  );
  const x1 = f64x2.add(cx, f64x2.splat(1));
  const inDisc = f64x2.lt(f64x2.add(f64x2.mul(x1, x1), y2), f64x2.splat(0.0625 - MARGIN));
  return v128.or(inCardioid, inDisc);
}
