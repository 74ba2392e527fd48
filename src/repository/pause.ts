import { type Selectable, sql } from 'kysely';
import type { Pause, PauseRepository } from '../domain/repository.ts';
import type { Capabilities, Database, PauseTable, Tx } from './tables.ts';

/** One row, which is there from the first start on. */
export function pauseRepository(database: Database): PauseRepository {
  const { db, can } = database;
  return {
    read: async () => toPause(await find(db).executeTakeFirstOrThrow()),

    begin: (by, why) =>
      database.durably(async (tx) => {
        // Waits for those who claim at this moment, and hold the row as it is; and who ends the pause meanwhile waits for us.
        const before = toPause(
          await find(tx)
            .$if(can.runsSideBySide, (query) => query.forUpdate())
            .executeTakeFirstOrThrow(),
        );
        if (before !== null) return before;
        await tx.updateTable('pause').set({ since: can.nowMs, by_name: by, why }).where('id', '=', 1).execute();
        return toPause(await find(tx).executeTakeFirstOrThrow())!;
      }),

    end: () =>
      database.durably(async (tx) => {
        const ended = await tx
          .updateTable('pause')
          .set({ since: null, by_name: null, why: null })
          .where('id', '=', 1)
          .where('since', 'is not', null)
          .executeTakeFirst();
        return ended.numUpdatedRows === 1n;
      }),
  };
}

const find = (db: Database['db'] | Tx) => db.selectFrom('pause').selectAll().where('id', '=', 1);

const toPause = ({ since, by_name: by, why }: Selectable<PauseTable>): Pause | null =>
  since === null ? null : { since, by, why };

/**
 * A column that says since when the queue is paused, null while it goes on; until the transaction has ended who pauses it waits. Within a query that is made anyway: it is
 * read for every claim, and a journey of its own would cost more than the look.
 */
export const pausedSince = ({ sharedLock }: Capabilities) =>
  sql<number | null>`(select since from pause where id = 1 ${sharedLock})`.as('paused_since');
