import { startTests } from './group';
import { startLockstep } from './lockstep';
import { startPixels } from './pixels';
import { startRefill } from './refill';

/**
 * Begins the tile that was sampled last: `rows` rows, of which the first `firstRows` are no mirror rows.
 * @param openColumns see pixels.ts
 * @param extra 0, or how many steps after the escape SQUARES are taken
 * @param shortcuts whether exact shortcuts may be taken
 */
export function start(
  width: i32, firstRows: i32, rows: i32, openColumns: i32, iterations: i32, cRe: f64, cIm: f64, extra: i32, shortcuts: bool,
): void {
  startTests();
  startPixels(width, firstRows, rows, openColumns);
  startLockstep(iterations, cRe, cIm, extra);
  startRefill(iterations, cRe, cIm, extra, shortcuts);
}
