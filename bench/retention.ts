import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { OpenedDatabase } from '../src/repository/build.ts';
import { openSharedRepository } from '../src/repository/open.ts';
import { openSqliteRepository } from '../src/repository/sqlite.ts';
import { startMariadb } from '../test/support/servers/mariadb.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { medianMs, round } from './support/measure.ts';

/*
 * What it costs to delete what need not be kept from a database of a thousand and of a million fractals: milliseconds a batch of ten, medians, in this process,
 * beside a round that finds nothing to do. All databases sync their commits.
 */

const RUNS = 20;
const BATCH = 10;
const SIZES = [1_000, 1_000_000];
const BYTES = 1_000;

/** Finished fractals of BYTES each, one a millisecond, each 1 in 1000 cancelled; written past the repository, which would take an hour. */
const fill = (count: number, id: string): readonly string[] => [
  `insert into fractals (uuid, state, spec, band_rows, bands, bands_done, band_cost, engine_version, store_key, created_at, finished_at,
                         render_ms, hosts, checksum, size_bytes, image_key, assembly_attempt)
   with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
   select ${id}, case when n % 1000 = 0 then 'cancelled' else 'done' end,
          '{"formula":"julia","viewport":{"xa":-2,"xb":2,"ya":-1.5,"yb":1.5},"width":649,"height":869,"iterations":362,"palette":"classic","c":{"re":-0.8,"im":0.156},"cSource":"given","seed":null}',
          403, 3, 3, 94690274, '1', ${id}, 1600000000000 + n, 1600000000100 + n, 4.2, '["host-1"]', ${id},
          case when n % 1000 = 0 then null else ${BYTES} end, ${id}, 1
   from numbers`,
  `update tallies set fractals = (select count(*) from fractals where fractals.state = tallies.state),
                      bytes = (select coalesce(sum(size_bytes), 0) from fractals where fractals.state = tallies.state) where slot = 0`,
];

async function measure({ retention, backlog }: OpenedDatabase): Promise<Record<string, number>> {
  const { storedBytes } = await backlog.read();
  const old = () => retention.removeOlderThan(0, BATCH);
  let left = storedBytes;
  const much = () => {
    left -= BATCH * BYTES;
    return retention.removeBeyond(left, BATCH);
  };
  const nothing = async () => {
    await retention.removeOlderThan(10 ** 12, BATCH);
    await retention.removeBeyond(storedBytes, BATCH);
  };
  const beyond = await medianMs(RUNS, much);
  const after = await backlog.read();
  if (storedBytes - after.storedBytes !== RUNS * BATCH * BYTES) throw new Error('not what should be deleted was deleted');
  return { 'too much': beyond, 'too old': await medianMs(RUNS, old), 'nothing to do': await medianMs(RUNS, nothing) };
}

async function onSqlite(path: string, count: number): Promise<Record<string, number>> {
  await (await openSqliteRepository(path))[Symbol.asyncDispose]();
  const db = new DatabaseSync(path);
  for (const statement of fill(count, "printf('00000000-0000-4000-8000-%012d', n)")) db.exec(statement);
  db.close();
  await using repository = await openSqliteRepository(path);
  return await measure(repository);
}

async function onPostgres(count: number): Promise<Record<string, number>> {
  await using server = await startPostgres({ durable: true });
  await using repository = await openSharedRepository(server.url, { name: 'bench', onWait: () => undefined });
  const db = new pg.Client(server.url);
  await db.connect();
  for (const statement of fill(count, "'00000000-0000-4000-8000-' || lpad(n::text, 12, '0')")) await db.query(statement);
  await db.query('vacuum analyze');
  await db.end();
  return await measure(repository);
}

async function onMariadb(count: number): Promise<Record<string, number>> {
  await using server = await startMariadb({ durable: true });
  await using repository = await openSharedRepository(server.url, { name: 'bench', onWait: () => undefined });
  const db = await mysql.createConnection(server.url);
  await db.query(`set max_recursive_iterations = ${count + 1}`);
  for (const statement of fill(count, "concat('00000000-0000-4000-8000-', lpad(n, 12, '0'))")) await db.query(statement);
  await db.end();
  return await measure(repository);
}

const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
try {
  const databases = {
    SQLite: (count: number) => onSqlite(join(folder, `${count}.db`), count),
    PostgreSQL: onPostgres,
    MariaDB: onMariadb,
  };
  const results: object[] = [];
  for (const [database, on] of Object.entries(databases)) {
    const [small, large] = [await on(SIZES[0]!), await on(SIZES[1]!)];
    for (const what of Object.keys(large)) {
      results.push({ database, what, 'ms of 1,000': round(small[what]!), 'ms of 1,000,000': round(large[what]!) });
    }
  }
  console.table(results);
  await mkdir('build/bench', { recursive: true });
  await writeFile('build/bench/retention.json', `${JSON.stringify(results, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}
