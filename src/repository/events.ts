import { sql } from 'kysely';
import type { FractalId } from '../domain/ids.ts';
import type { EventRepository } from '../domain/repository.ts';
import type { Database, Tx } from './tables.ts';

const NUMBERED_AT_ONCE = 500;

/**
 * Where writers take turns, an event's row number is its position. Where transactions run side by side, numbers would become visible out of order
 * and readers would skip some: there events wait in an outbox, and whoever reads numbers what has been committed, one process at a time.
 */
export function eventRepository(database: Database): EventRepository {
  const { db, can } = database;
  const settle = () => (can.runsSideBySide ? numberCommitted(database) : undefined);
  return {
    async epoch() {
      return (await db.selectFrom('history').select('epoch').executeTakeFirstOrThrow()).epoch;
    },

    async after(number, limit) {
      await settle();
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
      await settle();
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
      await settle();
      const { newest } = await db
        .selectFrom('events')
        .select((eb) => eb.fn.max('number').as('newest'))
        .executeTakeFirstOrThrow();
      await db
        .deleteFrom('events')
        // In a query of its own: PostgreSQL asks its clock for each row otherwise, and reads the whole history instead of an index.
        .where('at', '<', sql<number>`(select ${can.nowMs} - ${maxAgeMs})`)
        .where('number', '<', newest ?? 0)
        .execute();
    },
  };
}

/** Moves the outbox into the history. The one row of `history` is the lock: numbers become visible in their order. */
async function numberCommitted(database: Database): Promise<void> {
  for (;;) {
    const waiting = await database.db.selectFrom('outbox').select('id').limit(1).executeTakeFirst();
    if (!waiting) return;
    const numbered = await database.lightly(numberSome);
    if (numbered < NUMBERED_AT_ONCE) return;
  }
}

async function numberSome(tx: Tx): Promise<number> {
  await tx.selectFrom('history').select('epoch').forUpdate().executeTakeFirst();
  const waiting = await tx.selectFrom('outbox').selectAll().orderBy('id').limit(NUMBERED_AT_ONCE).execute();
  if (waiting.length === 0) return 0;
  const { newest } = await tx
    .selectFrom('events')
    .select((eb) => eb.fn.max('number').as('newest'))
    .executeTakeFirstOrThrow();
  const events = waiting.map(({ id: _, ...event }, i) => ({ ...event, number: (newest ?? 0) + 1 + i }));
  await tx.insertInto('events').values(events).execute();
  await tx
    .deleteFrom('outbox')
    .where(
      'id',
      'in',
      waiting.map(({ id }) => id),
    )
    .execute();
  return waiting.length;
}
