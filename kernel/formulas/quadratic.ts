import { run } from '../count';
import { staysInSet } from '../cardioid';

export { start } from '../count';

/** z² + c */
class Quadratic {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    return f64x2.add(f64x2.sub(f64x2.mul(x, x), f64x2.mul(y, y)), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    const xy = f64x2.mul(x, y);
    return f64x2.add(f64x2.add(xy, xy), cy);
  }

  /** All ones where an orbit that starts at 0 is known to stay. */
  @inline
  stays(cx: v128, cy: v128): v128 {
    return staysInSet(cx, cy);
  }
}

export function advance(units: i32): bool {
  return run<Quadratic>(units);
}
