import { mkdir, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { bandOf, cutOf } from '../src/domain/band.ts';
import { createEngine } from '../src/engine/engine.ts';
import { Farm } from '../test/faults/support/farm.ts';
import { OrderBook } from '../test/faults/support/orders.ts';
import { anOrder } from '../test/support/orders.ts';
import { familyOf } from '../test/support/servers/processes.ts';
import { aSpec } from '../test/support/specs.ts';
import { until } from '../test/support/until.ts';
import { median, round } from './support/measure.ts';
import { cpuMsOf, peakMib } from './support/process.ts';

/*
 * What a small fractal costs on a whole farm (API, worker, RabbitMQ, PostgreSQL that syncs, on this machine's cores) outside the engine: CPU of all processes
 * together, less what the engine alone takes for the same pictures. And how long answers to orders take while many clients order. node bench/farm.ts 10000 64
 * Images lie in the database, which is the dearer store; `node bench/farm.ts 1000 8 files` measures files. A machine that does other things as well makes
 * all of it dearer, but not the transactions.
 */

const FRACTALS = Number(process.argv[2] ?? 1_000);
const CLIENTS = Number(process.argv[3] ?? 8);
const STORE = process.argv[4] === 'files' ? 'files' : 'database';
const WARM = 200;
const SPEC = { width: 256, height: 256, iterations: 128, c_re: -0.8, c_im: 0.156 };

/** CPU of the engine alone, milliseconds a fractal: its bands and its thumbnail, on one thread. */
async function engineMs(): Promise<number> {
  const spec = aSpec({ width: SPEC.width, height: SPEC.height, iterations: SPEC.iterations });
  await using engine = await createEngine({ threads: 1 });
  const cut = cutOf(spec);
  const drawAll = async (times: number) => {
    for (let i = 0; i < times; i++) {
      for (let band = 0; band < cut.bands; band++) await engine.renderBand(spec, bandOf(spec.height, cut, band));
      await engine.renderThumbnail(spec);
    }
  };
  await drawAll(50);
  const before = process.cpuUsage();
  await drawAll(300);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / 300;
}

async function run(farm: Farm, fractals: number, clients: number) {
  const book = new OrderBook();
  const parts = {
    api: () => farm.apis.map(({ pid }) => pid),
    worker: () => farm.workers.map(({ pid }) => pid),
    database: () => farm.database.pids(),
    broker: () => farm.broker.pids(),
  };
  const cpu = () => Object.fromEntries(Object.entries(parts).map(([name, pids]) => [name, sum(pids().flatMap(familyOf))]));
  const doneBefore = await farm.repository.fractals.count({ state: 'done' });
  const [cpuBefore, wallBefore] = [cpu(), performance.now()];
  let left = fractals;
  let halfwayMib = 0;
  const order = async () => {
    while (left-- > 0) {
      if (left === Math.floor(fractals / 2)) halfwayMib = peakMib(farm.apis[0]!.pid);
      await book.send(farm.url(), anOrder(SPEC), crypto.randomUUID(), 60_000);
    }
  };
  await Promise.all(Array.from({ length: clients }, order));
  const orderedMs = performance.now() - wallBefore;
  await until(async () => (await farm.repository.fractals.count({ state: 'done' })) === doneBefore + fractals, 600_000);
  const wallMs = performance.now() - wallBefore;
  const after = cpu();
  const spent = Object.fromEntries(Object.keys(parts).map((name) => [name, (after[name]! - cpuBefore[name]!) / fractals]));
  return { book, spent, orderedMs, wallMs, halfwayMib };
}

/** Transactions that the database has committed so far; it learns of them up to a second late. */
async function transactions(farm: Farm): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const client = new pg.Client({ connectionString: farm.database.url });
  await client.connect();
  const { rows } = await client.query(`select xact_commit as n from pg_stat_database where datname = current_database()`);
  await client.end();
  return Number(rows[0].n);
}

/** Processes that ended between listing and reading count as nothing. */
function sum(pids: readonly number[]): number {
  return pids.reduce((total, pid) => {
    try {
      return total + cpuMsOf(pid);
    } catch {
      return total;
    }
  }, 0);
}

const engine = await engineMs();
await using farm = await Farm.open({
  seed: 1,
  apis: 1,
  workers: 1,
  durable: true,
  direct: true,
  threads: 2,
  store: STORE,
  apiFlags: ['--log-level=warn'],
});
await run(farm, WARM, 8);
const transactionsBefore = await transactions(farm);
const memoryBefore = peakMib(farm.apis[0]!.pid);
const { book, spent, orderedMs, wallMs, halfwayMib } = await run(farm, FRACTALS, CLIENTS);
const committed = (await transactions(farm)) - transactionsBefore;
const answers = book.answerMs.toSorted((a, b) => a - b);
const all = Object.values(spent).reduce((total, ms) => total + ms, 0);
const result = {
  fractals: FRACTALS,
  clients: CLIENTS,
  'answered 201': book.answered.size,
  'orders a second': round((FRACTALS / orderedMs) * 1000),
  'finished a second, end to end': round((FRACTALS / wallMs) * 1000),
  images: STORE,
  'transactions a fractal': round(committed / FRACTALS),
  'CPU ms a fractal, all processes': round(all),
  ...Object.fromEntries(Object.entries(spent).map(([name, ms]) => [`CPU ms a fractal, ${name}`, round(ms)])),
  'CPU ms a fractal, engine alone': round(engine),
  'CPU ms a fractal, outside the engine': round(all - engine),
  'answer ms, median': round(median(answers)),
  'answer ms, p99': round(answers[Math.floor(answers.length * 0.99)]!),
  'API peak memory MiB, before': memoryBefore,
  'API peak memory MiB, after half of the orders': halfwayMib,
  'API peak memory MiB, after': peakMib(farm.apis[0]!.pid),
};
console.table(result);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/farm.json', `${JSON.stringify(result, null, 2)}\n`);
