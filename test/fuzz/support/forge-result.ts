import { createHash } from 'node:crypto';
import type { Band, Rows } from '../../../src/domain/band.ts';
import { pixelBytes, type Spec } from '../../../src/domain/spec.ts';
import { thumbnailSpec } from '../../../src/engine/thumbnail.ts';
import { adlerOf, chunkOf, EMPTY, stored } from '../../support/forge-band.ts';

/** Of what a claim is answered, what one needs to make a result up. */
export interface Assigned {
  readonly fractal: string;
  readonly number: number;
  readonly attempt: number;
  readonly token: string;
  readonly spec: Spec;
  readonly band: Band;
}

/**
 * A result that nobody drew, in the words of the API: rows of zeros that pass for a band, or the same with a damage; its SHA-256 is always that of its bytes, so that
 * the service has to look into them.
 * @param which which damage, and where; half of them have none
 */
export function forgeResult({ spec, number, band }: Assigned, which: number) {
  const runs = [band.rows, ...(band.mirror ? [band.mirror] : [])].map((rows) => emptyRun(spec, rows));
  const whole = Buffer.concat(runs.map(({ chunk }) => chunk));
  const bytes = damaged(whole, which);
  const thumbnail = number === 0 ? emptyThumbnail(spec) : Buffer.alloc(0);
  const words = {
    split: String(Math.min(runs[0]!.chunk.length + (which % 11 === 0 ? 1 : 0), bytes.length)),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    adler: String(runs[0]!.adler),
    mirror_adler: String(runs[1]?.adler ?? 0),
    render_ms: '1',
    thumbnail_bytes: String(thumbnail.length),
  };
  return { words, bytes: Buffer.concat([bytes, thumbnail]) };
}

function emptyRun(spec: Spec, { firstRow, lastRow }: Rows) {
  const rows = Buffer.alloc((lastRow - firstRow) * (1 + spec.width * pixelBytes(spec)));
  const header = firstRow === 0 ? Buffer.of(0x78, 0x01) : Buffer.alloc(0);
  return { chunk: chunkOf('IDAT', Buffer.concat([header, stored(rows), EMPTY])), adler: adlerOf(rows) };
}

function damaged(band: Buffer, which: number): Buffer {
  const at = which % band.length;
  const copy = Buffer.from(band);
  switch (which % 6) {
    case 1:
      copy[at]! ^= 1 + (which % 255);
      return copy;
    case 3:
      return band.subarray(0, Math.max(1, at));
    case 5:
      return chunkOf('IDAT', Buffer.concat([band.subarray(8, 8 + at), Buffer.of(which % 256), EMPTY]));
    default:
      return band;
  }
}

/** As much of a WebP as is looked at: its heads, for a frame of the right size. */
function emptyThumbnail(spec: Spec): Buffer {
  const { width, height } = thumbnailSpec(spec);
  const file = Buffer.alloc(30);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WEBPVP8 ', 8, 'latin1');
  file.writeUInt32LE(10, 16);
  // A key frame that is shown, whose first part is empty.
  file.writeUIntLE(1 << 4, 20, 3);
  file.writeUIntLE(0x2a_01_9d, 23, 3);
  file.writeUInt16LE(width, 26);
  file.writeUInt16LE(height, 28);
  return file;
}
