import { COLUMNS, ROWS } from './memory';

/** Fills the tables for columns [0, width) of a picture and for rows [firstRow, lastRow) of it. */
export function sampleBand(
  width: i32, height: i32, firstRow: i32, lastRow: i32, xa: f64, xb: f64, ya: f64, yb: f64,
): void {
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

/** Real part sampled by a column. */
@inline
export function realPart(column: i32): f64 {
  return load<f64>(COLUMNS + (<usize>column << 3));
}

/** Imaginary part sampled by a row, counted from the band's first. */
@inline
export function imaginaryPart(row: i32): f64 {
  return load<f64>(ROWS + (<usize>row << 3));
}
