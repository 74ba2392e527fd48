import type { Rows } from '../domain/band.ts';
import { Fault } from '../domain/fault.ts';
import type { Spec } from '../domain/spec.ts';

/** What the kernel's memory has room for; kernel/memory.ts. */
const MAX_SIDE = 65_535;
/** What a reply that is held in memory may come to. */
const MAX_BAND_PIXELS = 2 ** 20;

/** @throws {Fault} `invalid` when the rows lie outside the spec or are more than one band, or a Julia set has no c */
export function checkBand(spec: Spec, { firstRow, lastRow }: Rows): void {
  const inside =
    Number.isInteger(firstRow) && Number.isInteger(lastRow) && 0 <= firstRow && firstRow < lastRow && lastRow <= spec.height;
  const rows = lastRow - firstRow;
  const fits = spec.width <= MAX_SIDE && spec.height <= MAX_SIDE && (rows === 1 || rows * spec.width <= MAX_BAND_PIXELS);
  if (!inside || !fits) {
    throw new Fault(
      'invalid',
      `Rows ${firstRow} to ${lastRow} are no band of a picture of ${spec.width} x ${spec.height} pixels.`,
    );
  }
  if (spec.formula === 'julia' && !spec.c) throw new Fault('invalid', 'A Julia set needs its constant c.', { field: 'c' });
}
