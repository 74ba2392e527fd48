import { createHash } from 'node:crypto';
import type { Band, Rows } from '../domain/band.ts';
import type { RenderedBand } from '../domain/engine.ts';
import type { Spec } from '../domain/spec.ts';
import { adler32Combine } from './adler32.ts';
import type { Kernel } from './kernel.ts';
import { deflateRows, imageData } from './png.ts';

/** What the kernel's memory has room for. */
const MAX_TILE_PIXELS = 2 ** 18;

/** Draws one band, tile by tile; null when it was aborted. */
export function drawBand(kernel: Kernel, spec: Spec, band: Band, aborted: () => boolean): RenderedBand | null {
  const started = performance.now();
  const run = drawRun(kernel, spec, band.rows, aborted);
  const mirrorRun = band.mirror && drawRun(kernel, spec, band.mirror, aborted);
  if (!run || (band.mirror && !mirrorRun)) return null;
  const chunk = imageData(run.deflated, band.rows.firstRow);
  const bytes = mirrorRun ? joined(chunk, imageData(mirrorRun.deflated, band.mirror!.firstRow)) : chunk;
  return {
    bytes,
    split: chunk.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    adler: run.adler,
    mirrorAdler: mirrorRun?.adler ?? 1,
    renderMs: performance.now() - started,
  };
}

function drawRun(kernel: Kernel, spec: Spec, { firstRow, lastRow }: Rows, aborted: () => boolean) {
  const tileRows = Math.max(1, Math.floor(MAX_TILE_PIXELS / spec.width));
  const deflated: Uint8Array[] = [];
  let adler = 1;
  for (let row = firstRow; row < lastRow; row += tileRows) {
    if (!kernel.count(spec, { rows: { firstRow: row, lastRow: Math.min(lastRow, row + tileRows) }, mirror: null }, aborted))
      return null;
    const painted = kernel.paint();
    deflated.push(deflateRows(painted.filtered));
    adler = adler32Combine(adler, painted.adler, painted.filtered.length);
  }
  return { deflated, adler };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
