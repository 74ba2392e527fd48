import { staysInSet } from '../cardioid';
import { run } from '../count';
import { imaginaryOfSquare, realOfSquare, Step } from '../step';

export { start } from '../count';

/** z² + c */
class Quadratic extends Step {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    return f64x2.add(realOfSquare(x, y), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    return f64x2.add(imaginaryOfSquare(x, y), cy);
  }

  @inline
  stays(cx: v128, cy: v128): v128 {
    return staysInSet(cx, cy);
  }
}

export function advance(units: i32): bool {
  return run<Quadratic>(units);
}
