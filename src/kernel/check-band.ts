import { type Band, MAX_BAND_BYTES } from '../domain/band.ts';
import { Fault } from '../domain/fault.ts';
import { formulaFacts } from '../domain/formulas.ts';
import { pixelBytes, type Spec } from '../domain/spec.ts';

/** What the kernel's memory has room for; kernel/memory.ts. */
const MAX_SIDE = 65_535;
export const MAX_TILE_PIXELS = 2 ** 18;

/** @throws {Fault} `invalid` when the rows lie outside the spec or are more than one band, or a Julia set has no c */
export function checkBand(spec: Spec, band: Band): void {
  check(spec, band, MAX_BAND_BYTES / pixelBytes(spec));
}

/** The same of a tile. */
export function checkTile(spec: Spec, tile: Band): void {
  check(spec, tile, MAX_TILE_PIXELS);
}

function check(spec: Spec, { rows, mirror }: Band, maxPixels: number): void {
  const { width, height } = spec;
  let all = 0;
  for (const run of [rows, ...(mirror ? [mirror] : [])]) {
    const { firstRow, lastRow } = run;
    const inside =
      Number.isInteger(firstRow) && Number.isInteger(lastRow) && 0 <= firstRow && firstRow < lastRow && lastRow <= height;
    all += lastRow - firstRow;
    const fits = width <= MAX_SIDE && height <= MAX_SIDE && (all === 1 || all * width <= maxPixels);
    if (!inside || !fits) {
      throw new Fault('invalid', `Rows ${firstRow} to ${lastRow} are no band of a picture of ${width} x ${height} pixels.`);
    }
  }
  if (formulaFacts(spec.formula).julia === 'always' && !spec.c) {
    throw new Fault('invalid', 'A Julia set needs its constant c.', { field: 'c' });
  }
}
