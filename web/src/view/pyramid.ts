import type { Spec } from '../../../src/domain/spec.ts';
import type { Grid } from '../../../src/kernel/kernel.ts';

/* A large picture as tiles, at the full size and at halves of it, as OpenSeadragon asks for them. */

export const TILE = 256;
/** Points a pixel, across and down, of what is smaller than it was ordered. */
const SMALLER_SAMPLES = 2;
/** OpenSeadragon's numbers end near 32. A picture has at most 65,535 pixels across: 16. */
const MOST_LEVELS = 28;

/** The level of the full size; each below it has half as many pixels across and down. */
export const fullLevel = ({ width, height }: Pick<Spec, 'width' | 'height'>): number =>
  Math.min(MOST_LEVELS, Math.ceil(Math.log2(Math.max(width, height))));

export interface TileSpec {
  readonly spec: Spec;
  /** at the full size, where every byte is that of the printed picture */
  readonly grid?: Grid;
}

/** What is to be drawn for tile (x, y) of a level. */
export function tileOf(whole: Spec, level: number, x: number, y: number): TileSpec {
  const factor = 2 ** (fullLevel(whole) - level);
  const across = sideOf(whole.width, factor, x);
  const down = sideOf(whole.height, factor, y);
  const size = { width: across.count, height: down.count };
  const viewport = {
    ...edges('xa', 'xb', whole.viewport.xa, whole.viewport.xb, whole.width, across.first, across.count, factor),
    ...edges('ya', 'yb', whole.viewport.ya, whole.viewport.yb, whole.height, down.first, down.count, factor),
  };
  if (factor > 1) return { spec: { ...whole, ...size, viewport, samples: SMALLER_SAMPLES } };
  return {
    spec: { ...whole, ...size, viewport },
    grid: { x: across.first, y: down.first, width: whole.width, height: whole.height },
  };
}

/** Pixels of a side of a level that a tile has. */
function sideOf(whole: number, factor: number, tile: number): { first: number; count: number } {
  const side = Math.ceil(whole / factor);
  const first = tile * TILE;
  return { first, count: Math.min(TILE, side - first) };
}

/** The window whose first and last samples are the middles of the first and the last pixel of a tile. A tile of one pixel samples the middle of its window. */
function edges<A extends string, B extends string>(
  low: A,
  high: B,
  a: number,
  b: number,
  pixels: number,
  first: number,
  count: number,
  factor: number,
): Record<A | B, number> {
  const step = pixels === 1 ? 0 : (b - a) / (pixels - 1);
  const at = (pixel: number): number => (pixels === 1 ? (a + b) / 2 : a + ((pixel + 0.5) * factor - 0.5) * step);
  const from = at(first);
  const to = at(first + count - 1);
  return { [low]: from, [high]: to } as Record<A | B, number>;
}
