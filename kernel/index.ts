import { juliaLockstep } from './lockstep';
import { juliaRefill, mandelbrotRefill, MAX_C2 } from './refill';
import { sampleBand } from './samples';

/*
 * What the host may call. One band at a time: begin, then julia or mandelbrot for each slice, then paintClassic.
 * memory.ts has the memory map, lockstep.ts the order of operations.
 */
export { COUNTS, END, FILTERED } from './memory';
export { paintClassic } from './paint';

let width: i32 = 1;
let iterations: i32 = 1;

/**
 * Sets up the band of rows [firstRow, lastRow) of a picture of pictureWidth × height pixels.
 * Rows 0 and columns 0 sample ya and xa, the last ones yb and xb.
 */
export function begin(
  pictureWidth: i32, height: i32, firstRow: i32, lastRow: i32, maxIterations: i32,
  xa: f64, xb: f64, ya: f64, yb: f64,
): void {
  width = pictureWidth;
  iterations = maxIterations;
  sampleBand(width, height, firstRow, lastRow, xa, xb, ya, yb);
}

/** Escape counts of the Julia set of c, for pixels [first, last) of the band, row-major. */
export function julia(first: i32, last: i32, cRe: f64, cIm: f64): void {
  if (cRe * cRe + cIm * cIm <= MAX_C2) juliaRefill(first, last, width, iterations, cRe, cIm);
  else juliaLockstep(first, last, width, iterations, cRe, cIm);
}

/** Escape counts of the Mandelbrot set, for pixels [first, last) of the band, row-major. */
export function mandelbrot(first: i32, last: i32): void {
  mandelbrotRefill(first, last, width, iterations);
}
