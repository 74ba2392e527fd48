import { type Selectable, sql } from 'kysely';
import { READING_EVERY_MS, READINGS_KEPT_MS, type Reading, type ReadingRepository } from '../domain/repository.ts';
import type { Database, ReadingsTable } from './tables.ts';

/** A row for each ten seconds, whoever writes it: several processes keep no more than one would. */
export function readingRepository(database: Database): ReadingRepository {
  const { db, can } = database;
  const moment = async (): Promise<number> => {
    const { now } = await db.selectNoFrom(can.nowMs.as('now')).executeTakeFirstOrThrow();
    return now - (now % READING_EVERY_MS);
  };
  return {
    async isDue() {
      const at = await moment();
      return (await db.selectFrom('readings').select('at').where('at', '=', at).executeTakeFirst()) === undefined;
    },

    async add({ bandsPerSecond, pixelsPerSecond, speed, workers, waiting, leased, oldestMs, isPaused }) {
      const at = await moment();
      const row = {
        at,
        bands_per_second: bandsPerSecond,
        pixels_per_second: pixelsPerSecond,
        speed,
        workers,
        waiting,
        leased,
        oldest_ms: oldestMs,
        paused: isPaused ? 1 : 0,
      };
      // One that is lost with the power is missed by nobody.
      await database.lightly(async (tx) => {
        const insert = tx.insertInto('readings').values(row);
        await (can.hasOnConflict
          ? insert.onConflict((conflict) => conflict.column('at').doNothing())
          : insert.onDuplicateKeyUpdate({ at: sql`readings.at` })
        ).execute();
        await tx
          .deleteFrom('readings')
          .where('at', '<=', at - READINGS_KEPT_MS)
          .execute();
      });
    },

    async list(after = 0) {
      const rows = await db.selectFrom('readings').selectAll().where('at', '>', after).orderBy('at').execute();
      return rows.map(toReading);
    },
  };
}

const toReading = (row: Selectable<ReadingsTable>): Reading => ({
  at: row.at,
  bandsPerSecond: row.bands_per_second,
  pixelsPerSecond: row.pixels_per_second,
  speed: row.speed,
  workers: row.workers,
  waiting: row.waiting,
  leased: row.leased,
  oldestMs: row.oldest_ms,
  isPaused: row.paused === 1,
});
