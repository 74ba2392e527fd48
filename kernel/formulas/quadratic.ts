import { staysInSet } from '../cardioid';
import { imaginaryOfSquare, imaginaryOfTwice, realOfSquare, realOfTwice, Step } from '../step';

/** z² + c */
export class Quadratic extends Step {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    return f64x2.add(realOfSquare(x, y), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    return f64x2.add(imaginaryOfSquare(x, y), cy);
  }

  @inline
  pushX(x: v128, y: v128, vx: v128, vy: v128): v128 {
    return realOfTwice(x, y, vx, vy);
  }

  @inline
  pushY(x: v128, y: v128, vx: v128, vy: v128): v128 {
    return imaginaryOfTwice(x, y, vx, vy);
  }

  @inline
  stays(cx: v128, cy: v128): v128 {
    return staysInSet(cx, cy);
  }
}
