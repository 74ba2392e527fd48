import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { PoolUse } from '../domain/telemetry.ts';
import { buildRepository, migrate, type OpenedDatabase } from './build.ts';
import { connectOptions, explainTls, postgresTls, type TlsUrl } from './database-tls.ts';
import { type ColumnTypes, migrationsFor } from './migrations.ts';
import { IDLE_TRANSACTION_MS, type OpenOptions, QUERY_MS, untilReached } from './open.ts';
import type { Database, Tables } from './tables.ts';
import { telling, transactionsOf, type Verdict } from './transactions.ts';

const BIGINT = 20;
const NUMERIC = 1700;
/** Longer texts are inserts of many rows, each number of them a text of its own. */
const LONGEST_PREPARED = 2_000;
const MOST_PREPARED = 200;

const COLUMN_TYPES: ColumnTypes = {
  numbered: (table, column) => table.addColumn(column, 'bigserial', (c) => c.primaryKey()),
  name: (length) => sql.raw(`varchar(${length}) collate "C"`),
  bytes: 'bytea',
  ofSpec: (name) => sql<string>`spec::json ->> ${sql.lit(name)}`,
  numbersEvents: false,
};

/**
 * State in PostgreSQL, shared by any number of processes.
 * @param url postgresql://user:password@host:port/database, with libpq's options for TLS
 * @throws {Fault} `invalid` for options that cannot be; `unavailable` when it cannot be reached for half a minute, or refuses; its sentence says why
 */
export async function openPostgresRepository(
  url: string,
  { name, onWait, queryMs = QUERY_MS, look = false }: OpenOptions,
): Promise<OpenedDatabase> {
  const late = { ms: 0 };
  const to = postgresTls(url);
  const pool = openPool(to, late, 10);
  const lightPool = openPool(to, late, 6, '-c synchronous_commit=off');
  const open = (from: pg.Pool) => new Kysely<Tables>({ dialect: telling(new PostgresDialect({ pool: from }), judge, name) });
  const [db, lightDb] = [open(pool), open(lightPool)];
  const database: Database = {
    db,
    can: {
      nowMs: sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
      runsSideBySide: true,
      hasOnConflict: true,
      needsIndexHints: false,
      joinsWrites: true,
      sharedLock: sql`for share`,
    },
    durably: transactionsOf(db),
    lightly: transactionsOf(lightDb),
  };
  const provider = migrationsFor(COLUMN_TYPES);
  try {
    await untilReached(async () => await pool.query('select 1'), judge, { name, onWait, look });
    if (!look) await migrate(database, provider, name);
    late.ms = queryMs;
  } catch (error) {
    await Promise.all([db.destroy(), lightDb.destroy()]);
    throw error;
  }
  return buildRepository(
    database,
    provider,
    () => lightDb.destroy(),
    () => [poolUse('durable', pool), poolUse('light', lightPool)],
  );
}

/**
 * @param late see giveUpWhenLate
 * @param options of the server's for these connections
 */
function openPool({ url, tls }: TlsUrl, late: { readonly ms: number }, max: number, options?: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    ...(tls && { ssl: { ...connectOptions(tls), ...(!tls.verifiesHost && { checkServerIdentity: () => undefined }) } }),
    Client: PreparingClient,
    max,
    connectionTimeoutMillis: 5_000,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
    keepAlive: true,
    application_name: 'faafo',
    ...(options && { options }),
    // Only for these connections: every number of ours fits a double.
    types: { getTypeParser: (oid, format) => (oid === BIGINT || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format)) },
  });
  // A connection that broke while nobody used it: the pool has thrown it away.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    // One that breaks between two queries of a transaction: the next of them rejects.
    client.on('error', () => undefined);
    giveUpWhenLate(client, late);
  });
  return pool;
}

const poolUse = (name: string, { totalCount, idleCount, waitingCount }: pg.Pool): PoolUse => ({
  pool: name,
  used: totalCount - idleCount,
  idle: idleCount,
  waiting: waitingCount,
});

/** Every query has few texts, which the server parses and plans once for each connection: that was a third of what it did. */
class PreparingClient extends pg.Client {
  readonly #names = new Map<string, string>();

  override query(...words: unknown[]): never {
    const [text, values] = words;
    if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0 || text.length > LONGEST_PREPARED) {
      return super.query(...(words as [string])) as never;
    }
    let name = this.#names.get(text);
    if (name === undefined && this.#names.size < MOST_PREPARED) {
      name = `q${this.#names.size}`;
      this.#names.set(text, name);
    }
    return super.query({ ...(name !== undefined && { name }), text, values }) as never;
  }
}

/** @param late how long a query may take; 0 while there is no limit */
function giveUpWhenLate(client: pg.PoolClient, late: { readonly ms: number }): void {
  const query = client.query.bind(client) as (...words: unknown[]) => unknown;
  const timed = (...words: unknown[]): unknown => {
    const answer = query(...words);
    if (late.ms === 0 || !(answer instanceof Promise)) return answer;
    // Ended with a query under way it is cut off, and the query rejects.
    const timer = setTimeout(() => (client as unknown as pg.Client).end(), late.ms);
    return answer.finally(() => clearTimeout(timer));
  };
  client.query = timed as typeof client.query;
}

/** Source: https://www.postgresql.org/docs/15/errcodes-appendix.html */
function judge(error: unknown): Verdict {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (code === '40P01' || code === '40001') return 'deadlock';
  if (code === '53100') return 'full';
  // 25006: it is a standby, or about to stop. 25P03: see IDLE_TRANSACTION_MS.
  if (explainTls(error) !== undefined) return 'unavailable';
  if (/^(08|53|57P|58)/.test(code) || code === '25006' || code === '25P03') return 'unavailable';
  if (/^(E[A-Z]+|EAI_.*)$/.test(code) && !code.startsWith('ERR_')) return 'unavailable';
  return /terminat|timeout|not queryable|end after calling/i.test(message) && !/^\d/.test(code) ? 'unavailable' : 'defect';
}
