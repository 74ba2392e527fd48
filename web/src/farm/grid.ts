/** Pixels of a cell with its gap. */
const SMALLEST = 4;
const LARGEST = 30;
/** The area that a mosaic may take, in pixels; one of very many bands takes more. */
const AREA = 150_000;
/** In narrow windows it is no higher than this, in pixels. */
const HEIGHT = 220;

interface Grid {
  readonly columns: number;
  /** pixels */
  readonly cell: number;
  readonly rows: number;
}

/** Cells as large as there is room for, from left to right and top to bottom. */
export function gridOf(bands: number, width: number): Grid {
  const room = Math.sqrt(Math.min(AREA, width * HEIGHT) / Math.max(1, bands));
  const cell = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(room)));
  const columns = Math.max(1, Math.floor(width / cell));
  return { columns, cell, rows: Math.ceil(bands / columns) };
}
