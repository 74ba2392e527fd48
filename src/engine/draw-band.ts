import { createHash } from 'node:crypto';
import type { Band, Rows } from '../domain/band.ts';
import type { RenderedBand } from '../domain/engine.ts';
import { pixelBytes, type Spec } from '../domain/spec.ts';
import { MAX_TILE_PIXELS } from '../kernel/check-band.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { adler32Combine } from './adler32.ts';
import { Pieces } from './pieces.ts';
import { imageDataLength, writeImageData } from './png.ts';

/** What a thread draws with. */
export interface Desk {
  readonly kernel: Kernel;
  /** deflated tiles of the band's runs, each ending on a byte boundary */
  readonly run: Pieces;
  readonly mirrorRun: Pieces;
}

export const openDesk = (kernel: Kernel): Desk => ({ kernel, run: new Pieces(), mirrorRun: new Pieces() });

/** Draws one band, tile by tile; null when it was aborted. */
export function drawBand({ kernel, run, mirrorRun }: Desk, spec: Spec, band: Band, aborted: () => boolean): RenderedBand | null {
  const started = performance.now();
  const rowBytes = 1 + spec.width * pixelBytes(spec);
  let [adler, mirrorAdler] = [1, 1];
  run.clear();
  mirrorRun.clear();
  for (const tile of tilesOf(spec, band)) {
    if (!kernel.paint(spec, tile, aborted)) return null;
    const rows = tile.rows.lastRow - tile.rows.firstRow;
    adler = adler32Combine(adler, kernel.filter({ first: 0, count: rows }).adler, rows * rowBytes);
    run.append(kernel.deflate());
    if (!tile.mirror) continue;
    const filtered = kernel.filter({ first: rows, count: tile.mirror.lastRow - tile.mirror.firstRow });
    // Each tile's mirror rows lie above those of the tile before.
    const below = (band.mirror!.lastRow - tile.mirror.lastRow) * rowBytes;
    mirrorAdler = adler32Combine(filtered.adler, mirrorAdler, below);
    mirrorRun.prepend(kernel.deflate());
  }
  const split = imageDataLength(run.bytes, band.rows);
  const bytes = new Uint8Array(split + (band.mirror ? imageDataLength(mirrorRun.bytes, band.mirror) : 0));
  writeImageData(bytes.subarray(0, split), run.bytes, band.rows);
  if (band.mirror) writeImageData(bytes.subarray(split), mirrorRun.bytes, band.mirror);
  return {
    bytes,
    split,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    adler,
    mirrorAdler,
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
