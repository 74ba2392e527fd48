import { juliaLockstep, mandelbrotLockstep } from './lockstep';
import { COLUMNS, ROWS } from './memory';

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
  for (let column = 0; column < width; column++) {
    store<f64>(COLUMNS + (<usize>column << 3), sampleAt(column, width, xa, xb));
  }
  for (let row = firstRow; row < lastRow; row++) {
    store<f64>(ROWS + (<usize>(row - firstRow) << 3), sampleAt(row, height, ya, yb));
  }
}

/** The twin of src/domain/sampling.ts: each operation rounds by itself, in this order. */
function sampleAt(index: i32, count: i32, a: f64, b: f64): f64 {
  if (count === 1) return (a + b) / 2;
  return (<f64>index * (b - a)) / <f64>(count - 1) + a;
}

/** Escape counts of the Julia set of c, for pixels [first, last) of the band, row-major. */
export function julia(first: i32, last: i32, cRe: f64, cIm: f64): void {
  juliaLockstep(first, last, width, iterations, cRe, cIm);
}

/** Escape counts of the Mandelbrot set, for pixels [first, last) of the band, row-major. */
export function mandelbrot(first: i32, last: i32): void {
  mandelbrotLockstep(first, last, width, iterations);
}
