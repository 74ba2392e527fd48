import { Fault } from '../domain/fault.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';

/** Finished pictures on either side that are looked for. */
const LOOKED_FOR = 3;

/**
 * Whether the pictures that were ordered just before and after this one are in the store, most of them. Then the store is the right one and is there, and what is
 * missing is lost; a folder that is not mounted has none of them, or none of the older ones.
 */
export async function hasNeighbours({ repository, store }: Pick<Ports, 'repository' | 'store'>, id: FractalId): Promise<boolean> {
  const fractal = await repository.fractals.find(id);
  if (!fractal) return false;
  const before = await repository.fractals.list({ state: 'done' }, { limit: LOOKED_FOR, beforeSeq: fractal.seq });
  const after = await repository.fractals.finishedAfter(fractal.seq, LOOKED_FOR);
  const keys = [...before, ...after].flatMap(({ picture }) => (picture ? [picture.key] : []));
  let there = 0;
  for (const key of keys) {
    try {
      for await (const _ of await store.get(key, { start: 0, end: 1 }));
      there++;
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'not_found') throw error;
    }
  }
  return there * 2 > keys.length;
}
