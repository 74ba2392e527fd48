import { randomBytes } from 'node:crypto';
import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

/* What a worker that does not draw may make of a band; every IDAT chunk has its right length and CRC. */

const AROUND_CHUNK = 12;
/** Ends a stream; behind a run it must not. */
const FINAL_EMPTY = Buffer.of(0x01, 0x00, 0x00, 0xff, 0xff);

export const EMPTY = Buffer.of(0x00, 0x00, 0x00, 0xff, 0xff);

export function chunkOf(type: string, content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(content.length + AROUND_CHUNK);
  bytes.writeUInt32BE(content.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(content, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4);
  return bytes;
}

/** As the engine ends its runs: on a byte boundary, the stream still open. */
export const deflated = (rows: Uint8Array): Buffer => deflateRawSync(rows, { finishFlush: constants.Z_SYNC_FLUSH });

export function adlerOf(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

/** A run of rows of a true band. @param hasHeader whether the zlib stream begins in it */
export interface Run {
  readonly chunk: Uint8Array;
  readonly adler: number;
  readonly hasHeader: boolean;
}

/** The same run with other content; `adler` is that of the rows it gives, where it gives any. */
export interface ForgedRun {
  readonly name: string;
  readonly chunk: Uint8Array;
  readonly adler: number;
}

/** @param rowBytes of a row with its filter type */
export function forgeRuns({ chunk, adler, hasHeader }: Run, rowBytes: number): ForgedRun[] {
  const content = Buffer.from(chunk.subarray(8, -4));
  const header = content.subarray(0, hasHeader ? 2 : 0);
  const data = content.subarray(header.length);
  const rows = inflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH });
  const wrapped = (deflatedRows: Uint8Array) => chunkOf('IDAT', Buffer.concat([header, deflatedRows]));
  const having = (name: string, changed: Uint8Array): ForgedRun => {
    return { name, chunk: wrapped(deflated(changed)), adler: adlerOf(changed) };
  };
  const as = (name: string, bytes: Uint8Array): ForgedRun => ({ name, chunk: bytes, adler });
  const oddFilter = Buffer.from(rows);
  oddFilter[rows.length - rowBytes] = 9;
  const otherPixel = Buffer.from(rows);
  otherPixel[rows.length - 1]! ^= 1;
  return [
    having('a row less', rows.subarray(0, -rowBytes)),
    having('a row more', Buffer.concat([rows, rows.subarray(-rowBytes)])),
    having('a pixel less', rows.subarray(0, -1)),
    having('a pixel more', Buffer.concat([rows, Buffer.of(0)])),
    having('no rows', new Uint8Array()),
    having('rows of another type of colour', Buffer.alloc((rows.length / rowBytes) * (3 * (rowBytes - 1) + 1))),
    having('a filter 9', oddFilter),
    { name: 'a bomb of 64 MiB', chunk: wrapped(deflated(Buffer.alloc(2 ** 26))), adler },
    { name: 'another pixel under the Adler-32 of the true ones', chunk: wrapped(deflated(otherPixel)), adler },
    as(
      'bytes behind the end of the stream',
      wrapped(Buffer.concat([data, FINAL_EMPTY, Buffer.from('<script>'), data.subarray(-4)])),
    ),
    as('a stream that ends', wrapped(deflateRawSync(rows))),
    as('a stream that ends, and looks as if it did not', wrapped(Buffer.concat([deflateRawSync(rows), EMPTY]))),
    as('a stream that ends with its last block', wrapped(Buffer.concat([stored(rows), FINAL_EMPTY]))),
    as('an end in the midst of a block', wrapped(Buffer.concat([stored(rows, 4), Buffer.of(0, 0, 0xff, 0xff)]))),
    as('a run cut off', wrapped(data.subarray(0, -1))),
    as('an empty block too few', wrapped(data.subarray(0, -5))),
    as('thousands of empty blocks', wrapped(Buffer.concat([data, ...Array(Math.ceil(rows.length / 4)).fill(EMPTY)]))),
    as('what is no deflate stream', wrapped(Buffer.concat([Buffer.of(0x07), randomBytes(500), data.subarray(-4)]))),
    as(
      'a match of bytes that lie before the run',
      wrapped(deflateRawSync(rows, { dictionary: rows, finishFlush: constants.Z_SYNC_FLUSH })),
    ),
    as('two chunks', Buffer.concat([chunkOf('IDAT', content.subarray(0, 9)), chunkOf('IDAT', content.subarray(9))])),
    as('an empty chunk behind it', Buffer.concat([chunk, chunkOf('IDAT', new Uint8Array())])),
    as('another kind of chunk', chunkOf('fdAT', content)),
    as('a palette before it', Buffer.concat([chunkOf('PLTE', Buffer.alloc(96)), chunk])),
    as(
      hasHeader ? 'no zlib header' : 'a zlib header',
      chunkOf('IDAT', hasHeader ? data : Buffer.concat([Buffer.of(0x78, 1), data])),
    ),
    ...(hasHeader ? [as('a larger window', chunkOf('IDAT', Buffer.concat([Buffer.of(0x78, 0xda), data])))] : []),
  ];
}

/** The rows in stored blocks. @param more bytes than it has, says the last: it takes what comes next */
export function stored(rows: Uint8Array, more = 0): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < rows.length; at += 60_000) {
    const part = Buffer.from(rows.subarray(at, at + 60_000));
    const length = part.length + (at + 60_000 >= rows.length ? more : 0);
    const head = Buffer.alloc(5);
    head.writeUInt16LE(length, 1);
    head.writeUInt16LE(0xffff - length, 3);
    blocks.push(head, part);
  }
  return Buffer.concat(blocks);
}
