/* Where the cards of a long list lie, and which of them are in sight; without a look at the document, so that it can be tested by itself. */

/** CSS pixels. */
export interface Layout {
  readonly columns: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly gap: number;
  readonly rows: number;
  /** all rows together, as if there were no limit */
  readonly height: number;
}

/** Browsers make nothing higher than some 17 million pixels. */
export const MAX_HEIGHT = 12_000_000;
const LEAST_COLUMNS = 2;
const LEAST_WIDTH = 216;
/** Rows above and below what is seen, so that a short way shows no empty place. */
const SPARE_ROWS = 2;

/**
 * @param width of the list
 * @param rem of the page, which grows with the reader's letters; two lines of the caption, and their margins, grow with it
 */
export function layoutOf(width: number, rem: number, total: number): Layout {
  const gap = width < 560 ? 10 : 18;
  const columns = Math.max(LEAST_COLUMNS, Math.floor((width + gap) / (LEAST_WIDTH + gap)));
  const cellWidth = (width - gap * (columns - 1)) / columns;
  const cellHeight = Math.round((cellWidth * 3) / 4 + 4.4 * rem);
  const rows = Math.ceil(total / columns);
  return { columns, cellWidth, cellHeight, gap, rows, height: Math.max(0, rows * (cellHeight + gap) - gap) };
}

const rowHeight = ({ cellHeight, gap }: Layout): number => cellHeight + gap;

/** From the top of the list to the top of a row. */
export const topOfRow = (layout: Layout, row: number): number => row * rowHeight(layout);

export const rowOfRank = ({ columns }: Layout, rank: number): number => Math.floor(rank / columns);

/** The rows to be drawn, from `first` to before `last`. @param top, bottom of what is seen, from the top of the list */
export function rowsWithin(layout: Layout, top: number, bottom: number): { first: number; last: number } {
  const first = Math.floor(top / rowHeight(layout)) - SPARE_ROWS;
  const last = Math.ceil(bottom / rowHeight(layout)) + SPARE_ROWS;
  return { first: clamp(first, 0, layout.rows), last: clamp(last, 0, layout.rows) };
}

/**
 * Scrolling over more than a page can be high: the bar stands for the whole list, while short ways go as far as the hand moves. Positions are from the top of the list.
 */
export class Scroll {
  /** where the list is, in pixels of the whole */
  position = 0;
  #bar = 0;

  /** How high the element is. */
  static heightOf = ({ height }: Layout): number => Math.min(height, MAX_HEIGHT);

  /** The bar has moved. @param seen height of the window */
  moveTo(bar: number, layout: Layout, seen: number): void {
    const moved = bar - this.#bar;
    this.#bar = bar;
    const [real, whole] = [Scroll.heightOf(layout) - seen, layout.height - seen];
    const isAtEnd = bar <= 0 || bar >= real;
    if (real >= whole) this.position = bar;
    else if (isAtEnd || Math.abs(moved) > 2 * seen) this.position = (clamp(bar, 0, real) / real) * whole;
    else this.position = clamp(this.position + moved, 0, whole);
  }

  /** Where the bar belongs for a position. */
  barFor(position: number, layout: Layout, seen: number): number {
    const [real, whole] = [Scroll.heightOf(layout) - seen, layout.height - seen];
    this.#bar = real >= whole ? position : Math.round((position / whole) * real);
    this.position = position;
    return this.#bar;
  }

  /** From the top of the element to a place of the whole list. */
  offsetOf(place: number): number {
    return place - this.position + this.#bar;
  }
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));
