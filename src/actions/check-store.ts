import type { KnownObject, Ledger } from '../domain/ledger.ts';
import { type Inventory, isObjectKey, type Leftover, type StoredObject } from '../domain/store.ts';
import { hashOf } from './copy-store.ts';
import { countFractals } from './count-fractals.ts';
import { inParallel } from './in-parallel.ts';

const FRACTALS_A_PAGE = 200;
const NAMES_AT_ONCE = 500;
/** What is younger may belong to somebody who is at work. */
export const ORPHAN_AGE_MS = 24 * 3600_000;

export interface StoreFinding {
  /**
   * Of what the database knows: `missing`, of another `size`, `damaged`. Of what it does not know: `orphan`; `leftover`, which is no object; `foreign`, with a name that
   * is none of ours.
   */
  readonly problem: 'missing' | 'size' | 'damaged' | 'orphan' | 'leftover' | 'foreign';
  readonly name: string;
  /** whose it is; null when nobody knows */
  readonly fractal: string | null;
  /** null when the store does not tell, or there is nothing */
  readonly sizeBytes: number | null;
  readonly ageMs: number | null;
  readonly removed: boolean;
}

export interface CheckOptions {
  readonly ledger: Ledger;
  readonly store: Inventory;
  readonly atOnce: number;
  /** reads every object and compares its SHA-256 */
  readonly deep: boolean;
  /** takes away what nobody knows, when it is older than ORPHAN_AGE_MS */
  readonly removeOrphans: boolean;
  readonly signal: AbortSignal;
  readonly onFinding: (finding: StoreFinding) => void;
  readonly onFractals: (count: number) => void;
  /** milliseconds since 1970 */
  readonly now?: () => number;
}

/**
 * Compares database and store both ways, beside a service that runs. Memory depends neither on how many fractals there are nor on how many objects.
 * @throws {Fault} `unavailable`; the signal's reason
 */
export async function checkStore(options: CheckOptions): Promise<void> {
  const { ledger, atOnce, signal, onFractals } = options;
  for (let page = await ledger.page(0, FRACTALS_A_PAGE); page; page = await ledger.page(page.lastSeq, FRACTALS_A_PAGE)) {
    const done = countFractals(page, onFractals);
    await inParallel(page.objects, atOnce, async (object) => {
      signal.throwIfAborted();
      await checkKnown(object, options);
      done(object);
    });
  }
  await findOrphans(options);
}

async function checkKnown(object: KnownObject, { ledger, store, deep, onFinding }: CheckOptions): Promise<void> {
  const { key, sizeBytes, sha256, fractal, kind } = object;
  const found = await store.find(key);
  const damage = async () => deep && sha256 !== null && (await hashOf(store, key)) !== sha256;
  const problem = !found
    ? 'missing'
    : sizeBytes !== null && found.sizeBytes !== sizeBytes
      ? 'size'
      : (await damage())
        ? 'damaged'
        : null;
  if (problem === null) return;
  // Not every picture has a thumbnail; and what was deleted meanwhile is no loss.
  if (problem === 'missing' && kind === 'thumbnail') return;
  if ((await ledger.strangers([key])).has(key)) return;
  onFinding({ problem, name: key, fractal, sizeBytes: found?.sizeBytes ?? null, ageMs: null, removed: false });
}

async function findOrphans({ ledger, store, signal, removeOrphans, onFinding, now = Date.now }: CheckOptions): Promise<void> {
  const isOld = (modifiedAt: number) => now() - modifiedAt > ORPHAN_AGE_MS;
  const tell = (problem: StoreFinding['problem'], { name, sizeBytes, modifiedAt }: StoredObject | Leftover, removed: boolean) =>
    onFinding({ problem, name, fractal: null, sizeBytes, ageMs: Math.max(0, now() - modifiedAt), removed });
  const judge = async (objects: readonly StoredObject[]) => {
    signal.throwIfAborted();
    const strangers = await ledger.strangers(objects.map(({ name }) => name));
    for (const object of objects) {
      const { name, modifiedAt } = object;
      if (!isObjectKey(name)) tell('foreign', object, false);
      else if (strangers.has(name)) {
        const removed = removeOrphans && isOld(modifiedAt);
        if (removed) await store.remove(name);
        tell('orphan', object, removed);
      }
    }
  };
  let some: StoredObject[] = [];
  for await (const object of store.list()) {
    some.push(object);
    if (some.length < NAMES_AT_ONCE) continue;
    await judge(some);
    some = [];
  }
  await judge(some);
  for await (const leftover of store.leftovers()) {
    signal.throwIfAborted();
    const removed = removeOrphans && isOld(leftover.modifiedAt);
    if (removed) await leftover.remove();
    tell('leftover', leftover, removed);
  }
}
