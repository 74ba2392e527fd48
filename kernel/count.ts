import { runLockstep, startLockstep } from './lockstep';
import { MAX_C2 } from './fresh';
import { startTests } from './group';
import { startPixels } from './pixels';
import { runRefill, startRefill } from './refill';

/*
 * Escape counts of a tile, for any formula: a class F as step.ts describes it.
 * Source: docs/references.md#escape-time
 */

/** The degree of the formula. */
export let power: i32 = 2;
let isJulia: bool = false;
let isLockstep: bool = false;
let isSmooth: bool = false;

/**
 * Begins the tile that was sampled last: `rows` rows, of which the first `firstRows` are no mirror rows.
 * @param openColumns see pixels.ts
 * @param extra 0, or how many steps after the escape SQUARES are taken
 * @param shortcuts whether exact shortcuts may be taken
 */
export function start(
  width: i32, firstRows: i32, rows: i32, openColumns: i32, iterations: i32, degree: i32, julia: bool, cRe: f64, cIm: f64, extra: i32,
  shortcuts: bool,
): void {
  power = degree;
  isJulia = julia;
  isSmooth = extra > 0;
  startTests();
  startPixels(width, firstRows, rows, openColumns);
  isLockstep = julia && !(cRe * cRe + cIm * cIm <= MAX_C2);
  if (isLockstep) startLockstep(iterations, cRe, cIm, extra);
  else startRefill(iterations, cRe, cIm, extra, shortcuts);
}

/** Goes on counting for a slice of that many units (budget.ts). @returns whether something is left */
export function run<F>(units: i32): bool {
  if (isLockstep) return isSmooth ? runLockstep<F>(units, true) : runLockstep<F>(units, false);
  if (isJulia) return isSmooth ? runRefill<F>(units, true, true) : runRefill<F>(units, true, false);
  return isSmooth ? runRefill<F>(units, false, true) : runRefill<F>(units, false, false);
}
