import { createHash } from 'node:crypto';
import { Fault } from '../domain/fault.ts';
import { free } from '../domain/free.ts';
import type { KnownObject, Ledger } from '../domain/ledger.ts';
import type { Inventory, ObjectKey } from '../domain/store.ts';
import { countFractals } from './count-fractals.ts';
import { inParallel } from './in-parallel.ts';

const FRACTALS_A_PAGE = 200;

/** What has become of an object. `there`: it was in the other store already. */
export type Copied = 'copied' | 'there' | 'missing' | 'damaged';

export interface CopyOptions {
  readonly ledger: Ledger;
  readonly from: Inventory;
  readonly to: Inventory;
  /** objects on their way at the same time */
  readonly atOnce: number;
  /** reads what is there already, too; else its size tells that it is right, since stores show only whole objects */
  readonly deep: boolean;
  readonly signal: AbortSignal;
  readonly onObject: (object: KnownObject, outcome: Copied, bytes: number) => void;
  readonly onFractals: (count: number) => void;
}

/**
 * Copies every object that the database knows from one store into another, and reads it there again: its SHA-256 must be that of the row, or where no row tells, that of what was
 * read. Objects that come meanwhile are copied, too, or by the next time that it is called; it goes on where it was interrupted, since what is there is not copied again.
 * @throws {Fault} `unavailable`; the signal's reason
 */
export async function copyStore({ ledger, from, to, atOnce, deep, signal, onObject, onFractals }: CopyOptions): Promise<void> {
  const copyOne = async (object: KnownObject): Promise<void> => {
    signal.throwIfAborted();
    const there = await isThere(object, { from, to, deep });
    if (there !== null) return onObject(object, 'there', there);
    const { outcome, bytes } = await copy(object, from, to, signal);
    // Deleted meanwhile, it is nobody's loss; and not every picture has a thumbnail.
    const isFine =
      outcome === 'missing' && (object.kind === 'thumbnail' || (await ledger.strangers([object.key])).has(object.key));
    if (!isFine) onObject(object, outcome, bytes);
  };
  for (let page = await ledger.page(0, FRACTALS_A_PAGE); page; page = await ledger.page(page.lastSeq, FRACTALS_A_PAGE)) {
    const done = countFractals(page, onFractals);
    await inParallel(page.objects, atOnce, async (object) => {
      await copyOne(object);
      done(object);
    });
  }
}

/** Its size when the other store has it, and it is right; else null. */
async function isThere(
  { key, sizeBytes, sha256 }: KnownObject,
  { from, to, deep }: Pick<CopyOptions, 'from' | 'to' | 'deep'>,
): Promise<number | null> {
  const found = await to.find(key);
  if (!found) return null;
  const wanted = sizeBytes ?? (await from.find(key))?.sizeBytes;
  if (wanted !== undefined && found.sizeBytes !== wanted) return null;
  if (deep && (await hashOf(to, key)) !== (sha256 ?? (await hashOf(from, key)))) return null;
  return found.sizeBytes;
}

class DamagedSource extends Error {}

async function copy(
  { key, sha256 }: KnownObject,
  from: Inventory,
  to: Inventory,
  signal: AbortSignal,
): Promise<{ outcome: Copied; bytes: number }> {
  let bytes = 0;
  let read = '';
  // Ends with an error where it is not what the row tells: then nothing is written.
  const source = async function* (pieces: AsyncIterable<Uint8Array>) {
    const hash = createHash('sha256');
    for await (const piece of pieces) {
      signal.throwIfAborted();
      hash.update(piece);
      bytes += piece.length;
      yield piece;
      free(piece);
    }
    read = hash.digest('hex');
    if (sha256 !== null && read !== sha256) throw new DamagedSource();
  };
  try {
    await to.put(key, source(await from.get(key)));
  } catch (error) {
    if (error instanceof DamagedSource) return { outcome: 'damaged', bytes: 0 };
    if (error instanceof Fault && error.code === 'not_found') return { outcome: 'missing', bytes: 0 };
    throw error;
  }
  if ((await hashOf(to, key)) === read) return { outcome: 'copied', bytes };
  await to.remove(key);
  throw new Fault(
    'unavailable',
    `The object ${key} was written, and what is read there is something else: it was taken away again.`,
  );
}

/** SHA-256 of what a store gives, hex; null when it has none. */
export async function hashOf(store: Inventory, key: ObjectKey): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const piece of await store.get(key)) {
      hash.update(piece);
      free(piece);
    }
  } catch (error) {
    if (error instanceof Fault && error.code === 'not_found') return null;
    throw error;
  }
  return hash.digest('hex');
}
