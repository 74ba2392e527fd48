import { connect, isIP, type Socket } from 'node:net';
import { Kysely, MysqlDialect, sql } from 'kysely';
import { createPool, type Pool, type PoolConnection, type SslOptions } from 'mysql2';
import type { PoolUse } from '../domain/telemetry.ts';
import { buildRepository, migrate, type OpenedDatabase } from './build.ts';
import { connectOptions, explainTls, mysqlTls } from './database-tls.ts';
import { type ColumnTypes, migrationsFor } from './migrations.ts';
import { IDLE_TRANSACTION_MS, type OpenOptions, QUERY_MS, untilReached } from './open.ts';
import { resumable } from './resumable.ts';
import type { Database, Tables } from './tables.ts';
import { telling, transactionsOf, type Verdict } from './transactions.ts';

const COLUMN_TYPES: ColumnTypes = {
  numbered: (table, column) => table.addColumn(column, 'bigint', (c) => c.primaryKey().autoIncrement()),
  name: (length) => sql.raw(`varchar(${length}) character set ascii collate ascii_bin`),
  bytes: sql.raw('mediumblob'),
  ofSpec: (name) => sql<string>`json_unquote(json_extract(spec, ${sql.lit(`$.${name}`)}))`,
  numbersEvents: false,
};

/**
 * State in MariaDB (10.6 or newer) or MySQL (8.0 or newer), shared by any number of processes.
 * @param url mysql://user:password@host:port/database, with options for TLS
 * @throws {Fault} `invalid` for options that cannot be; `unavailable` when it cannot be reached for half a minute, or refuses; its sentence says why
 */
export async function openMysqlRepository(
  url: string,
  { name, onWait, queryMs = QUERY_MS, look = false }: OpenOptions,
): Promise<OpenedDatabase> {
  const late = { ms: 0 };
  const { url: plain, tls } = mysqlTls(url);
  const { hostname, port: portText, username, password, pathname } = new URL(plain);
  const [host, port] = [decodeURIComponent(hostname).replace(/^\[|\]$/g, ''), portText === '' ? 3306 : Number(portText)];
  const pool = createPool({
    host,
    port,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    charset: 'utf8mb4',
    ...(tls && { ssl: { ...(connectOptions(tls) as SslOptions), verifyIdentity: tls.verifiesHost } }),
    ...(tls?.verifiesHost && isIP(host) !== 0 && { stream: () => connectByAddress(host, port) }),
    connectionLimit: 10,
    connectTimeout: 5_000,
    enableKeepAlive: true,
    decimalNumbers: true,
  });
  pool.on('connection', (connection) => {
    // As in the other databases. Under the default a transaction locks the gaps between rows, too, and orders wait for workers. Failures come up again in the next query.
    connection.query('set session transaction isolation level read committed', () => undefined);
    // MySQL has no such setting, and refuses it.
    connection.query(`set session idle_transaction_timeout = ${IDLE_TRANSACTION_MS / 1000}`, () => undefined);
    connection.on('error', () => undefined);
    giveUpWhenLate(connection, late);
  });
  const repeating = { isOn: false };
  const judgeHere = (error: unknown) => (repeating.isOn && isThere(error) ? 'repeated' : judge(error));
  const db = new Kysely<Tables>({ dialect: telling(new MysqlDialect({ pool }), judgeHere, name) });
  const durably = transactionsOf(db);
  const database: Database = {
    db,
    can: {
      nowMs: sql<number>`cast(unix_timestamp(now(3)) * 1000 as signed)`,
      runsSideBySide: true,
      hasOnConflict: false,
      needsIndexHints: true,
      joinsWrites: false,
      // MySQL knows this older form of FOR SHARE as well, MariaDB only this.
      sharedLock: sql`lock in share mode`,
    },
    durably,
    // How durable a commit is belongs to the whole server here (innodb_flush_log_at_trx_commit).
    lightly: durably,
  };
  const provider = migrationsFor(COLUMN_TYPES);
  try {
    await untilReached(async () => await pool.promise().query('select 1'), judge, { name, onWait, look });
    if (!look) await migrate(database, resumable(provider, repeating), name);
    late.ms = queryMs;
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return buildRepository(
    database,
    provider,
    () => undefined,
    () => [poolUse(pool)],
  );
}

/** The pool tells nobody how it is used; its lists do. */
function poolUse(pool: Pool): PoolUse {
  const lists = pool as unknown as Record<
    '_allConnections' | '_freeConnections' | '_connectionQueue',
    { length: number } | undefined
  >;
  const [all, idle, waiting] = [lists._allConnections, lists._freeConnections, lists._connectionQueue].map(
    (list) => list?.length ?? 0,
  );
  return { pool: 'durable', used: all! - idle!, idle: idle!, waiting: waiting! };
}

/** The driver tells Node no name where it was given an address; Node then compares the certificate with `localhost`, unless the socket bears another. */
function connectByAddress(host: string, port: number): Socket {
  return Object.assign(connect({ host, port, noDelay: true, keepAlive: true }), { _host: host });
}

type Done = (error: { readonly code?: string } | null, ...answer: unknown[]) => void;

/** @param late how long a query may take; 0 while there is no limit */
function giveUpWhenLate(connection: PoolConnection, late: { readonly ms: number }): void {
  const query = connection.query.bind(connection) as (...words: unknown[]) => unknown;
  const timed = (sql: unknown, values: unknown, done: Done): unknown => {
    if (late.ms === 0 || typeof done !== 'function') return query(sql, values, done);
    return query({ sql, values, timeout: late.ms }, (error: Parameters<Done>[0], ...answer: unknown[]) => {
      if (error?.code === 'PROTOCOL_SEQUENCE_TIMEOUT') connection.destroy();
      done(error, ...answer);
    });
  };
  connection.query = timed as never;
}

/** The table, column or index that is to be made exists. */
const isThere = (error: unknown): boolean => [1050, 1060, 1061].includes((error as { errno?: number }).errno ?? 0);

/** Source: https://mariadb.com/kb/en/mariadb-error-code-reference/ */
function judge(error: unknown): Verdict {
  const {
    code = '',
    errno = 0,
    fatal,
    message = '',
  } = error as { code?: string; errno?: number; fatal?: boolean; message?: string };
  if (errno === 1213 || errno === 1205) return 'deadlock';
  if (explainTls(error) !== undefined) return 'unavailable';
  if (errno === 1021 || errno === 1114) return 'full';
  // Too many connections, shutting down, killed, read only.
  if ([1040, 1053, 1077, 1203, 1290, 1317, 1836, 1927].includes(errno)) return 'unavailable';
  if (/^(E[A-Z]+|EAI_.*|PROTOCOL_CONNECTION_LOST|PROTOCOL_SEQUENCE_TIMEOUT)$/.test(code) && !code.startsWith('ER_')) {
    return 'unavailable';
  }
  return (fatal && errno <= 0) || /closed state|Pool is closed/i.test(message) ? 'unavailable' : 'defect';
}
