import { sql } from 'kysely';
import type { TrashRepository } from '../domain/repository.ts';
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

    async forget(ids) {
      if (ids.length > 0) await db.deleteFrom('trash').where('id', 'in', ids).execute();
    },
  };
}
