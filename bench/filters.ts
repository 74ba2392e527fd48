import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { listFractals } from '../src/actions/find-fractal.ts';
import { FORMULAS } from '../src/domain/formulas.ts';
import { PALETTES } from '../src/domain/palettes.ts';
import type { FractalFilter, Repository } from '../src/domain/repository.ts';
import { openSharedRepository } from '../src/repository/open.ts';
import { openSqliteRepository } from '../src/repository/sqlite.ts';
import { startMariadb } from '../test/support/servers/mariadb.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { medianMs, round } from './support/measure.ts';

/*
 * What the gallery's filters cost in a database of a million fractals, on SQLite, PostgreSQL and MariaDB: milliseconds a page of 60 with its total, medians, in
 * this process. What few pass lies far back: every tricorn is older than all others. `node bench/filters.ts postgres` runs one of them only.
 */

const COUNT = Number(process.env.COUNT ?? 1_000_000);
const RUNS = 50;
const LIMIT = 60;
const OTHERS = FORMULAS.filter((formula) => formula !== 'tricorn');

interface Place {
  readonly repository: Repository & AsyncDisposable;
  readonly run: (statements: readonly string[]) => Promise<void>;
  readonly numbers: string;
  readonly concat: (...parts: string[]) => string;
  readonly text: (number: string) => string;
  readonly analyze: string;
}

const pick = (number: string, names: readonly string[]): string =>
  `case (${number}) ${names.map((name, i) => `when ${i} then '${name}'`).join(' ')} end`;

/** Written past the repository: a million orders would take hours. Every other one is of one kind. */
function fill({ numbers, concat, text, analyze }: Place): string[] {
  const formula = `case when n <= ${COUNT / 1000} then 'tricorn' when n % 2 = 0 then 'julia' else ${pick(`(n / 7) % ${OTHERS.length}`, OTHERS)} end`;
  const palette = `case when n % 2 = 0 then 'ember' else ${pick(`n % ${PALETTES.length}`, PALETTES)} end`;
  const state = "case when n % 1000 = 0 then 'failed' when n % 97 = 0 then 'cancelled' else 'done' end";
  const owner = "case when n % 3 = 0 then 'ann' when n % 50000 = 1 then 'bob' else null end";
  return [
    `insert into fractals (uuid, state, spec, formula, palette, owner, band_rows, bands, bands_done, band_cost, engine_version, store_key, created_at, finished_at,
       render_ms, hosts, checksum, size_bytes, image_key, assembly_attempt)
     select ${concat("'00000000-0000-4000-8000-'", text('n + 100000000000'))}, state,
       ${concat(`'{"formula":"'`, 'formula', `'","viewport":{"xa":-2,"xb":2,"ya":-1,"yb":1},"width":64,"height":48,"iterations":99,"palette":"'`, 'palette', `'","c":{"re":-0.8,"im":0.156},"cSource":"given","seed":null}'`)},
       formula, palette, owner, 48, 1, 1, 1, '1', ${concat("'k'", text('n'))}, 1700000000000 + n, 1700000000000 + n, 4.2, '["host-1"]',
       '${'c'.repeat(64)}', 71585, ${concat("'k'", text('n'), "'.1.png'")}, 1
     from (select n, ${formula} as formula, ${palette} as palette, ${state} as state, ${owner} as owner
           from (${numbers}) numbers) rows_of order by n`,
    'update tallies set fractals = (select count(*) from fractals where fractals.state = tallies.state) where slot = 0',
    `insert into kinds (owner, formula, palette, state, slot, fractals)
       select '', formula, palette, state, 0, count(*) from fractals group by formula, palette, state
       union all select owner, formula, palette, state, 0, count(*) from fractals where owner is not null group by owner, formula, palette, state`,
    analyze,
  ];
}

async function openPlace(name: string, opened: AsyncDisposableStack): Promise<Place> {
  if (name === 'sqlite') {
    const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
    opened.defer(() => rm(folder, { recursive: true }));
    const path = join(folder, 'faafo.db');
    const repository = opened.use(await openSqliteRepository(path));
    const run = async (statements: readonly string[]) => {
      const db = new DatabaseSync(path);
      for (const statement of statements) db.exec(statement);
      db.close();
    };
    const numbers = `with recursive of (n) as (select 1 union all select n + 1 from of where n < ${COUNT}) select n from of`;
    return { repository, run, numbers, concat: (...parts) => parts.join(' || '), text: (n) => `(${n})`, analyze: 'select 1' };
  }
  const server = opened.use(await (name === 'postgres' ? startPostgres() : startMariadb()));
  const repository = opened.use(await openSharedRepository(server.url, { name: 'bench', onWait: () => undefined }));
  const concat = (...parts: string[]) => `concat(${parts.join(', ')})`;
  if (name === 'postgres') {
    const run = async (statements: readonly string[]) => {
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      for (const statement of statements) await client.query(statement);
      await client.end();
    };
    const numbers = `select n from generate_series(1, ${COUNT}) as n`;
    return { repository, run, numbers, concat, text: (n) => `(${n})::text`, analyze: 'vacuum analyze fractals' };
  }
  const run = async (statements: readonly string[]) => {
    const connection = await createConnection(server.url);
    for (const statement of statements) await connection.query(statement);
    await connection.end();
  };
  // Whole numbers: MariaDB's / has decimals.
  const numbers = `select seq as n from seq_1_to_${COUNT}`;
  const place = { repository, run, numbers, concat, text: (n: string) => `(${n})`, analyze: 'analyze table fractals' };
  return { ...place, run: (statements) => run(statements.map((each) => each.replaceAll('(n / 7)', '(n div 7)'))) };
}

const FILTERS: Readonly<Record<string, FractalFilter>> = {
  'no filter': {},
  'a state that most have': { state: 'done' },
  'a state that few have': { state: 'failed' },
  'a formula of many': { formula: 'julia' },
  'a formula of few, far back': { formula: 'tricorn' },
  'a palette': { palette: 'ember' },
  'an owner of many': { owner: 'ann' },
  'an owner of few': { owner: 'bob' },
  'formula and palette': { formula: 'mandelbrot', palette: 'ember' },
  'failed, of few': { formula: 'tricorn', state: 'failed' },
  'palette and state': { palette: 'ember', state: 'cancelled' },
  'owner and palette': { owner: 'ann', palette: 'ember' },
  'owner and state': { owner: 'ann', state: 'failed' },
  'owner, formula of few': { owner: 'ann', formula: 'tricorn' },
  'all four': { owner: 'ann', formula: 'julia', palette: 'ember', state: 'failed' },
  'all four, none': { owner: 'bob', formula: 'tricorn', palette: 'ember', state: 'failed' },
};

const wanted = process.argv.slice(2);
const results: Record<string, Record<string, number>> = {};
for (const name of ['sqlite', 'postgres', 'mariadb']) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await using opened = new AsyncDisposableStack();
  const place = await openPlace(name, opened);
  await place.run(fill(place));
  for (const [what, filter] of Object.entries(FILTERS)) {
    const page = (more: object) => medianMs(RUNS, () => listFractals(place, filter, { limit: LIMIT, ...more }));
    results[what] = {
      ...results[what],
      [`${name}: first`]: round(await page({})),
      [`${name}: middle`]: round(await page({ beforeSeq: COUNT / 2 })),
      [`${name}: above`]: round(await page({ afterSeq: COUNT / 2 })),
    };
  }
}
console.log(`${COUNT} fractals, pages of ${LIMIT}, milliseconds`);
console.table(results);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/filters.json', `${JSON.stringify(results, null, 2)}\n`);
