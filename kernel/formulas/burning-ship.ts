import { run } from '../count';

export { start } from '../count';

/** (|Re z| + i |Im z|)² + c */
class BurningShip {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    return f64x2.add(f64x2.sub(f64x2.mul(x, x), f64x2.mul(y, y)), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    const xy = f64x2.abs(f64x2.mul(x, y));
    return f64x2.add(f64x2.add(xy, xy), cy);
  }

  @inline
  stays(_cx: v128, _cy: v128): v128 {
    return i64x2.splat(0);
  }
}

export function advance(units: i32): bool {
  return run<BurningShip>(units);
}
