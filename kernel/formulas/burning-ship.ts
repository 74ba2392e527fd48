import { run } from '../count';
import { realOfSquare, Step } from '../step';

export { start } from '../count';

/** (|Re z| + i |Im z|)² + c */
class BurningShip extends Step {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    return f64x2.add(realOfSquare(x, y), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    const xy = f64x2.abs(f64x2.mul(x, y));
    return f64x2.add(f64x2.add(xy, xy), cy);
  }
}

export function advance(units: i32): bool {
  return run<BurningShip>(units);
}
