import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { crc32, inflate, inflateSync } from 'node:zlib';
import type { Band, Rows } from '../domain/band.ts';
import type { RenderedBand } from '../domain/engine.ts';
import { pixelBytes, type Spec } from '../domain/spec.ts';
import { adler32Combine } from './adler32.ts';
import { AROUND_CHUNK, IMAGE_DATA, ZLIB_HEADER } from './png-chunks.ts';

/** The newest filter type of PNG; docs/references.md#png */
const MAX_FILTER = 4;
/** Every run ends with an empty stored block, whose length and complement these are; kernel/deflate.ts. */
const STORED_NOTHING = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
/** The same of a stored block with our own bytes in it. */
const PROBE_BYTES = 16;
const STORED_PROBE = Uint8Array.of(PROBE_BYTES, 0x00, 0xff - PROBE_BYTES, 0xff);
/** A final block with nothing in it. */
const STORED_END = Uint8Array.of(0x01, 0x00, 0x00, 0xff, 0xff);
/** Runs that are inflated at the same time: threads of the pool are left to the files, and memory is bounded. */
const AT_ONCE = 2;

/** Rows of so many bytes are inflated where they are, in some 0.3 ms: to go to another thread and back costs as much. */
const SMALL_BYTES = 2 ** 18;

const inflateElsewhere = promisify(inflate);
const turn = takeTurns(AT_ONCE);

/**
 * Why these bytes are no band of that picture; null when they are one: for each run one IDAT chunk with the right CRC, whose deflated content gives exactly its
 * rows, filtered in a way that there is, with the Adler-32 that is told; that ends on a byte boundary without ending the stream, and refers to
 * nothing before it, so that any band may stand before and after it. What the pixels are cannot be known without drawing them.
 * Inflated into no more memory than the rows take; long runs on a thread of Node's pool.
 */
export async function verifyBand(rendered: RenderedBand, spec: Spec, { rows, mirror }: Band): Promise<string | null> {
  const { bytes, split, adler, mirrorAdler } = rendered;
  if (mirror === null && split !== bytes.length) return 'it has a second run of rows';
  const first = await verifyRun(bytes.subarray(0, split), rows, adler, spec);
  if (first !== null || mirror === null) return first;
  return await verifyRun(bytes.subarray(split), mirror, mirrorAdler, spec);
}

async function verifyRun(chunk: Uint8Array, rows: Rows, adler: number, spec: Spec): Promise<string | null> {
  const content = imageDataOf(chunk);
  if (!content) return 'a run of rows is not one IDAT chunk';
  const header = rows.firstRow === 0 ? ZLIB_HEADER.length : 0;
  if (header > 0 && !isEqual(content.subarray(0, header), ZLIB_HEADER)) return 'its zlib stream does not begin as it must';
  const deflated = content.subarray(header);
  const count = rows.lastRow - rows.firstRow;
  const rowBytes = 1 + spec.width * pixelBytes(spec);
  if (deflated.length > longestRun(count, rowBytes)) return 'it is longer than its rows make it';
  if (!isEqual(deflated.subarray(-STORED_NOTHING.length), STORED_NOTHING)) return 'a run does not end on a byte boundary';
  const inflated = await turn(() => inflateProbed(deflated, count * rowBytes, adler));
  if (!inflated) return 'its data do not give the rows and the Adler-32 that were told';
  for (let row = 0; row < count; row++) {
    if (inflated[row * rowBytes]! > MAX_FILTER) return `row ${rows.firstRow + row} has a filter that there is not`;
  }
  return null;
}

/** The most that the kernel makes of so many rows. */
const longestRun = (rows: number, rowBytes: number): number => rows * rowBytes + (rows * rowBytes) / 512 + 64 * (rows + 1);

/** What is in the chunk; null when this is not one whole, undamaged IDAT chunk. */
function imageDataOf(chunk: Uint8Array): Uint8Array | null {
  const { length } = chunk;
  if (length < AROUND_CHUNK) return null;
  const view = new DataView(chunk.buffer, chunk.byteOffset, length);
  if (view.getUint32(0) !== length - AROUND_CHUNK || view.getUint32(4) !== IMAGE_DATA) return null;
  return crc32(chunk.subarray(4, length - 4)) === view.getUint32(length - 4) ? chunk.subarray(8, length - 4) : null;
}

/**
 * Inflates a run as a zlib stream of its own; null unless it gives `length` bytes with that Adler-32. The empty block at its end is given random bytes: only
 * where it really is a stored block, and not the last one, do they come out behind the rows, and the end that follows them is seen as the end.
 */
async function inflateProbed(deflated: Uint8Array, length: number, adler: number): Promise<Uint8Array | null> {
  const probe = randomBytes(PROBE_BYTES);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(adler32Combine(adler, adler32(probe), PROBE_BYTES));
  const open = deflated.subarray(0, -STORED_NOTHING.length);
  const stream = Buffer.concat([ZLIB_HEADER, open, STORED_PROBE, probe, STORED_END, sum]);
  const inflated = await inflateWhole(stream, length + PROBE_BYTES);
  return inflated && isEqual(inflated.subarray(length), probe) ? inflated : null;
}

/** Null when it is no zlib stream from its first byte to its last, or gives another length. */
async function inflateWhole(stream: Uint8Array, length: number): Promise<Uint8Array | null> {
  // With room for one byte more, all comes in one piece, and what gives more is ended there.
  const options = { chunkSize: Math.max(64, length + 1), maxOutputLength: length + 1, info: true } as const;
  try {
    const result: unknown = length <= SMALL_BYTES ? inflateSync(stream, options) : await inflateElsewhere(stream, options);
    const { buffer, engine } = result as { buffer: Uint8Array; engine: { bytesWritten: number } };
    return buffer.length === length && engine.bytesWritten === stream.length ? buffer : null;
  } catch {
    return null;
  }
}

/** Of a few bytes. */
function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a += byte;
    b += a;
  }
  return ((b << 16) | a) >>> 0;
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Lets so many go on at a time, the others in their order. */
function takeTurns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
