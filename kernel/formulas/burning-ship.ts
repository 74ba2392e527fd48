import { imaginaryOfTwice, realOfSquare, realOfTwice, Step } from '../step';

/** (|Re z| + i |Im z|)² + c */
export class BurningShip extends Step {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    return f64x2.add(realOfSquare(x, y), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    const xy = f64x2.abs(f64x2.mul(x, y));
    return f64x2.add(f64x2.add(xy, xy), cy);
  }

  @inline
  pushX(x: v128, y: v128, vx: v128, vy: v128): v128 {
    return realOfTwice(x, y, vx, vy);
  }

  @inline
  pushY(x: v128, y: v128, vx: v128, vy: v128): v128 {
    // |xy| goes the other way where xy is negative.
    return v128.xor(imaginaryOfTwice(x, y, vx, vy), v128.and(f64x2.mul(x, y), f64x2.splat(-0.0)));
  }

  @inline
  isConformal(): bool {
    return false;
  }
}
