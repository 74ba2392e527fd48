import { Fault } from '../domain/fault.ts';
import type { Picture } from '../domain/fractal.ts';
import { free } from '../domain/free.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import type { ObjectKey, Store } from '../domain/store.ts';
import { CheckedBytes } from './checked-bytes.ts';
import { redrawFractal } from './redraw-fractal.ts';

/** Pictures up to this size are in memory before their first byte is passed on. */
const AT_ONCE_BYTES = 4 * 2 ** 20;
/** How long a larger picture that was found whole is trusted when a part of it is wanted. */
const TRUSTED_MS = 600_000;
const RETRY_AFTER_S = 5;

export interface Range {
  readonly start: number;
  /** the first byte that is not wanted */
  readonly end: number;
}

/**
 * The bytes of a finished picture.
 * @throws {Fault} `unavailable` when they are lost or damaged; also from the bytes, when that is found out on the way
 */
export type PictureReader = (id: FractalId, picture: Picture, range: Range) => Promise<Uint8Array | AsyncIterable<Uint8Array>>;

/**
 * Reads pictures so that a damaged one is never passed on as if it were good. Small ones are checked before their first byte. Large ones that are wanted whole
 * are checked on the way, and end before their last bytes when they are damaged. Of large ones of which a part is wanted all is checked first, unless that was
 * done within ten minutes. What is damaged is drawn again; what is missing is not, because a store that is not mounted looks the same.
 * @param onDamage told of each damaged picture
 */
export function pictureReader(
  ports: Pick<Ports, 'repository' | 'store' | 'pulse' | 'engineVersion'>,
  onDamage: (id: FractalId) => void,
): PictureReader {
  const trusted = new Map<ObjectKey, Promise<void>>();
  return async (id, picture, range) => {
    const condemn = async (): Promise<Fault> => {
      onDamage(id);
      await redrawFractal(ports, id, picture.key);
      return new Fault('unavailable', `The stored picture of ${id} was damaged: it is drawn again.`, {
        retryAfterSeconds: RETRY_AFTER_S,
      });
    };
    const open = (wanted: Range) => openPicture(ports.store, picture, wanted);
    const whole = { start: 0, end: picture.sizeBytes };
    if (picture.sizeBytes <= AT_ONCE_BYTES) {
      const bytes = await collect(new CheckedBytes(await open(whole), picture.checksum, condemn));
      return bytes.subarray(range.start, range.end);
    }
    if (range.start === 0 && range.end === picture.sizeBytes)
      return new CheckedBytes(await open(whole), picture.checksum, condemn);
    const check = async () => {
      for await (const chunk of new CheckedBytes(await open(whole), picture.checksum, condemn)) free(chunk);
    };
    await checkOnce(trusted, picture.key, check);
    return await open(range);
  };
}

/** Those who come meanwhile wait for the same check; a check that failed is made again. */
async function checkOnce(trusted: Map<ObjectKey, Promise<void>>, key: ObjectKey, check: () => Promise<void>): Promise<void> {
  const known = trusted.get(key);
  if (known) return await known;
  const checking = check();
  trusted.set(key, checking);
  try {
    await checking;
    setTimeout(() => trusted.delete(key), TRUSTED_MS).unref();
  } catch (error) {
    trusted.delete(key);
    throw error;
  }
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

async function openPicture(store: Store, picture: Picture, range: Range): Promise<AsyncIterable<Uint8Array>> {
  try {
    return await store.get(picture.key, range);
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'not_found') throw cause;
    throw new Fault('unavailable', 'The store has lost this picture: delete the fractal and order it again.', { cause });
  }
}
