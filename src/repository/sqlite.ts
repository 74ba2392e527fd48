import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement, sql } from 'kysely';
import { Fault } from '../domain/fault.ts';
import { buildRepository, migrate, type OpenedDatabase } from './build.ts';
import { type ColumnTypes, migrationsFor } from './migrations.ts';
import type { Database, Tables } from './tables.ts';
import { telling, transactionsOf, type Verdict } from './transactions.ts';

/** The WAL-reset bug, which can lose commits, is fixed from here on. Source: https://sqlite.org/releaselog/3_51_3.html */
const OLDEST_SAFE_SQLITE = [3, 51, 3] as const;

const COLUMN_TYPES: ColumnTypes = {
  numbered: (table, column) => table.addColumn(column, 'integer', (c) => c.primaryKey().autoIncrement()),
  name: (length) => `varchar(${length})`,
  bytes: 'blob',
  ofSpec: (name) => sql<string>`json_extract(spec, ${sql.lit(`$.${name}`)})`,
  numbersEvents: true,
};

/**
 * State in one SQLite file, for one process at a time: a second one is refused while the first lives. Every commit is on the disk
 * before it is answered (WAL with synchronous=FULL), so kill -9 and power failures lose nothing.
 * @param path of the file; its folder is made when missing
 * @param options.beside for a word or two beside the process that uses it, if there is one: then its tables are taken as they are
 * @param options.look only to look at an existing one: nothing of it is changed, nobody is kept out
 * @throws {Fault} `conflict` when another process has it open, `unavailable` when it cannot be opened
 */
export async function openSqliteRepository(path: string, { beside = false, look = false } = {}): Promise<OpenedDatabase> {
  let handle: DatabaseSync;
  let lock: DatabaseSync | undefined;
  try {
    if (!look) {
      mkdirSync(dirname(path), { recursive: true });
      lock = beside ? takeLockIfFree(`${path}.lock`) : takeLock(`${path}.lock`);
    }
    handle = new DatabaseSync(path, { timeout: 5_000, readOnly: look });
    refuseOldSqlite(handle);
    if (!look)
      handle.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory');
  } catch (cause) {
    lock?.close();
    if (cause instanceof Fault) throw cause;
    throw new Fault('unavailable', `The database ${path} cannot be opened: ${(cause as Error).message}.`, { cause });
  }
  const dialect = telling(new SqliteDialect({ database: adapt(handle) }), judge, path);
  const db = new Kysely<Tables>({ dialect });
  const durably = transactionsOf(db);
  const database: Database = {
    db,
    can: {
      nowMs: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
      runsSideBySide: false,
      hasOnConflict: true,
      needsIndexHints: false,
      joinsWrites: false,
      sharedLock: sql``,
    },
    durably,
    lightly: (work) =>
      db.connection().execute(async (connection) => {
        await sql`pragma synchronous = normal`.execute(connection);
        try {
          return await connection.transaction().execute(work);
        } finally {
          await sql`pragma synchronous = full`.execute(connection);
        }
      }),
  };
  const provider = migrationsFor(COLUMN_TYPES);
  try {
    // Who has the lock has migrated it already.
    if (lock) await migrate(database, provider, path);
    else if (!look) await refuseOldTables(db, path);
  } catch (error) {
    await db.destroy();
    lock?.close();
    throw error;
  }
  return buildRepository(database, provider, () => lock?.close());
}

/** Primary and extended result codes. Source: https://sqlite.org/rescode.html */
function judge(error: unknown): Verdict {
  const primary = ((error as { errcode?: number }).errcode ?? 0) & 0xff;
  if (primary === 13) return 'full';
  return [5, 6, 8, 10, 14].includes(primary) ? 'unavailable' : 'defect';
}

/** A write transaction held for the life of the process on a file of its own: the system ends it even after kill -9. */
function takeLock(path: string): DatabaseSync {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch (cause) {
    lock.close();
    if (!/locked|busy/i.test((cause as Error).message)) throw cause;
    throw new Fault(
      'conflict',
      `Another faafo process uses ${path.replace(/\.lock$/, '')}: stop it, or choose another data_dir.`,
      { cause },
    );
  }
}

function takeLockIfFree(path: string): DatabaseSync | undefined {
  try {
    return takeLock(path);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** @throws {Fault} `conflict` when the process that uses them has not all the tables that this one knows */
async function refuseOldTables(db: Kysely<Tables>, path: string): Promise<void> {
  const found = await sql<{ name: string }>`select name from sqlite_master where name = 'tokens'`.execute(db);
  if (found.rows.length > 0) return;
  throw new Fault('conflict', `The faafo process that uses ${path} is of an older release: start it anew with this one first.`);
}

function refuseOldSqlite(handle: DatabaseSync): void {
  const { version } = handle.prepare('select sqlite_version() as version').get() as { version: string };
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const [a, b, c] = OLDEST_SAFE_SQLITE;
  if (major * 1e6 + minor * 1e3 + patch < a * 1e6 + b * 1e3 + c) {
    throw new Fault('unavailable', `This Node.js brings SQLite ${version}, which can lose commits: use a newer Node.js.`);
  }
}

/** node:sqlite in the shape that kysely's dialect expects; statements are prepared once and kept. */
function adapt(handle: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => handle.close(),
    prepare: (text) => {
      let statement = statements.get(text);
      if (!statement) {
        // Texts vary only with the number of rows in a multi-row insert, so this limit is never met in practice.
        if (statements.size >= 500) statements.clear();
        statement = adaptStatement(handle.prepare(text));
        statements.set(text, statement);
      }
      return statement;
    },
  };
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  const bound = (parameters: ReadonlyArray<unknown>) => parameters as SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bound(parameters)),
    run: (parameters) => statement.run(...bound(parameters)),
    iterate: (parameters) => statement.iterate(...bound(parameters)),
  };
}
