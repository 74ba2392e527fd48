import { type RawBuilder, sql } from 'kysely';
import { type FractalState, isFinal } from '../domain/states.ts';
import type { Capabilities, FractalsTable, KindsTable, Tx } from './tables.ts';
import type { Write } from './writes.ts';

export const SLOTS = 16;

/** What the tallies know of a fractal; size_bytes is that of the picture that comes or goes with the move, and only finished ones have any. */
export type Tallied = Pick<FractalsTable, 'cost' | 'client' | 'size_bytes' | 'owner' | 'formula' | 'palette'> & {
  readonly seq: number;
};

/**
 * Counts fractals from one state to another; null is where they come from when they are ordered, and where they go when they are deleted. To be written in the
 * transaction that changes the state, when it has all its other locks. Only sums count, so any slot will do: by chance, so that those who write side by side
 * seldom wait for each other.
 */
export function tallied(
  tx: Tx,
  can: Capabilities,
  fractals: readonly Tallied[],
  from: FractalState | null,
  to: FractalState | null,
): Write[] {
  const slot = Math.floor(Math.random() * SLOTS);
  const arrives = sql`state = ${to ?? ''}`;
  const cost = fractals.reduce((sum, each) => sum + each.cost, 0);
  const bytes = fractals.reduce((sum, each) => sum + (each.size_bytes ?? 0), 0);
  const tally = tx
    .updateTable('tallies')
    .set({
      fractals: sql`case when ${arrives} then fractals + ${fractals.length} else fractals - ${fractals.length} end`,
      cost: sql`case when ${arrives} then cost + ${cost} else cost - ${cost} end`,
      bytes: sql`case when ${arrives} then bytes + ${to === 'done' ? bytes : 0} else bytes - ${from === 'done' ? bytes : 0} end`,
    })
    .where('slot', '=', slot)
    .where(
      'state',
      'in',
      [from, to].filter((state) => state !== null),
    );
  const isOutstanding = (state: FractalState | null) => state !== null && !isFinal(state);
  const sign = Number(isOutstanding(to)) - Number(isOutstanding(from));
  const kinds = countKinds(tx, can, fractals, slot, from, to);
  return sign === 0 ? [tally, kinds] : [tally, kinds, charge(tx, can, fractals, slot, sign)];
}

/** The owner under whom everybody's fractals are counted. */
export const EVERYBODY = '';

/** In the order of their key, so that two who count the same kinds do not wait in a circle. */
function countKinds(
  tx: Tx,
  { hasOnConflict }: Capabilities,
  fractals: readonly Tallied[],
  slot: number,
  from: FractalState | null,
  to: FractalState | null,
): Write {
  const counts = new Map<string, Omit<KindsTable, 'slot'>>();
  for (const { owner, formula, palette } of fractals) {
    for (const whose of owner === null ? [EVERYBODY] : [EVERYBODY, owner]) {
      for (const [state, change] of [[from, -1] as const, [to, 1] as const]) {
        if (state === null) continue;
        const key = `${whose} ${formula} ${palette} ${state}`;
        const before = counts.get(key)?.fractals ?? 0;
        counts.set(key, { owner: whose, formula, palette, state, fractals: before + change });
      }
    }
  }
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => ({ ...count, slot }));
  const insert = tx.insertInto('kinds').values(rows);
  const more = (added: RawBuilder<number>) => ({ fractals: sql<number>`kinds.fractals + ${added}` });
  return hasOnConflict
    ? insert.onConflict((conflict) =>
        conflict.columns(['owner', 'formula', 'palette', 'state', 'slot']).doUpdateSet(more(sql`excluded.fractals`)),
      )
    : insert.onDuplicateKeyUpdate(more(sql`values(fractals)`));
}

/** In the order of their names, so that two who charge the same clients do not wait in a circle. */
function charge(tx: Tx, { hasOnConflict }: Capabilities, fractals: readonly Tallied[], slot: number, sign: number): Write {
  const costs = new Map<string, number>();
  for (const { client, cost } of fractals) costs.set(client, (costs.get(client) ?? 0) + sign * cost);
  const rows = [...costs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([client, cost]) => ({ client, slot, cost }));
  const insert = tx.insertInto('clients').values(rows);
  const more = (added: RawBuilder<number>) => ({ cost: sql<number>`clients.cost + ${added}` });
  return hasOnConflict
    ? insert.onConflict((conflict) => conflict.columns(['client', 'slot']).doUpdateSet(more(sql`excluded.cost`)))
    : insert.onDuplicateKeyUpdate(more(sql`values(cost)`));
}
