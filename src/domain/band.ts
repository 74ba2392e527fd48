import type { Spec } from './spec.ts';

/** Consecutive rows of a picture: [firstRow, lastRow). */
export interface Rows {
  readonly firstRow: number;
  readonly lastRow: number;
}

const MAX_BAND_PIXELS = 2 ** 18;
const MAX_BAND_ITERATIONS = 2 ** 34;

/** Rows in every band but the last, which may be shorter: as many as both limits allow, at least one. */
export function rowsPerBand(spec: Pick<Spec, 'width' | 'height' | 'iterations'>): number {
  const byPixels = Math.floor(MAX_BAND_PIXELS / spec.width);
  const byIterations = Math.floor(MAX_BAND_ITERATIONS / (spec.width * spec.iterations));
  return Math.max(1, Math.min(byPixels, byIterations, spec.height));
}

/** How many bands a picture of that height is cut into. */
export function bandCount(height: number, bandRows: number): number {
  return Math.ceil(height / bandRows);
}

/** The rows of band number `band` (from 0). */
export function rowsOfBand(height: number, bandRows: number, band: number): Rows {
  const firstRow = band * bandRows;
  return { firstRow, lastRow: Math.min(height, firstRow + bandRows) };
}
