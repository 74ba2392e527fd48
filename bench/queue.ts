import { mkdir, writeFile } from 'node:fs/promises';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { claimBand } from '../src/actions/claim-band.ts';
import { hashToken } from '../src/actions/lease-token.ts';
import type { Repository } from '../src/domain/repository.ts';
import { EmbeddedPulse } from '../src/queue/embedded.ts';
import { openSharedRepository } from '../src/repository/open.ts';
import { startMariadb } from '../test/support/servers/mariadb.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { aFractal } from '../test/support/specs.ts';
import { medianMs, round } from './support/measure.ts';

/*
 * What the queue's own queries cost where a thousand and where a million fractals with a band each wait: milliseconds a call, medians, on private servers
 * that do not sync. `node bench/queue.ts postgres` runs one of them only.
 */

const RUNS = 100;
const SIZES = [1_000, 1_000_000];
const SPEC =
  '{"formula":"julia","viewport":{"xa":-2,"xb":2,"ya":-1,"yb":1},"width":64,"height":48,"iterations":99,"palette":"classic","c":{"re":-0.8,"im":0.156},"cSource":"given","seed":null}';

interface Server {
  readonly start: () => Promise<AsyncDisposable & { createDatabase(name: string): Promise<string> }>;
  /** expression for the numbers from 1 to count, as rows of one column n */
  readonly numbers: (count: number) => string;
  readonly run: (url: string, statements: readonly string[]) => Promise<void>;
}

const SERVERS: Readonly<Record<string, Server>> = {
  postgres: {
    start: startPostgres,
    numbers: (count) => `select n from generate_series(1, ${count}) as n`,
    run: async (url, statements) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      for (const statement of statements) await client.query(statement);
      await client.query('analyze');
      await client.end();
    },
  },
  mariadb: {
    start: startMariadb,
    numbers: (count) => `select seq as n from seq_1_to_${count}`,
    run: async (url, statements) => {
      const connection = await createConnection(url);
      for (const statement of statements) await connection.query(statement);
      await connection.query('analyze table fractals, bands');
      await connection.end();
    },
  },
};

/** Waiting fractals, written past the repository: a million orders would take hours. */
const fill = (numbers: string, count: number): string[] => [
  `insert into fractals (uuid, state, spec, band_rows, bands, bands_done, band_cost, cost, client, engine_version, store_key, created_at, render_ms, hosts, assembly_attempt)
   select concat(right(concat('0000000', n), 8), '-0000-4000-8000-000000000000'), 'queued', '${SPEC}', 48, 1, 0, 304128, 1, 'bench', 'e1', concat('k', n), 1700000000000 + n, 0, '[]', 0 from (${numbers}) numbers`,
  `insert into bands (fractal_seq, band, state, attempt, rest_until, turn, due_turn, failures, interruptions)
   select seq, 0, 'waiting', 0, 0, 0, 0, 0, 0 from fractals`,
  `update tallies set fractals = ${count}, cost = ${count} where state = 'queued' and slot = 0`,
  `insert into clients (client, slot, cost) values ('bench', 0, ${count})`,
];

const milliseconds = (work: () => Promise<unknown>): Promise<number> => medianMs(RUNS, work);

async function measure(repository: Repository) {
  const worker = { tokenHash: hashToken('bench'), leaseMs: 60_000, host: 'h', engineVersion: 'e1' };
  const pulse = new EmbeddedPulse();
  const order = () => repository.fractals.add({ ...aFractal(), client: 'bench', cost: 1 });
  return {
    order: await milliseconds(order),
    'doorbells taken, 4': await milliseconds(() => repository.doorbells.takeDue(4)),
    'doorbells rung, counted': await milliseconds(() => repository.doorbells.countRung()),
    'band claimed': await milliseconds(async () => {
      const [doorbell] = await repository.doorbells.takeDue(1);
      await repository.bands.claim({ ...doorbell!, ...worker });
    }),
    'band claimed, judged what goes first': await milliseconds(async () => {
      const [doorbell] = await repository.doorbells.takeDue(1);
      await claimBand({ repository, pulse }, doorbell!, { host: 'h', engineVersion: 'e1' });
    }),
    'leases reaped': await milliseconds(() => repository.bands.reap(5)),
    outstanding: await milliseconds(() => repository.fractals.outstanding('bench')),
    backlog: await milliseconds(() => repository.backlog.read()),
    'assembly looked for': await milliseconds(() => repository.assemblies.claim(1000)),
    events: await milliseconds(() => repository.events.after(0, 100)),
  };
}

const rows = [];
for (const [name, { start, numbers, run }] of Object.entries(SERVERS)) {
  if (process.argv[2] && process.argv[2] !== name) continue;
  await using server = await start();
  const measured: Record<string, number>[] = [];
  for (const size of SIZES) {
    const url = await server.createDatabase(`of_${size}`);
    await using repository = await openSharedRepository(url, { name, onWait: () => undefined });
    await run(url, fill(numbers(size), size));
    measured.push(await measure(repository));
  }
  const [small, large] = measured;
  for (const what of Object.keys(large!)) {
    rows.push({
      database: name,
      what,
      'ms of 1,000': round(small![what]!),
      'ms of 1,000,000': round(large![what]!),
      'million / thousand': round(large![what]! / small![what]!),
    });
  }
}
console.table(rows);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/queue.json', `${JSON.stringify(rows, null, 2)}\n`);
