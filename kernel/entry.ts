// The build makes a module of this file for each class in formulas/, which it names here instead of the tricorn.
import { Tricorn as Formula } from './formulas/tricorn';
import { runLights } from './light';
import { runLockstep } from './lockstep';
import { runRefill } from './refill';

/*
 * Each goes on with its kind of picture for a slice of that many units (budget.ts), and tells whether something is left. They are functions of their own,
 * so that a machine compiles well, which takes as long as a picture, only those that it needs.
 */
export { start } from './count';
export { startLights } from './light';

/** c is the pixel. */
export function count(units: i32): bool {
  return runRefill<Formula>(units, false, false);
}

export function countSmooth(units: i32): bool {
  return runRefill<Formula>(units, false, true);
}

/** c is given, and not too large for deferred tests (refill.ts). */
export function countJulia(units: i32): bool {
  return runRefill<Formula>(units, true, false);
}

export function countJuliaSmooth(units: i32): bool {
  return runRefill<Formula>(units, true, true);
}

/** Any c is given. */
export function countFarJulia(units: i32): bool {
  return runLockstep<Formula>(units, false);
}

export function countFarJuliaSmooth(units: i32): bool {
  return runLockstep<Formula>(units, true);
}

export function light(units: i32): bool {
  return runLights<Formula>(units);
}
