/**
 * What steps of most formulas have in common. A formula is a class with
 *   nextX(x, y, cx), nextY(x, y, cy)   the new x and y of two orbits from the old ones, each operation rounded by itself, in one fixed order
 *   pushX(x, y, vx, vy), pushY(…)      what the step makes of a small displacement v of z, without that of c: the derivative along v
 *   isConformal()                      whether it turns and stretches all displacements alike, as powers do; here it does
 *   stays(cx, cy)                      all ones where an orbit that starts at 0 is known never to leave; here nowhere
 */
export class Step {
  @inline
  isConformal(): bool {
    return true;
  }

  @inline
  stays(_cx: v128, _cy: v128): v128 {
    return i64x2.splat(0);
  }
}

/*
 * Parts of products of complex numbers, two at a time. Each part of a step computes all that it needs by itself; the optimiser merges what both
 * parts need.
 */

@inline
export function realOfSquare(x: v128, y: v128): v128 {
  return f64x2.sub(f64x2.mul(x, x), f64x2.mul(y, y));
}

@inline
export function imaginaryOfSquare(x: v128, y: v128): v128 {
  const xy = f64x2.mul(x, y);
  return f64x2.add(xy, xy);
}

/** Parts of the derivative of z² along v: twice z·v. */
@inline
export function realOfTwice(x: v128, y: v128, vx: v128, vy: v128): v128 {
  const half = realOfProduct(x, y, vx, vy);
  return f64x2.add(half, half);
}

@inline
export function imaginaryOfTwice(x: v128, y: v128, vx: v128, vy: v128): v128 {
  const half = imaginaryOfProduct(x, y, vx, vy);
  return f64x2.add(half, half);
}

@inline
export function realOfProduct(ax: v128, ay: v128, bx: v128, by: v128): v128 {
  return f64x2.sub(f64x2.mul(ax, bx), f64x2.mul(ay, by));
}

@inline
export function imaginaryOfProduct(ax: v128, ay: v128, bx: v128, by: v128): v128 {
  return f64x2.add(f64x2.mul(ax, by), f64x2.mul(ay, bx));
}
