import { power, run } from '../count';

export { start } from '../count';

/*
 * z to the power + c, for powers 2 to 8: products of lower powers, in one fixed order. Each part of a step computes what it needs by itself; the
 * optimiser merges what both need.
 */

@inline
function realOfProduct(ax: v128, ay: v128, bx: v128, by: v128): v128 {
  return f64x2.sub(f64x2.mul(ax, bx), f64x2.mul(ay, by));
}

@inline
function imaginaryOfProduct(ax: v128, ay: v128, bx: v128, by: v128): v128 {
  return f64x2.add(f64x2.mul(ax, by), f64x2.mul(ay, bx));
}

@inline
function imaginaryOfSquare(x: v128, y: v128): v128 {
  const xy = f64x2.mul(x, y);
  return f64x2.add(xy, xy);
}

/** z to the 2 */
class Square {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    return f64x2.add(realOfProduct(x, y, x, y), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    return f64x2.add(imaginaryOfSquare(x, y), cy);
  }

  @inline
  stays(_cx: v128, _cy: v128): v128 {
    return i64x2.splat(0);
  }
}

/** z to the 3 */
class Cubic {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    return f64x2.add(realOfProduct(x2, y2, x, y), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    return f64x2.add(imaginaryOfProduct(x2, y2, x, y), cy);
  }

  @inline
  stays(_cx: v128, _cy: v128): v128 {
    return i64x2.splat(0);
  }
}

/** z to the 4 */
class Quartic {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    return f64x2.add(realOfProduct(x2, y2, x2, y2), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    return f64x2.add(imaginaryOfSquare(x2, y2), cy);
  }

  @inline
  stays(_cx: v128, _cy: v128): v128 {
    return i64x2.splat(0);
  }
}

/** z to the 5 */
class Quintic {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    const x4 = realOfProduct(x2, y2, x2, y2);
    const y4 = imaginaryOfSquare(x2, y2);
    return f64x2.add(realOfProduct(x4, y4, x, y), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    const x4 = realOfProduct(x2, y2, x2, y2);
    const y4 = imaginaryOfSquare(x2, y2);
    return f64x2.add(imaginaryOfProduct(x4, y4, x, y), cy);
  }

  @inline
  stays(_cx: v128, _cy: v128): v128 {
    return i64x2.splat(0);
  }
}

/** z to the 6 */
class Sextic {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    const x4 = realOfProduct(x2, y2, x2, y2);
    const y4 = imaginaryOfSquare(x2, y2);
    return f64x2.add(realOfProduct(x4, y4, x2, y2), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    const x4 = realOfProduct(x2, y2, x2, y2);
    const y4 = imaginaryOfSquare(x2, y2);
    return f64x2.add(imaginaryOfProduct(x4, y4, x2, y2), cy);
  }

  @inline
  stays(_cx: v128, _cy: v128): v128 {
    return i64x2.splat(0);
  }
}

/** z to the 7 */
class Septic {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    const x4 = realOfProduct(x2, y2, x2, y2);
    const y4 = imaginaryOfSquare(x2, y2);
    const x6 = realOfProduct(x4, y4, x2, y2);
    const y6 = imaginaryOfProduct(x4, y4, x2, y2);
    return f64x2.add(realOfProduct(x6, y6, x, y), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    const x4 = realOfProduct(x2, y2, x2, y2);
    const y4 = imaginaryOfSquare(x2, y2);
    const x6 = realOfProduct(x4, y4, x2, y2);
    const y6 = imaginaryOfProduct(x4, y4, x2, y2);
    return f64x2.add(imaginaryOfProduct(x6, y6, x, y), cy);
  }

  @inline
  stays(_cx: v128, _cy: v128): v128 {
    return i64x2.splat(0);
  }
}

/** z to the 8 */
class Octic {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    const x4 = realOfProduct(x2, y2, x2, y2);
    const y4 = imaginaryOfSquare(x2, y2);
    return f64x2.add(realOfProduct(x4, y4, x4, y4), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    const x2 = realOfProduct(x, y, x, y);
    const y2 = imaginaryOfSquare(x, y);
    const x4 = realOfProduct(x2, y2, x2, y2);
    const y4 = imaginaryOfSquare(x2, y2);
    return f64x2.add(imaginaryOfSquare(x4, y4), cy);
  }

  @inline
  stays(_cx: v128, _cy: v128): v128 {
    return i64x2.splat(0);
  }
}

export function advance(units: i32): bool {
  switch (power) {
    case 3:
      return run<Cubic>(units);
    case 4:
      return run<Quartic>(units);
    case 5:
      return run<Quintic>(units);
    case 6:
      return run<Sextic>(units);
    case 7:
      return run<Septic>(units);
    case 8:
      return run<Octic>(units);
    default:
      return run<Square>(units);
  }
}
