import { sql } from 'kysely';
import type { WorkerReport, WorkerRepository } from '../domain/repository.ts';
import type { Database } from './tables.ts';

/** What is asked every second must not grow with what somebody reports who has stolen a worker's token. */
const MOST_LISTED = 4_000;

/** What workers of earlier releases do not tell. */
const ADDED_LATER = { pixelsPerSecond: 0 } as const;

export function workerRepository({ db, can }: Database): WorkerRepository {
  return {
    async report(report) {
      const row = { host: report.host, seen_at: can.nowMs, report: JSON.stringify(report) };
      const insert = db.insertInto('workers').values({ id: report.id, ...row });
      const upsert = can.hasOnConflict
        ? insert.onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        : insert.onDuplicateKeyUpdate(row);
      await upsert.execute();
    },

    async list(maxAgeMs) {
      const rows = await db
        .selectFrom('workers')
        .selectAll()
        .select(can.nowMs.as('now'))
        .where('seen_at', '>=', sql<number>`${can.nowMs} - ${maxAgeMs}`)
        .orderBy('host')
        .orderBy('id')
        .limit(MOST_LISTED)
        .execute();
      return rows.map(({ report, seen_at, now }) => ({
        ...ADDED_LATER,
        ...(JSON.parse(report) as WorkerReport),
        seenAt: seen_at,
        silentMs: Math.max(0, now - seen_at),
      }));
    },

    async remove(id) {
      await db.deleteFrom('workers').where('id', '=', id).execute();
    },

    async prune(maxAgeMs) {
      await db.deleteFrom('workers').where('seen_at', '<', sql<number>`${can.nowMs} - ${maxAgeMs}`).execute();
    },
  };
}
