import { COLUMNS, MIRROR_COLUMNS, OPEN_COLUMNS, OPEN_INDICES, ROWS } from './memory';

/*
 * The pixels of a tile that must be counted, row by row: all of the first run's rows; of the mirror run's rows those that are no image,
 * bit for bit, of one that is counted. The images are copied afterwards (mirror.ts).
 */

let width: i32 = 1;
let firstRows: i32 = 0;
let rows: i32 = 0;
/** How many columns stay open in a mirror row whose imaginary part mirrors. */
let openColumns: i32 = 0;

let row: i32 = 0;
/** Position in the row's list of columns, and the list's length. */
let next: i32 = 0;
let length: i32 = 0;
let list: usize = COLUMNS;
let isWhole: bool = true;

export function startPixels(tileWidth: i32, tileFirstRows: i32, tileRows: i32, open: i32): void {
  width = tileWidth;
  firstRows = tileFirstRows;
  rows = tileRows;
  openColumns = open;
  row = -1;
  next = 0;
  length = 0;
}

/** Goes to the next row that has pixels left. @returns false at the end of the tile */
export function moreLeft(): bool {
  while (next >= length) {
    if (++row >= rows) {
      row = rows - 1;
      return false;
    }
    next = 0;
    length = width;
    isWhole = true;
    list = row < firstRows ? COLUMNS : MIRROR_COLUMNS;
    if (row >= firstRows && openColumns < width && mirrors(row)) {
      list = OPEN_COLUMNS;
      length = openColumns;
      isWhole = false;
    }
  }
  return true;
}

/** Whether a row of the mirror run samples exactly the negative of the row that it lies opposite. */
@inline
export function mirrors(mirrorRow: i32): bool {
  return imaginaryPart(mirrorRow) === -imaginaryPart(rows - 1 - mirrorRow);
}

/** Where the real parts of the next pixels of the row lie, one f64 after the other. */
@inline
export function nextReals(): usize {
  return list + (<usize>next << 3);
}

/** How many pixels are left in the row. */
@inline
export function leftInRow(): i32 {
  return length - next;
}

/** The imaginary part of the row. */
@inline
export function rowImaginary(): f64 {
  return imaginaryPart(row);
}

/** Whether the next pixels of the row lie side by side. */
@inline
export function areSideBySide(): bool {
  return isWhole;
}

/** Number in the tile of the pixel that is `ahead` of the next one. */
@inline
export function pixelAhead(ahead: i32): i32 {
  const at = next + ahead;
  return row * width + (isWhole ? at : load<i32>(OPEN_INDICES + (<usize>at << 2)));
}

@inline
export function skip(pixels: i32): void {
  next += pixels;
}

@inline
function imaginaryPart(index: i32): f64 {
  return load<f64>(ROWS + (<usize>index << 3));
}
