import { createHash } from 'node:crypto';
import type { DeliveryAnswer, Lease } from '../domain/dispatcher.ts';
import type { RenderedBand } from '../domain/engine.ts';
import { Fault } from '../domain/fault.ts';
import type { Ports } from '../domain/ports.ts';
import { bandKey, thumbnailKey } from '../domain/store.ts';
import { leaseKey } from './lease-token.ts';
import { seal } from './seal.ts';

const MAX_THUMBNAIL_BYTES = 2 ** 20;
/** Bytes of RIFF, a length, WEBP. */
const WEBP_HEAD = 12;

/** One band of every fractal is delivered together with the thumbnail, so that it is there when the picture is. */
export const bringsThumbnail = (band: number): boolean => band === 0;

/**
 * Stores a delivered band, then marks it done. Killed in between, the band is drawn again under another attempt, and what was stored is swept.
 * @throws {Fault} `invalid` when the bytes are not what the worker says; `unavailable` when the store is full
 */
export async function acceptBand(
  { repository, store, frame, pulse }: Pick<Ports, 'repository' | 'store' | 'frame' | 'pulse'>,
  lease: Lease,
  band: RenderedBand,
  thumbnail: Uint8Array | null,
): Promise<DeliveryAnswer> {
  if (createHash('sha256').update(band.bytes).digest('hex') !== band.sha256) {
    throw new Fault('invalid', 'The delivered bytes do not have the SHA-256 that was sent with them: deliver the band again.');
  }
  if (!frame.isBand(band.bytes, band.split)) {
    throw new Fault('invalid', 'The delivered bytes are no band of a picture: deliver what the engine drew.');
  }
  if (bringsThumbnail(lease.band) && !(thumbnail && isSmallWebp(thumbnail))) {
    throw new Fault('invalid', 'Band 0 is delivered with a thumbnail, a WebP of at most 1 MiB: deliver both.');
  }
  const key = leaseKey(lease);
  const standing = await repository.bands.check(key);
  if (!('storeKey' in standing)) return standing.answer;
  const { answer, storeKey } = standing;
  const object = bandKey(storeKey, lease.band, lease.attempt);
  if (answer === 'held') {
    if (!(await store.hasRoom('result'))) {
      throw new Fault('unavailable', 'The store is full: deliver the band again later.', { retryAfterSeconds: 5 });
    }
    if (thumbnail && bringsThumbnail(lease.band)) await store.put(thumbnailKey(storeKey), seal(thumbnail));
    await store.put(object, band.bytes);
  }
  const { sha256, split, adler, mirrorAdler, renderMs } = band;
  const outcome = await repository.bands.accept(key, {
    sha256,
    split,
    adler,
    mirrorAdler,
    renderMs,
    sizeBytes: band.bytes.length,
  });
  if (outcome === 'progress' || outcome === 'complete') pulse.beat();
  else if (outcome !== 'again' && answer === 'held') await store.remove(object);
  return outcome === 'progress' || outcome === 'complete' || outcome === 'again' ? 'accepted' : outcome;
}

/** Whole, too: the file tells how long it is. */
function isSmallWebp(bytes: Uint8Array): boolean {
  if (bytes.length < WEBP_HEAD || bytes.length > MAX_THUMBNAIL_BYTES) return false;
  const head = Buffer.from(bytes.subarray(0, WEBP_HEAD));
  const [riff, length, webp] = [head.toString('latin1', 0, 4), head.readUInt32LE(4) + 8, head.toString('latin1', 8)];
  return riff === 'RIFF' && webp === 'WEBP' && length === bytes.length;
}
