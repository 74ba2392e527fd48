import { sql } from 'kysely';
import type { FractalState } from '../domain/states.ts';
import type { Tx } from './tables.ts';

const SLOTS = 16;

/** Adds `by` to the number of fractals in a state. Call in the transaction that changes the state. */
export async function tally(tx: Tx, state: FractalState, seq: number, by: 1 | -1): Promise<void> {
  const slot = seq % SLOTS;
  const updated = await tx
    .updateTable('tallies')
    .set({ fractals: sql`fractals + ${by}` })
    .where('state', '=', state)
    .where('slot', '=', slot)
    .executeTakeFirst();
  if (updated.numUpdatedRows === 0n) await tx.insertInto('tallies').values({ state, slot, fractals: by }).execute();
}
