import { sql } from 'kysely';
import type { Inventory, StoredObject } from '../domain/store.ts';
import type { Database } from './tables.ts';

const PAGE = 1000;

/** What is there of the objects in the database; see objectStore. */
export function countObjects(database: Database): Pick<Inventory, 'find' | 'list' | 'leftovers'> {
  const { db } = database;
  return {
    async find(key) {
      const [object] = await describe(database, [key]);
      return object ?? null;
    },

    async *list() {
      for (let last = ''; ; ) {
        const rows = await db.selectFrom('objects').select('key').where('key', '>', last).orderBy('key').limit(PAGE).execute();
        if (rows.length === 0) return;
        const keys = rows.map(({ key }) => key);
        yield* await describe(database, keys);
        last = keys.at(-1)!;
      }
    },

    async *leftovers() {
      const versions = await db
        .selectFrom('object_parts')
        .select(['version', sql<number>`max(at)`.as('at'), sql<number>`sum(length(bytes))`.as('size_bytes')])
        .where('version', 'not in', (eb) => eb.selectFrom('objects').select('version'))
        .groupBy('version')
        .execute();
      for (const { version, at, size_bytes } of versions) {
        const remove = async () => void (await db.deleteFrom('object_parts').where('version', '=', version).execute());
        yield { name: `object_parts/${version}`, sizeBytes: Number(size_bytes), modifiedAt: Number(at), remove };
      }
    },
  };
}

/** An empty object has no parts, and so no time: it counts as old. */
async function describe({ db }: Database, keys: readonly string[]): Promise<StoredObject[]> {
  const rows = await db
    .selectFrom('objects')
    .leftJoin('object_parts', (join) =>
      join.onRef('object_parts.version', '=', 'objects.version').on('object_parts.part', '=', 0),
    )
    .select(['key', 'size_bytes', 'at'])
    .where('key', 'in', keys)
    .execute();
  return rows.map(({ key, size_bytes: sizeBytes, at }) => ({ name: key, sizeBytes, modifiedAt: at ?? 0 }));
}
