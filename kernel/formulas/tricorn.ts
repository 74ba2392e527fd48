import { run } from '../count';
import { imaginaryOfSquare, realOfSquare, Step } from '../step';

export { start } from '../count';

/** conjugate(z)² + c */
class Tricorn extends Step {
  @inline
  nextX(x: v128, y: v128, cx: v128): v128 {
    return f64x2.add(realOfSquare(x, y), cx);
  }

  @inline
  nextY(x: v128, y: v128, cy: v128): v128 {
    return f64x2.sub(cy, imaginaryOfSquare(x, y));
  }
}

export function advance(units: i32): bool {
  return run<Tricorn>(units);
}
