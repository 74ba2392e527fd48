import { sql } from 'kysely';
import { MAX_COUNTED, type TrashRepository } from '../domain/repository.ts';
import type { ObjectKey } from '../domain/store.ts';
import type { Database } from './tables.ts';

export function trashRepository({ db, can }: Database): TrashRepository {
  return {
    async list(limit, minAgeMs) {
      const rows = await db
        .selectFrom('trash')
        .select(['id', 'key'])
        .where('at', '<=', sql<number>`${can.nowMs} - ${minAgeMs}`)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(({ id, key }) => ({ id, key: key as ObjectKey }));
    },

    async count() {
      const some = db.selectFrom('trash').select('id').limit(MAX_COUNTED).as('some');
      const { n } = await db
        .selectFrom(some)
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
      return n;
    },

    async forget(ids) {
      if (ids.length > 0) await db.deleteFrom('trash').where('id', 'in', ids).execute();
    },
  };
}
