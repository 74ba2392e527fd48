import { runLockstep, startLockstep } from './lockstep';
import { MAX_C2, runRefill, startJulia, startMandelbrot } from './refill';
import { sampleBand } from './samples';

/*
 * What the host may call. One band at a time: sample, then julia or mandelbrot, then advance until nothing is left, then
 * paintClassic. memory.ts has the memory map, lockstep.ts the order of operations.
 */
export { COUNTS, END, FILTERED } from './memory';
export { paintClassic } from './paint';

let width: i32 = 1;
let pixels: i32 = 0;
let isLockstep: bool = false;

/**
 * Samples the band of rows [firstRow, lastRow) of a picture of pictureWidth × height pixels.
 * Row 0 and column 0 sample ya and xa, the last ones yb and xb.
 */
export function sample(
  pictureWidth: i32, height: i32, firstRow: i32, lastRow: i32, xa: f64, xb: f64, ya: f64, yb: f64,
): void {
  width = pictureWidth;
  pixels = pictureWidth * (lastRow - firstRow);
  sampleBand(width, height, firstRow, lastRow, xa, xb, ya, yb);
}

/** Begins the escape counts of the Julia set of c. */
export function julia(iterations: i32, cRe: f64, cIm: f64): void {
  isLockstep = !(cRe * cRe + cIm * cIm <= MAX_C2);
  if (isLockstep) startLockstep(pixels, width, iterations, cRe, cIm);
  else startJulia(pixels, width, iterations, cRe, cIm);
}

/** Begins the escape counts of the Mandelbrot set. */
export function mandelbrot(iterations: i32): void {
  isLockstep = false;
  startMandelbrot(pixels, width, iterations);
}

/** Goes on counting for a slice of that many units (budget.ts). @returns whether something is left */
export function advance(units: i32): bool {
  return isLockstep ? runLockstep(units) : runRefill(units);
}
