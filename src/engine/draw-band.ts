import { createHash } from 'node:crypto';
import type { Band, Rows } from '../domain/band.ts';
import type { RenderedBand } from '../domain/engine.ts';
import { isIndexed, type Spec } from '../domain/spec.ts';
import { adler32Combine } from './adler32.ts';
import { MAX_TILE_PIXELS } from './check-band.ts';
import type { Kernel } from './kernel.ts';
import { imageData } from './png.ts';

/** What a run of rows comes to: deflated pieces in order, each ending on a byte boundary, and the Adler-32 of all that was deflated. */
interface Run {
  readonly deflated: Uint8Array[];
  adler: number;
}

/** Draws one band, tile by tile; null when it was aborted. */
export function drawBand(kernel: Kernel, spec: Spec, band: Band, aborted: () => boolean): RenderedBand | null {
  const started = performance.now();
  const rowBytes = 1 + spec.width * (isIndexed(spec) ? 1 : 3);
  const run: Run = { deflated: [], adler: 1 };
  const mirrorRun: Run = { deflated: [], adler: 1 };
  for (const tile of tilesOf(spec, band)) {
    if (!kernel.paint(spec, tile, aborted)) return null;
    const rows = tile.rows.lastRow - tile.rows.firstRow;
    const { adler } = kernel.filter({ first: 0, count: rows });
    run.deflated.push(kernel.deflate());
    run.adler = adler32Combine(run.adler, adler, rows * rowBytes);
    if (!tile.mirror) continue;
    const mirrorRows = tile.mirror.lastRow - tile.mirror.firstRow;
    const mirrored = kernel.filter({ first: rows, count: mirrorRows });
    // Each tile's mirror rows lie above those of the tile before.
    const below = (band.mirror!.lastRow - tile.mirror.lastRow) * rowBytes;
    mirrorRun.deflated.unshift(kernel.deflate());
    mirrorRun.adler = adler32Combine(mirrored.adler, mirrorRun.adler, below);
  }
  const chunk = imageData(run.deflated, band.rows.firstRow);
  const bytes = band.mirror ? joined(chunk, imageData(mirrorRun.deflated, band.mirror.firstRow)) : chunk;
  return {
    bytes,
    split: chunk.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    adler: run.adler,
    mirrorAdler: mirrorRun.adler,
    renderMs: performance.now() - started,
  };
}

/** Pieces of the band that the kernel's memory has room for: rows, and the mirror rows that lie opposite. */
function* tilesOf({ width, height }: Spec, { rows, mirror }: Band): Generator<Band> {
  const fitting = Math.floor(MAX_TILE_PIXELS / width);
  const tileRows = Math.max(1, mirror ? Math.floor(fitting / 2) : fitting);
  for (let firstRow = rows.firstRow; firstRow < rows.lastRow; firstRow += tileRows) {
    const tile: Rows = { firstRow, lastRow: Math.min(rows.lastRow, firstRow + tileRows) };
    const opposite = mirror && { firstRow: Math.max(mirror.firstRow, height - tile.lastRow), lastRow: height - firstRow };
    yield { rows: tile, mirror: opposite && opposite.firstRow < opposite.lastRow ? opposite : null };
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
