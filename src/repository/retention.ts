import { sql } from 'kysely';
import type { RetentionRepository } from '../domain/repository.ts';
import { FRACTAL_STATES, type FractalState, isFinal } from '../domain/states.ts';
import { takeAway } from './fractals.ts';
import type { FractalRow } from './rows.ts';
import type { Database, Tx } from './tables.ts';

const FINAL = FRACTAL_STATES.filter(isFinal);

export function retentionRepository(database: Database): RetentionRepository {
  return {
    async removeOlderThan(maxAgeMs, limit) {
      let removed = 0;
      for (const state of FINAL) {
        const oldest = await findOldest(database, state, limit - removed, maxAgeMs);
        if (oldest.length === 0) continue;
        removed += await database.durably(async (tx) => {
          const rows = await lock(database, tx, state, oldest);
          for (const row of rows) await takeAway(database, tx, row);
          return rows.length;
        });
      }
      return removed;
    },

    async removeBeyond(maxBytes, limit) {
      if ((await storedBytes(database.db)) <= maxBytes) return 0;
      const oldest = await findOldest(database, 'done', limit);
      return await database.durably(async (tx) => {
        // The locks come first: who had to wait for them then sees the sum without what another process has taken away.
        const rows = await lock(database, tx, 'done', oldest);
        let excess = (await storedBytes(tx)) - maxBytes;
        let removed = 0;
        for (const row of rows) {
          if (excess <= 0) break;
          await takeAway(database, tx, row);
          excess -= row.size_bytes ?? 0;
          removed++;
        }
        return removed;
      });
    },
  };
}

/** Read from one end of an index, however many there are; the time as a query of its own, because PostgreSQL's clock goes on while it reads. */
async function findOldest({ db, can }: Database, state: FractalState, limit: number, minAgeMs?: number): Promise<number[]> {
  const rows = await db
    .selectFrom('fractals')
    .select('seq')
    .where('state', '=', state)
    .where('finished_at', 'is not', null)
    .$if(minAgeMs !== undefined, (query) =>
      query.where('finished_at', '<', sql<number>`(select ${can.nowMs} - ${minAgeMs ?? 0})`),
    )
    .orderBy('finished_at')
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(({ seq }) => seq);
}

/** Those that are still in that state: what is drawn again meanwhile stays, and what another process took away is not there. */
async function lock({ can }: Database, tx: Tx, state: FractalState, seqs: readonly number[]): Promise<FractalRow[]> {
  if (seqs.length === 0) return [];
  // By number alone: asked for the state as well, SQLite reads the index over states.
  const rows = await tx
    .selectFrom('fractals')
    .selectAll()
    .where('seq', 'in', seqs)
    .orderBy('seq')
    .$if(can.runsSideBySide, (query) => query.forUpdate())
    .execute();
  return rows.filter((row) => row.state === state).sort((a, b) => (a.finished_at ?? 0) - (b.finished_at ?? 0) || a.seq - b.seq);
}

async function storedBytes(db: Database['db'] | Tx): Promise<number> {
  const { bytes } = await db
    .selectFrom('tallies')
    .select((eb) => eb.fn.sum<number>('bytes').as('bytes'))
    .where('state', '=', 'done')
    .executeTakeFirstOrThrow();
  return bytes ?? 0;
}
