import type { Selectable } from 'kysely';
import type { Pause, PauseRepository } from '../domain/repository.ts';
import type { Database, PauseTable, Tx } from './tables.ts';

/** One row, which is there from the first start on. */
export function pauseRepository(database: Database): PauseRepository {
  const { db, can } = database;
  return {
    read: async () => toPause(await find(db)),

    begin: (by, why) =>
      database.durably(async (tx) => {
        // Waits for those who claim at this moment, and hold the row as it is.
        await tx
          .updateTable('pause')
          .set({ since: can.nowMs, by_name: by, why })
          .where('id', '=', 1)
          .where('since', 'is', null)
          .execute();
        return toPause(await find(tx))!;
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

const find = (db: Database['db'] | Tx) => db.selectFrom('pause').selectAll().where('id', '=', 1).executeTakeFirstOrThrow();

const toPause = ({ since, by_name: by, why }: Selectable<PauseTable>): Pause | null =>
  since === null ? null : { since, by, why };

/** Decides whether this transaction may claim: until it has ended, who pauses the queue waits. */
export async function isPaused({ can }: Database, tx: Tx): Promise<boolean> {
  const { since } = await tx
    .selectFrom('pause')
    .select('since')
    .where('id', '=', 1)
    .modifyEnd(can.sharedLock)
    .executeTakeFirstOrThrow();
  return since !== null;
}
