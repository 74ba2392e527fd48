import { imaginaryOfSquare, imaginaryOfTwice, realOfSquare, realOfTwice, Step } from '../step';

/** conjugate(z)² + c */
export class Tricorn extends Step {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    return f64x2.add(realOfSquare(x, y), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    return f64x2.sub(cy, imaginaryOfSquare(x, y));
  }

  @inline
  pushX(x: v128, y: v128, vx: v128, vy: v128): v128 {
    return realOfTwice(x, y, vx, vy);
  }

  @inline
  pushY(x: v128, y: v128, vx: v128, vy: v128): v128 {
    return f64x2.neg(imaginaryOfTwice(x, y, vx, vy));
  }

  @inline
  isConformal(): bool {
    return false;
  }
}
