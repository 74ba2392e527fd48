import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { findFractal, listFractals } from '../src/actions/find-fractal.ts';
import { parseFractalId } from '../src/domain/ids.ts';
import type { Repository } from '../src/domain/repository.ts';
import { openSqliteRepository } from '../src/repository/sqlite.ts';
import { medianMs, round } from './support/measure.ts';

/*
 * What a page of the list costs in a database of a thousand and of a million fractals: milliseconds a call of the action behind
 * GET /v1/fractal, medians, in this process.
 */

const RUNS = 200;
const SIZES = [1_000, 1_000_000];

/** Finished fractals, each 1 in 1000 cancelled, written past the repository: a million orders would take minutes. */
function fill(path: string, count: number): void {
  const db = new DatabaseSync(path);
  db.exec(`
    begin;
    insert into fractals (uuid, state, spec, band_rows, bands, bands_done, band_cost, engine_version, store_key, created_at, finished_at,
                          render_ms, hosts, checksum, size_bytes, image_key, assembly_attempt)
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
    select printf('%08x-0000-4000-8000-%012x', (n * 2654435761) & 4294967295, n), iif(n % 1000, 'done', 'cancelled'),
           '{"formula":"julia","viewport":{"xa":-1.77488588389,"xb":3.08249829401,"ya":-1.31213919301,"yb":1.95281690897},"width":649,"height":869,"iterations":362,"palette":"classic","c":{"re":-0.8,"im":0.156},"cSource":"given","seed":null}',
           403, 3, 3, 94690274, '1', printf('%08x-key', n), 1700000000000 + n, 1700000000100 + n, 4.2, '["host-1"]',
           printf('%064x', n), 71585, printf('%08x-key.1.png', n), 1
    from numbers;
    update tallies set fractals = (select count(*) from fractals where fractals.state = tallies.state) where slot = 0;
    commit;`);
  db.close();
}

const milliseconds = (work: () => Promise<unknown>): Promise<number> => medianMs(RUNS, work);

async function measure(repository: Repository, count: number) {
  const page = (options: Parameters<typeof listFractals>[2], filter = {}) =>
    milliseconds(() => listFractals({ repository }, filter, options));
  const [middle] = await repository.fractals.list({}, { limit: 1, beforeSeq: count / 2 });
  return {
    'first page': await page({ limit: 10 }),
    'page by cursor, in the middle': await page({ limit: 10, beforeSeq: count / 2 }),
    'page by cursor, at the end': await page({ limit: 10, beforeSeq: 11 }),
    'first page of a state': await page({ limit: 10 }, { state: 'cancelled' }),
    'page of a state by cursor': await page({ limit: 10, beforeSeq: count / 2 }, { state: 'done' }),
    'beginning of a uuid': await page({ limit: 10 }, { idPrefix: middle!.id.slice(0, 8) }),
    'one fractal': await milliseconds(() => findFractal({ repository }, parseFractalId(middle!.id))),
    'page by number, in the middle': await page({ limit: 10, offset: count / 2 }),
  };
}

const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
try {
  const measured: Record<string, number>[] = [];
  for (const size of SIZES) {
    const path = join(folder, `${size}.db`);
    await (await openSqliteRepository(path))[Symbol.asyncDispose]();
    fill(path, size);
    await using repository = await openSqliteRepository(path);
    await measure(repository, size); // warm
    measured.push(await measure(repository, size));
  }
  const [small, large] = measured;
  const first = large!['first page']!;
  const results = Object.keys(large!).map((what) => ({
    what,
    'ms of 1,000': round(small![what]!),
    'ms of 1,000,000': round(large![what]!),
    'million / thousand': round(large![what]! / small![what]!),
    'against the first page': round(large![what]! / first),
  }));
  console.table(results);
  await mkdir('build/bench', { recursive: true });
  await writeFile('build/bench/list.json', `${JSON.stringify(results, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}
