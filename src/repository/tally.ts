import { sql } from 'kysely';
import { type FractalState, isFinal } from '../domain/states.ts';
import type { Capabilities, FractalsTable, Tx } from './tables.ts';

export const SLOTS = 16;

/** What the tallies know of a fractal. */
export type Tallied = Pick<FractalsTable, 'cost' | 'client' | 'size_bytes'> & { readonly seq: number };

/**
 * Counts a fractal from one state to another; null is where it comes from when it is ordered, and where it goes when it is deleted. Call in the
 * transaction that changes the state, when it has all its other locks.
 * @param bytes of the picture that comes or goes with that; only finished ones have any
 */
export async function tally(
  tx: Tx,
  can: Capabilities,
  fractal: Tallied,
  from: FractalState | null,
  to: FractalState | null,
  bytes = fractal.size_bytes ?? 0,
): Promise<void> {
  const arrives = sql`state = ${to ?? ''}`;
  await tx
    .updateTable('tallies')
    .set({
      fractals: sql`case when ${arrives} then fractals + 1 else fractals - 1 end`,
      cost: sql`case when ${arrives} then cost + ${fractal.cost} else cost - ${fractal.cost} end`,
      bytes: sql`case when ${arrives} then bytes + ${to === 'done' ? bytes : 0} else bytes - ${from === 'done' ? bytes : 0} end`,
    })
    .where('slot', '=', fractal.seq % SLOTS)
    .where(
      'state',
      'in',
      [from, to].filter((state) => state !== null),
    )
    .execute();
  const outstanding = (state: FractalState | null) => (state !== null && !isFinal(state) ? fractal.cost : 0);
  const change = outstanding(to) - outstanding(from);
  if (change > 0) await charge(tx, can, fractal, change);
  if (change < 0) await discharge(tx, fractal, change);
}

async function charge(tx: Tx, { hasOnConflict }: Capabilities, { client, seq }: Tallied, cost: number): Promise<void> {
  const insert = tx.insertInto('clients').values({ client, slot: seq % SLOTS, cost });
  const more = { cost: sql<number>`clients.cost + ${cost}` };
  const upsert = hasOnConflict
    ? insert.onConflict((conflict) => conflict.columns(['client', 'slot']).doUpdateSet(more))
    : insert.onDuplicateKeyUpdate(more);
  await upsert.execute();
}

async function discharge(tx: Tx, { client, seq }: Tallied, change: number): Promise<void> {
  await tx
    .updateTable('clients')
    .set({ cost: sql`cost + ${change}` })
    .where('client', '=', client)
    .where('slot', '=', seq % SLOTS)
    .execute();
}
