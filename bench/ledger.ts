import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { checkStore } from '../src/actions/check-store.ts';
import { copyStore } from '../src/actions/copy-store.ts';
import { Fault } from '../src/domain/fault.ts';
import type { Inventory, ObjectKey } from '../src/domain/store.ts';
import { openSqliteRepository } from '../src/repository/sqlite.ts';
import { round } from './support/measure.ts';
import { peakMib } from './support/process.ts';

/*
 * What `faafo store copy` and `faafo store check` cost beside the stores themselves, and how much memory they take, with ten thousand, a hundred thousand and a million pictures
 * in a database on SQLite: each in a process of its own, between stores that make their objects up. Every picture is copied, read again there, and looked up by its thumbnail, too. `held`
 * is what is in use near the end, after a collection of garbage; the peak also has what the collector had not come to yet.
 */

const SIZES = [10_000, 100_000, 1_000_000];
const WORKS = ['copy', 'check', 'check --deep'] as const;
type Work = (typeof WORKS)[number];
const SELF = fileURLToPath(import.meta.url);

/** Written past the repository: a million orders would take minutes. The bytes of a picture are its name. */
function fill(path: string, count: number): void {
  const db = new DatabaseSync(path);
  db.function('sha256', { deterministic: true }, (text) => createHash('sha256').update(String(text)).digest('hex'));
  db.exec(`
    begin;
    insert into fractals (uuid, state, spec, band_rows, bands, bands_done, band_cost, engine_version, store_key, created_at, finished_at,
                          render_ms, hosts, checksum, size_bytes, image_key, assembly_attempt)
    with recursive
      numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count}),
      ids (n, uuid) as (select n, printf('%08x-0000-4000-8000-%012x', (n * 2654435761) & 4294967295, n) from numbers)
    select uuid, 'done', '{}', 403, 3, 3, 1, '1', uuid, n, n, 4.2, '[]', sha256(uuid || '.1.png'), 42, uuid || '.1.png', 1 from ids;
    update tallies set fractals = ${count} where state = 'done' and slot = 0;
    commit;`);
  db.close();
}

/** A store whose pictures are their names, and that has no thumbnails. @param path of the database that knows them */
function madeUp(path: string, isEmpty: boolean): Inventory {
  const written = new Set<string>();
  const isThere = (key: string) => !key.endsWith('thumbnail.png') && key.endsWith('.1.png');
  const now = Date.now();
  return {
    async put(key, content) {
      if (!(content instanceof Uint8Array)) for await (const _ of content);
      // One at a time of each key is read again behind its put: nothing is kept longer.
      written.add(key);
    },
    async get(key) {
      if (!isThere(key) || (isEmpty && !written.delete(key))) throw new Fault('not_found', key);
      return (async function* () {
        yield new Uint8Array(Buffer.from(key));
      })();
    },
    find: async (key) => (isThere(key) && !isEmpty ? { name: key, sizeBytes: key.length, modifiedAt: now } : null),
    async *list() {
      const db = new DatabaseSync(path, { readOnly: true });
      for (const row of db.prepare('select image_key from fractals').iterate())
        yield { name: row.image_key as ObjectKey, sizeBytes: 42, modifiedAt: now };
      db.close();
    },
    async *leftovers() {},
    remove: async () => undefined,
    hasRoom: async () => true,
    space: async () => null,
    ping: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

interface Played {
  readonly seconds: number;
  readonly objects: number;
  /** MiB */
  readonly held: number;
  readonly peak: number;
}

function heldBytes(): number {
  (globalThis as { gc?: () => void }).gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** In a process of its own. */
async function play(work: Work, path: string): Promise<Played> {
  await using repository = await openSqliteRepository(path, { beside: true });
  const { ledger } = repository;
  const common = { ledger, atOnce: 4, signal: new AbortController().signal };
  const total = await ledger.count();
  let [objects, held] = [0, 0];
  const start = performance.now();
  const onFractals = (count: number) => {
    objects += count;
    if (objects === total) held = heldBytes();
  };
  const refuse = (what: unknown) => {
    throw new Error(`that should be in order: ${JSON.stringify(what)}`);
  };
  if (work === 'copy') {
    const onObject = (object: unknown, outcome: string) => void (outcome === 'copied' || refuse(object));
    await copyStore({ ...common, from: madeUp(path, false), to: madeUp(path, true), deep: false, onObject, onFractals });
  } else {
    const options = { deep: work === 'check --deep', removeOrphans: false, onFinding: refuse, onFractals };
    await checkStore({ ...common, ...options, store: madeUp(path, false) });
  }
  return { seconds: (performance.now() - start) / 1000, objects, held: Math.round(held / 2 ** 20), peak: peakMib(process.pid) };
}

async function playApart(work: Work, path: string) {
  const execArgv = ['--expose-gc', '--disable-warning=ExperimentalWarning'];
  const child = fork(SELF, [work, path], { execArgv });
  const [message] = (await once(child, 'message')) as [Played];
  await once(child, 'exit');
  return message;
}

const [work, path] = process.argv.slice(2);
if (process.send && work && path) {
  process.send(await play(work as Work, path));
  process.disconnect();
} else {
  const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
  try {
    const rows = [];
    for (const size of SIZES) {
      const file = join(folder, `${size}.db`);
      await (await openSqliteRepository(file))[Symbol.asyncDispose]();
      fill(file, size);
      for (const each of WORKS) {
        const { seconds, objects, held, peak } = await playApart(each, file);
        if (objects !== size) throw new Error(`${each} saw ${objects} of ${size}`);
        rows.push({
          work: each,
          pictures: size,
          seconds: round(seconds),
          'µs a picture': round((seconds * 1e6) / size),
          'held MiB': held,
          'peak MiB': peak,
        });
      }
    }
    console.table(rows);
    await mkdir('build/bench', { recursive: true });
    await writeFile('build/bench/ledger.json', `${JSON.stringify(rows, null, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
