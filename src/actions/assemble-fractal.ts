import { createHash } from 'node:crypto';
import type { Rows } from '../domain/band.ts';
import { DELIVERY } from '../domain/delivery.ts';
import { Fault } from '../domain/fault.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import type { Assembly, AssemblyBand } from '../domain/repository.ts';
import { pictureKey } from '../domain/store.ts';

type AssemblyPorts = Pick<Ports, 'repository' | 'store' | 'frame' | 'pulse'>;

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
    if (!(error instanceof DamagedBand)) throw error;
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
  let sizeBytes = 0;
  await ports.store.put(key, measured(pngOf(ports, assembly)));
  const finished = await ports.repository.assemblies.finish(fractal.id, attempt, {
    checksum: hash.digest('hex'),
    sizeBytes,
    key,
  });
  if (!finished) await ports.store.remove(key);

  async function* measured(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of bytes) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  }
}

/** The first runs from the top to the middle, then the mirror runs from there to the bottom. */
async function* pngOf({ store, frame }: AssemblyPorts, { fractal, bands }: Assembly): AsyncIterable<Uint8Array> {
  yield frame.head(fractal.spec);
  const runs: { rows: Rows; adler: number }[] = [];
  for await (const band of bands('up')) {
    runs.push({ rows: band.band.rows, adler: band.adler });
    yield (await verifiedBand(store, band)).subarray(0, band.split);
  }
  if (fractal.cut.mirrored) {
    for await (const band of bands('down')) {
      if (!band.band.mirror) continue;
      runs.push({ rows: band.band.mirror, adler: band.mirrorAdler });
      yield (await verifiedBand(store, band)).subarray(band.split);
    }
  }
  yield frame.tail(fractal.spec, runs);
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
  const bytes = Buffer.concat(chunks);
  if (createHash('sha256').update(bytes).digest('hex') !== band.sha256) throw new DamagedBand(band.number);
  return bytes;
}
