import { COLUMNS, COUNTS, LIGHTS, MIRROR_COLUMNS, OPEN_COLUMNS, OPEN_INDICES, ROWS, SQUARES } from './memory';

/*
 * Where the pixels of a tile lie, and which of them are exact images of others.
 */

const TURN: i32 = 2;

let width: i32 = 1;
let firstRows: i32 = 0;
let rows: i32 = 0;
let turns: bool = false;
let openColumns: i32 = 0;
let gridX: i32 = 0;
let gridY: i32 = 0;
let gridWidth: i32 = 1;
let gridHeight: i32 = 1;

/** What is sampled from now on is the piece of a whole picture of that size whose left upper pixel is (x, y); sides given to `sample` are then those of the whole. */
export function setGrid(x: i32, y: i32, wholeWidth: i32, wholeHeight: i32): void {
  gridX = x;
  gridY = y;
  gridWidth = wholeWidth;
  gridHeight = wholeHeight;
}

/**
 * Samples rows [firstRow, lastRow) of a picture and below them its rows [mirrorFirst, mirrorLast), which may be none; a mirror run must lie as
 * far from the bottom as the last rows of the other from the top.
 * @param kind what takes the first run to the mirror run: 0 nothing, 1 a change of the imaginary part's sign, 2 of both signs
 * @param shiftX, shiftY the sampled point's distance from the middle of the pixel, in pixels; that of a mirrored sign is mirrored
 * @returns how many columns must be counted in a mirror row whose imaginary part mirrors
 */
export function sample(
  pictureWidth: i32, height: i32, firstRow: i32, lastRow: i32, mirrorFirst: i32, mirrorLast: i32, kind: i32, xa: f64, xb: f64, ya: f64,
  yb: f64, shiftX: f64, shiftY: f64,
): i32 {
  width = pictureWidth;
  firstRows = lastRow - firstRow;
  rows = firstRows + mirrorLast - mirrorFirst;
  turns = kind === TURN;
  const mirrorShiftX = turns ? -shiftX : shiftX;
  for (let column = 0; column < width; column++) {
    const at = <usize>column << 3;
    store<f64>(COLUMNS + at, sampleAt(gridX + column, gridWidth, xa, xb, shiftX));
    store<f64>(MIRROR_COLUMNS + at, sampleAt(gridX + column, gridWidth, xa, xb, mirrorShiftX));
  }
  for (let row = firstRow; row < lastRow; row++) {
    store<f64>(ROWS + (<usize>(row - firstRow) << 3), sampleAt(gridY + row, gridHeight, ya, yb, shiftY));
  }
  for (let row = mirrorFirst; row < mirrorLast; row++) {
    store<f64>(ROWS + (<usize>(firstRows + row - mirrorFirst) << 3), sampleAt(gridY + row, gridHeight, ya, yb, -shiftY));
  }
  openColumns = kind === 0 || rows === firstRows ? width : listOpenColumns();
  return openColumns;
}

function listOpenColumns(): i32 {
  let open = 0;
  for (let column = 0; column < width; column++) {
    if (isImage(column)) continue;
    store<f64>(OPEN_COLUMNS + (<usize>open << 3), load<f64>(MIRROR_COLUMNS + (<usize>column << 3)));
    store<u32>(OPEN_INDICES + (<usize>open << 2), column);
    open++;
  }
  return open;
}

/** Whether a column of the mirror rows samples what a column of the others does, sign changed when both signs change. */
@inline
function isImage(column: i32): bool {
  const x = load<f64>(MIRROR_COLUMNS + (<usize>column << 3));
  return turns ? x === -load<f64>(COLUMNS + (<usize>(width - 1 - column) << 3)) : x === load<f64>(COLUMNS + (<usize>column << 3));
}

/** After counting: copies the counts of all pixels that are images, and their squares and lights if wanted. */
export function copyImages(withSquares: bool, withLights: bool): void {
  if (openColumns === width) return;
  for (let row = firstRows; row < rows; row++) {
    const opposite = rows - 1 - row;
    if (load<f64>(ROWS + (<usize>row << 3)) !== -load<f64>(ROWS + (<usize>opposite << 3))) continue;
    for (let column = 0; column < width; column++) {
      if (openColumns > 0 && !isImage(column)) continue;
      const from = opposite * width + (turns ? width - 1 - column : column);
      const to = row * width + column;
      store<u32>(COUNTS + (<usize>to << 2), load<u32>(COUNTS + (<usize>from << 2)));
      if (withSquares) store<f64>(SQUARES + (<usize>to << 3), load<f64>(SQUARES + (<usize>from << 3)));
      if (withLights) store<f32>(LIGHTS + (<usize>to << 2), load<f32>(LIGHTS + (<usize>from << 2)));
    }
  }
}

/** The twin of src/domain/sampling.ts: each operation rounds by itself, in this order. */
function sampleAt(index: i32, count: i32, a: f64, b: f64, shift: f64): f64 {
  if (count === 1) return (a + b) / 2 + shift * (b - a);
  return ((<f64>index + shift) * (b - a)) / <f64>(count - 1) + a;
}
