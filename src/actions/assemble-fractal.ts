import { createHash } from 'node:crypto';
import type { Rows } from '../domain/band.ts';
import { mayBeLarge, SMALL_PICTURE_BYTES } from '../domain/blocks.ts';
import { DELIVERY } from '../domain/delivery.ts';
import { Fault } from '../domain/fault.ts';
import { free } from '../domain/free.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import type { Assembly, AssemblyBand } from '../domain/repository.ts';
import { pictureKey, sumsKey } from '../domain/store.ts';
import { BlockHasher, storeSums } from './block-sums.ts';
import { otherBytes } from './other-bytes.ts';

type AssemblyPorts = Pick<Ports, 'repository' | 'store' | 'frame' | 'pulse'>;

/** Bands that are read while one is used. */
const READ_AHEAD = 4;
/** Mirror runs that may wait in memory for their turn; the rest are read a second time. */
const KEPT_BYTES = 16 * 2 ** 20;
/** An assembly that failed is tried again after so long. */
const TRY_AGAIN_MS = 3_000;
/** Pieces smaller than this are written together. */
const WRITE_BYTES = 2 ** 18;

/** A stored band that is missing or no longer has its checksum. */
class DamagedBand extends Error {
  readonly band: number;
  constructor(band: number) {
    super(`band ${band} is damaged`);
    this.band = band;
  }
}

/**
 * Joins the bands of one complete fractal into its picture, as a stream: memory does not grow with the picture.
 * @returns the fractal that was worked on, or null when none waits
 */
export async function assembleNext(ports: AssemblyPorts): Promise<FractalId | null> {
  const assembly = await ports.repository.assemblies.claim(DELIVERY.assemblyLeaseMs);
  if (!assembly) return null;
  const { id } = assembly.fractal;
  const renewal = setInterval(() => {
    ports.repository.assemblies.renew(id, assembly.attempt, DELIVERY.assemblyLeaseMs).catch(() => {});
  }, DELIVERY.assemblyLeaseMs / 3);
  try {
    await assemble(ports, assembly);
  } catch (error) {
    if (!(error instanceof DamagedBand)) {
      // A store that is full or away for a moment: nobody has to wait for the whole lease.
      await ports.repository.assemblies.renew(id, assembly.attempt, TRY_AGAIN_MS).catch(() => {});
      throw error;
    }
    await ports.repository.assemblies.redraw(id, assembly.attempt, error.band);
  } finally {
    clearInterval(renewal);
  }
  ports.pulse.beat();
  return id;
}

async function assemble(ports: AssemblyPorts, assembly: Assembly): Promise<void> {
  const { fractal, attempt } = assembly;
  const key = pictureKey(fractal.storeKey, attempt);
  const hash = createHash('sha256');
  const blocks = mayBeLarge(fractal.spec) ? new BlockHasher() : null;
  let sizeBytes = 0;
  await ports.store.put(key, measured(joined(pngOf(ports, assembly), WRITE_BYTES)));
  const checksum = hash.digest('hex');
  const complaint = otherBytes(fractal, checksum);
  if (complaint !== null) return void (await ports.repository.assemblies.fail(fractal.id, attempt, complaint));
  const isLarge = sizeBytes > SMALL_PICTURE_BYTES;
  const sums = blocks && isLarge ? await storeSums(ports.store, sumsKey(fractal.storeKey, attempt), blocks.digest()) : null;
  const finished = await ports.repository.assemblies.finish(fractal.id, attempt, { checksum, sizeBytes, key, sums });
  if (!finished) for (const stored of [key, ...(sums ? [sums.key] : [])]) await ports.store.remove(stored);

  async function* measured(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of bytes) {
      hash.update(chunk);
      blocks?.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  }
}

/**
 * The first runs from the top to the middle, then the mirror runs from there to the bottom. Each piece is good until the next one is asked for.
 */
async function* pngOf({ store, frame }: AssemblyPorts, { fractal, bands }: Assembly): AsyncIterable<Uint8Array> {
  yield frame.head(fractal.spec, fractal.engineVersion);
  const runs: { rows: Rows; adler: number }[] = [];
  const kept = new Map<number, { band: AssemblyBand; bytes: Uint8Array }>();
  let room = fractal.cut.mirrored ? KEPT_BYTES : 0;
  for await (const { band, bytes } of ahead(bands('up'), (band) => verifiedBand(store, band))) {
    runs.push({ rows: band.band.rows, adler: band.adler });
    yield bytes.subarray(0, band.split);
    room -= bytes.length - band.split;
    if (room >= 0) kept.set(band.number, { band, bytes: bytes.slice(band.split) });
    free(bytes);
  }
  if (fractal.cut.mirrored) {
    const mirrorRun = async (band: AssemblyBand) => {
      const run = kept.get(band.number);
      if (run) return run.bytes;
      const bytes = await verifiedBand(store, band);
      const again = bytes.slice(band.split);
      free(bytes);
      return again;
    };
    const upwards = room >= 0 ? [...kept.values()].reverse() : ahead(bands('down'), mirrorRun);
    for await (const { band, bytes } of upwards) {
      if (band.band.mirror) runs.push({ rows: band.band.mirror, adler: band.mirrorAdler });
      yield bytes;
      free(bytes);
    }
  }
  yield frame.tail(fractal.spec, runs);
}

/** The bytes of each band, in order, a few being read while the first are used. */
async function* ahead(bands: AsyncIterable<AssemblyBand>, read: (band: AssemblyBand) => Promise<Uint8Array>) {
  const reading: { band: AssemblyBand; bytes: Promise<Uint8Array> }[] = [];
  const next = async () => {
    const { band, bytes } = reading.shift()!;
    return { band, bytes: await bytes };
  };
  for await (const band of bands) {
    const bytes = read(band);
    bytes.catch(() => undefined); // awaited in its turn, or not at all when an earlier one failed
    reading.push({ band, bytes });
    if (reading.length > READ_AHEAD) yield await next();
  }
  while (reading.length > 0) yield await next();
}

/** The same bytes, small chunks put together until they have that size. */
async function* joined(chunks: AsyncIterable<Uint8Array>, size: number): AsyncIterable<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const isLarge = chunk.length >= size;
    if (!isLarge) {
      waiting.push(chunk.slice());
      length += chunk.length;
    }
    if (length > 0 && (isLarge || length >= size)) {
      yield Buffer.concat(waiting, length);
      waiting = [];
      length = 0;
    }
    if (isLarge) yield chunk;
  }
  if (length > 0) yield Buffer.concat(waiting, length);
}

/** A band is small (some megabytes at most), so it is checked before a byte of it is used. */
async function verifiedBand(store: Ports['store'], band: AssemblyBand): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of await store.get(band.key)) chunks.push(chunk);
  } catch (error) {
    if (error instanceof Fault && error.code === 'not_found') throw new DamagedBand(band.number);
    throw error;
  }
  // Most come in one piece, which is then not copied.
  const bytes = chunks.length === 1 ? chunks[0]! : joinedNow(chunks);
  if (createHash('sha256').update(bytes).digest('hex') !== band.sha256) throw new DamagedBand(band.number);
  return bytes;
}

function joinedNow(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
    free(chunk);
  }
  return bytes;
}
