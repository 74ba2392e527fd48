import { createHash } from 'node:crypto';
import type { DeliveryAnswer, Lease } from '../domain/dispatcher.ts';
import type { RenderedBand } from '../domain/engine.ts';
import { Fault } from '../domain/fault.ts';
import type { Ports } from '../domain/ports.ts';
import type { Standing } from '../domain/repository.ts';
import { bandKey, thumbnailKey } from '../domain/store.ts';
import { leaseKey } from './lease-token.ts';
import { otherBytes } from './other-bytes.ts';
import { seal } from './seal.ts';

const MAX_THUMBNAIL_BYTES = 2 ** 20;

/** One band of every fractal is delivered together with the thumbnail, so that it is there when the picture is. */
export const bringsThumbnail = (band: number): boolean => band === 0;

type AcceptPorts = Pick<Ports, 'repository' | 'store' | 'frame' | 'pulse'>;
type Found = Extract<Standing, { readonly fractal: unknown }>;

/**
 * Stores a delivered band, then marks it done. The only band of a fractal is stored as its picture at once, and the fractal is done. Killed in between, the
 * band is drawn again under another attempt, and what was stored is swept.
 * @throws {Fault} `invalid` when the bytes are not what the worker says; `unavailable` when the store is full
 */
export async function acceptBand(
  ports: AcceptPorts,
  lease: Lease,
  band: RenderedBand,
  thumbnail: Uint8Array | null,
): Promise<DeliveryAnswer> {
  const { repository, store, frame, pulse } = ports;
  if (createHash('sha256').update(band.bytes).digest('hex') !== band.sha256) {
    throw new Fault('invalid', 'The delivered bytes do not have the SHA-256 that was sent with them: deliver the band again.');
  }
  const standing = await repository.bands.check(leaseKey(lease));
  if (!('fractal' in standing)) return standing.answer;
  const isNew = standing.answer === 'held';
  if (isNew) {
    await refuseForgeries(frame, standing, band, bringsThumbnail(lease.band) ? thumbnail : undefined);
    if (!(await store.hasRoom('result'))) {
      throw new Fault('unavailable', 'The store is full: deliver the band again later.', { retryAfterSeconds: 5 });
    }
    if (thumbnail && bringsThumbnail(lease.band)) await store.put(thumbnailKey(standing.fractal.storeKey), seal(thumbnail));
  }
  const isPicture = isNew && standing.fractal.cut.bands === 1;
  const outcome = await (isPicture ? storePicture : storeBand)(ports, lease, band, standing);
  if (outcome === 'progress' || outcome === 'complete') pulse.beat();
  return outcome === 'progress' || outcome === 'complete' || outcome === 'again' ? 'accepted' : outcome;
}

async function storeBand({ repository, store }: AcceptPorts, lease: Lease, band: RenderedBand, { answer, fractal }: Found) {
  const object = bandKey(fractal.storeKey, lease.band, lease.attempt);
  if (answer === 'held') await store.put(object, band.bytes);
  const { sha256, split, adler, mirrorAdler, renderMs } = band;
  const result = { sha256, split, adler, mirrorAdler, renderMs, sizeBytes: band.bytes.length };
  const outcome = await repository.bands.accept(leaseKey(lease), result);
  if (outcome !== 'progress' && outcome !== 'complete' && outcome !== 'again' && answer === 'held') await store.remove(object);
  return outcome;
}

/** A band is small (some megabytes at most): its picture is made in memory. */
async function storePicture({ repository, store, frame, pulse }: AcceptPorts, lease: Lease, band: RenderedBand, standing: Found) {
  const { spec, engineVersion } = standing.fractal;
  const { rows, mirror } = standing.band;
  const runs = [{ rows, adler: band.adler }, ...(mirror ? [{ rows: mirror, adler: band.mirrorAdler }] : [])];
  const bytes = Buffer.concat([frame.head(spec, engineVersion), band.bytes, frame.tail(spec, runs)]);
  const key = standing.picture;
  const checksum = createHash('sha256').update(bytes).digest('hex');
  const complaint = otherBytes(standing.fractal, checksum);
  if (complaint !== null) {
    if ((await repository.bands.fail(leaseKey(lease), complaint, () => null)) === 'failed') pulse.beat();
    return 'stale';
  }
  await store.put(key, bytes);
  // The few that are large in spite of having one band get checksums for their blocks when they are read.
  const picture = { checksum, sizeBytes: bytes.length, key, sums: null };
  const outcome = await repository.bands.finish(leaseKey(lease), band, picture);
  if (outcome !== 'complete' && outcome !== 'again') await store.remove(key);
  return outcome;
}

/** @param thumbnail undefined where none is wanted @throws {Fault} `invalid` when they are not what the band of that picture is made of */
async function refuseForgeries(
  frame: Ports['frame'],
  { fractal: { spec }, band }: Found,
  rendered: RenderedBand,
  thumbnail: Uint8Array | null | undefined,
): Promise<void> {
  if (thumbnail !== undefined) {
    if (thumbnail === null || thumbnail.length > MAX_THUMBNAIL_BYTES) {
      throw new Fault('invalid', 'Band 0 is delivered with a thumbnail, a WebP of at most 1 MiB: deliver both.');
    }
    const complaint = frame.verifyThumbnail(thumbnail, spec);
    if (complaint)
      throw new Fault('invalid', `The delivered thumbnail is none of this picture: ${complaint}. Deliver what the engine drew.`);
  }
  const complaint = await frame.verifyBand(rendered, spec, band);
  if (complaint)
    throw new Fault('invalid', `The delivered bytes are no band of this picture: ${complaint}. Deliver what the engine drew.`);
}
