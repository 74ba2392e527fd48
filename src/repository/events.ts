import { sql } from 'kysely';
import type { FractalId } from '../domain/ids.ts';
import type { EventRepository } from '../domain/repository.ts';
import type { Database } from './tables.ts';

/** Here an event's row number is its position: writers take turns, so numbers become visible in the order of commits. */
export function eventRepository({ db, can }: Database): EventRepository {
  return {
    async epoch() {
      return (await db.selectFrom('history').select('epoch').executeTakeFirstOrThrow()).epoch;
    },

    async after(number, limit) {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('number', '>', number)
        .orderBy('number')
        .limit(limit)
        .execute();
      return rows.map(({ uuid, ...event }) => ({ ...event, fractal: uuid as FractalId }));
    },

    async range() {
      // Two queries: SQLite takes the end of an index for one min or max, and reads the whole table for both at once.
      const { oldest } = await db
        .selectFrom('events')
        .select((eb) => eb.fn.min('number').as('oldest'))
        .executeTakeFirstOrThrow();
      const { newest } = await db
        .selectFrom('events')
        .select((eb) => eb.fn.max('number').as('newest'))
        .executeTakeFirstOrThrow();
      return { oldest: oldest ?? 0, newest: newest ?? 0 };
    },

    async prune(maxAgeMs) {
      await db
        .deleteFrom('events')
        .where('at', '<', sql<number>`${can.nowMs} - ${maxAgeMs}`)
        .where('number', '<', (eb) => eb.selectFrom('events').select((e) => e.fn.max('number').as('newest')))
        .execute();
    },
  };
}
