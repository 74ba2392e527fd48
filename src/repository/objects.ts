import { type RawBuilder, type Selectable, sql } from 'kysely';
import { Fault } from '../domain/fault.ts';
import { type Inventory, isObjectKey, type ObjectKey } from '../domain/store.ts';
import { countObjects } from './objects-inventory.ts';
import type { Database, ObjectsTable, Tx } from './tables.ts';
import { together } from './together.ts';
import { type Write, writeAll } from './writes.ts';

/** Fits every database's packets with room to spare. */
const PART_BYTES = 2 ** 20;
/** Longer than an object takes to be written; parts without an object that are older were left by a process that died. */
const ABANDONED_MS = 3600_000;
const READ_TRIES = 5;
/** Bands, pictures and thumbnails up to this size are written together, in one packet. */
const SMALL_BYTES = 2 ** 16;
const MOST_TOGETHER = 40;

/**
 * Objects in the database itself, as the Fractals application had them: nothing more to install, and every API process sees them. For trying out:
 * pictures make the database large and its backups slow.
 */
export function objectStore(database: Database): Inventory {
  const { db, can } = database;
  const inventory = countObjects(database);
  const putSmall = together(
    (objects: readonly SmallObject[]) => database.durably((tx) => putAll(database, tx, objects)),
    MOST_TOGETHER,
  );
  return {
    async put(key, content) {
      refuseNoKey(key);
      if (content instanceof Uint8Array && content.length <= SMALL_BYTES) return await putSmall({ key, bytes: content });
      const version = crypto.randomUUID();
      let size = 0;
      let part = 0;
      for await (const bytes of partsOf(content)) {
        await db.insertInto('object_parts').values({ version, part: part++, at: can.nowMs, bytes }).execute();
        size += bytes.length;
      }
      await database.durably((tx) => name(database, tx, [{ key, version, size_bytes: size }]));
    },

    async get(key, range) {
      refuseNoKey(key);
      for (let tries = 1; ; tries++) {
        const object = await db.selectFrom('objects').selectAll().where('key', '=', key).executeTakeFirst();
        if (!object) throw new Fault('not_found', `The store has no object ${key}.`);
        const bytes = await slices(database, object.version, {
          start: range?.start ?? 0,
          end: Math.min(range?.end ?? object.size_bytes, object.size_bytes),
        });
        if (bytes) return bytes;
        // Replaced between the two queries.
        if (tries === READ_TRIES) throw new Fault('not_found', `The object ${key} does not keep still.`);
      }
    },

    remove: (key) =>
      database.durably(async (tx) => {
        refuseNoKey(key);
        const object = await tx.selectFrom('objects').select('version').where('key', '=', key).executeTakeFirst();
        if (!object) return;
        await tx.deleteFrom('objects').where('key', '=', key).execute();
        await tx.deleteFrom('object_parts').where('version', '=', object.version).execute();
      }),

    // A database tells nobody how much room it has; a full one refuses the write, as `unavailable`.
    hasRoom: async () => true,
    space: async () => null,

    async ping() {
      await db.selectFrom('objects').select('version').limit(1).execute();
    },

    async find(key) {
      refuseNoKey(key);
      return await inventory.find(key);
    },

    list: inventory.list,
    leftovers: inventory.leftovers,

    [Symbol.asyncDispose]: async () => {},
  };
}

/** Removes what processes that died were writing. */
export async function sweepAbandonedParts({ db, can }: Database): Promise<void> {
  await db
    .deleteFrom('object_parts')
    .where('at', '<', (eb) => eb(can.nowMs, '-', ABANDONED_MS))
    .where('version', 'not in', (eb) => eb.selectFrom('objects').select('version'))
    .execute();
}

interface SmallObject {
  readonly key: ObjectKey;
  readonly bytes: Uint8Array;
}

/** Objects of one part, or none, with their parts. */
async function putAll(database: Database, tx: Tx, small: readonly SmallObject[]): Promise<undefined[]> {
  const { can } = database;
  const objects = small.map(({ key, bytes }) => ({ key, version: crypto.randomUUID(), size_bytes: bytes.length, bytes }));
  const parts = objects
    .filter(({ size_bytes }) => size_bytes > 0)
    .map(({ version, bytes }) => ({ version, part: 0, at: can.nowMs, bytes }));
  const written = parts.length > 0 ? [tx.insertInto('object_parts').values(parts)] : [];
  await name(
    database,
    tx,
    objects.map(({ bytes: _, ...object }) => object),
    written,
  );
  return small.map(() => undefined);
}

/** Gives parts the names under which they are found; what had them before goes. @param also written with it */
async function name(
  { can }: Database,
  tx: Tx,
  objects: readonly Selectable<ObjectsTable>[],
  also: readonly Write[] = [],
): Promise<void> {
  const keys = objects.map(({ key }) => key);
  const old = await tx
    .selectFrom('objects')
    .select('version')
    .where('key', 'in', keys)
    .$if(can.runsSideBySide, (query) => query.forUpdate())
    .execute();
  const insert = tx.insertInto('objects').values(objects);
  const row = (of: (column: string) => RawBuilder<never>) => ({ version: of('version'), size_bytes: of('size_bytes') });
  const upsert = can.hasOnConflict
    ? insert.onConflict((conflict) => conflict.column('key').doUpdateSet(row((column) => sql.raw(`excluded.${column}`))))
    : insert.onDuplicateKeyUpdate(row((column) => sql.raw(`values(${column})`)));
  const replaced = old.map(({ version }) => version);
  const gone = replaced.length > 0 ? [tx.deleteFrom('object_parts').where('version', 'in', replaced)] : [];
  await writeAll(tx, can, [...also, upsert, ...gone]);
}

function refuseNoKey(key: ObjectKey): void {
  if (!isObjectKey(key)) throw new Fault('invalid', `${JSON.stringify(key)} is no name of an object.`);
}

/** The content in parts of PART_BYTES, the last one smaller; an empty object has none. */
async function* partsOf(content: Uint8Array | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let part = Buffer.alloc(PART_BYTES);
  let filled = 0;
  for await (const piece of content instanceof Uint8Array ? [content] : content) {
    for (let at = 0; at < piece.length; ) {
      const some = piece.subarray(at, at + PART_BYTES - filled);
      part.set(some, filled);
      at += some.length;
      filled += some.length;
      if (filled < PART_BYTES) continue;
      yield part;
      part = Buffer.alloc(PART_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

/** One part at a time: memory does not grow with the picture. Null when the first part, which is read at once, is gone already. */
async function slices(
  { db }: Database,
  version: string,
  { start, end }: { start: number; end: number },
): Promise<AsyncIterable<Uint8Array> | null> {
  const read = async (part: number): Promise<Uint8Array | null> => {
    const row = await db
      .selectFrom('object_parts')
      .select('bytes')
      .where('version', '=', version)
      .where('part', '=', part)
      .executeTakeFirst();
    if (!row) return null;
    const from = part * PART_BYTES;
    // A copy: what the driver gives may be a piece of a buffer that it shares with others.
    return new Uint8Array(row.bytes.subarray(Math.max(0, start - from), end - from));
  };
  const [first, last] = [Math.floor(start / PART_BYTES), Math.ceil(end / PART_BYTES) - 1];
  const head = end > start ? await read(first) : new Uint8Array();
  if (!head) return null;
  return (async function* () {
    yield head;
    for (let part = first + 1; part <= last; part++) {
      const bytes = await read(part);
      if (!bytes) throw new Fault('not_found', 'The object was removed while it was read.');
      yield bytes;
    }
  })();
}
