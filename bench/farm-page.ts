import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { pino } from 'pino';
import { DEFAULT_LIMITS } from '../src/domain/limits.ts';
import type { Ports } from '../src/domain/ports.ts';
import { READING_EVERY_MS, type Repository, type WorkerReport } from '../src/domain/repository.ts';
import { createPngFrame } from '../src/engine/png.ts';
import { buildServer } from '../src/http/server.ts';
import { EmbeddedPulse, EmbeddedQueue } from '../src/queue/embedded.ts';
import { openSharedRepository } from '../src/repository/open.ts';
import { openSqliteRepository } from '../src/repository/sqlite.ts';
import { openFileStore } from '../src/store/file.ts';
import { openAccess } from '../test/support/access.ts';
import { startMariadb } from '../test/support/servers/mariadb.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { aFractal } from '../test/support/specs.ts';
import { median, round } from './support/measure.ts';

/*
 * What the page of the farm asks for, with a million finished fractals, 300 workers, an hour of readings, 1,000 failures and 100,000 bands that wait, 4,096 of them of one
 * poster half drawn: milliseconds an answer over HTTP, and of CPU in this process (with SQLite that is all there is), on SQLite, PostgreSQL and MariaDB. `node bench/farm-page.ts sqlite` runs one of them only.
 */

const COUNT = Number(process.env.COUNT ?? 1_000_000);
const RUNS = 60;
const WORKERS = 300;
const POSTERS = 25;
const BANDS = 4_096;

interface Place {
  readonly repository: Repository & AsyncDisposable;
  readonly run: (statement: string) => Promise<unknown>;
  /** a query of the numbers from 1 on, as n */
  readonly numbers: (count: number) => string;
  readonly text: (number: string) => string;
}

async function openPlace(name: string, folder: string, opened: AsyncDisposableStack): Promise<Place> {
  if (name === 'sqlite') {
    const path = join(folder, 'faafo.db');
    const repository = opened.use(await openSqliteRepository(path));
    const beside = new DatabaseSync(path, { timeout: 60_000 });
    opened.defer(() => beside.close());
    const numbers = (count: number) =>
      `select n from (with recursive of (n) as (select 1 union all select n + 1 from of where n < ${count}) select n from of) as numbers`;
    return { repository, run: async (statement) => beside.exec(statement), numbers, text: (n) => `cast(${n} as text)` };
  }
  const server = opened.use(await (name === 'postgres' ? startPostgres() : startMariadb()));
  const repository = opened.use(await openSharedRepository(server.url, { name: 'bench', onWait: () => undefined }));
  if (name === 'postgres') {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    opened.defer(() => client.end());
    const numbers = (count: number) => `select n from generate_series(1, ${count}) as n`;
    return { repository, run: (statement) => client.query(statement), numbers, text: (n) => `cast(${n} as text)` };
  }
  const connection = await createConnection(server.url);
  opened.defer(() => connection.end());
  const numbers = (count: number) => `select seq as n from seq_1_to_${count}`;
  return { repository, run: (statement) => connection.query(statement), numbers, text: (n) => `cast(${n} as char)` };
}

/** Written past the repository: a million orders would take hours. @returns the uuid of the poster */
async function fill({ repository, run, numbers, text }: Place): Promise<string> {
  const spec = `{"formula":"julia","viewport":{"xa":-2,"xb":2,"ya":-1,"yb":1},"width":64,"height":48,"iterations":99,"palette":"classic","c":{"re":-0.8,"im":0.156},"cSource":"given","seed":null}`;
  await run(`insert into fractals (uuid, state, spec, band_rows, bands, bands_done, band_cost, engine_version, store_key, created_at, finished_at, render_ms, hosts,
      checksum, size_bytes, image_key, assembly_attempt, error)
    select concat('00000000-0000-4000-8000-', ${text('n + 100000000000')}), case when n % ${COUNT / 1000} = 0 then 'failed' else 'done' end, '${spec}', 48, 1, 1, 1, 'e1',
      concat('k', ${text('n')}), 1700000000000 + n, 1700000000000 + n, 4.2, '["host-1"]', '${'c'.repeat(64)}', 71585, concat('k', ${text('n')}, '.1.png'), 1,
      case when n % ${COUNT / 1000} = 0 then 'A part of this picture ended its worker 5 times; it was given up.' else null end
    from (${numbers(COUNT)}) as of_numbers order by n`);
  await run('update tallies set fractals = (select count(*) from fractals where fractals.state = tallies.state) where slot = 0');
  const posters = Array.from({ length: POSTERS }, () => aFractal({ bands: BANDS }));
  for (const poster of posters) await repository.fractals.add(poster);
  const [{ id }] = posters as [(typeof posters)[0]];
  const lease = { leaseMs: 3600_000, host: 'host-0', engineVersion: 'e1' };
  for (let band = 0; band < 20; band++) await repository.bands.claim({ fractal: id, band, tokenHash: `${band}`, ...lease });
  const ofPoster = `fractal_seq = (select seq from fractals where uuid = '${id}')`;
  await run(
    `update bands set state = 'done', host = concat('host-', ${text('(band * 7) % 300')}), due_turn = null where ${ofPoster} and band % 2 = 1`,
  );
  await report(repository);
  const last = Date.now() - (Date.now() % READING_EVERY_MS);
  await run(`insert into readings (at, bands_per_second, pixels_per_second, speed, workers, waiting, leased, oldest_ms, paused)
    select ${last} - n * ${READING_EVERY_MS}, 9.5, 7200000.25, 4300.75, 300, 100000, 1200, 3600000, 0 from (${numbers(358)}) as of_numbers`);
  return id;
}

async function report(repository: Repository): Promise<void> {
  const [{ id } = aFractal()] = await repository.fractals.list({ state: 'rendering' }, { limit: 1 });
  await Promise.all(
    Array.from({ length: WORKERS }, (_, number) => {
      const who = { id: `worker-${number}`, host: `host-${number}`, version: '0.1.0', engineVersion: 'e1', cores: 8, threads: 8 };
      const speed = { load: 7.9, uptime: 86_400, bands: 12_345, speed: 901.25, bandsPerSecond: 3.125, pixelsPerSecond: 1.5e6 };
      const work = Array.from({ length: 8 }, (_, band) => ({ fractal: id, band, ms: 1_234.5 }));
      return repository.workers.report({ ...who, ...speed, state: 'working', work } satisfies WorkerReport);
    }),
  );
}

async function measure(url: string, path: string) {
  const times: number[] = [];
  let kilobytes = 0;
  let cpu = process.cpuUsage();
  for (let run = -5; run < RUNS; run++) {
    if (run === 0) cpu = process.cpuUsage();
    const before = performance.now();
    const response = await fetch(url + path);
    const body = await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
    if (run >= 0) times.push(performance.now() - before);
    kilobytes = body.byteLength / 1000;
  }
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  return {
    ms: round(median(times)),
    'ms, one in ten': round(times[Math.floor(RUNS * 0.9)]!),
    'ms of CPU, asking included': round((user + system) / 1000 / RUNS),
    kB: round(kilobytes),
  };
}

const wanted = process.argv.slice(2);
const results: Record<string, object> = {};
for (const name of ['sqlite', 'postgres', 'mariadb']) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const place = await openPlace(name, folder, opened);
  const poster = await fill(place);
  const { repository } = place;
  const store = opened.use(await openFileStore(join(folder, 'images')));
  const queue = new EmbeddedQueue();
  const ports: Ports = {
    ...{ repository, store, ringer: queue, frame: createPngFrame(), pulse: new EmbeddedPulse(), limits: DEFAULT_LIMITS },
    engineVersion: 'e1',
  };
  const app = await buildServer(ports, {
    log: pino({ level: 'silent' }),
    version: '0.0.0',
    webRoot: new URL('../build/web/', import.meta.url),
    draining: new AbortController().signal,
    access: openAccess(repository),
  });
  opened.defer(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const after = new Date(Date.now() - 60_000).toISOString();
  const asked: Readonly<Record<string, string>> = {
    status: '/v1/status',
    workers: '/v1/workers?seen_within=600',
    'readings of an hour, once': '/v1/readings',
    'readings since the last': `/v1/readings?after=${after}`,
    'what is in work': '/v1/fractal?state=rendering&results_per_page=50',
    'bands of a poster of 4,096': `/v1/fractal/${poster}/bands`,
    failures: '/v1/fractal?state=failed&results_per_page=6',
  };
  for (const [what, path] of Object.entries(asked)) {
    await report(repository);
    results[`${name}: ${what}`] = await measure(url, path);
  }
}
console.log(`${COUNT} fractals, ${WORKERS} workers, ${POSTERS * BANDS} bands`);
console.table(results);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/farm-page.json', `${JSON.stringify(results, null, 2)}\n`);
