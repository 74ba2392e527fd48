import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../support/orders.ts';
import { until } from '../support/until.ts';
import { healAndCheck } from './support/checker.ts';
import { Farm } from './support/farm.ts';
import { MISHAPS } from './support/mishaps.ts';
import { OrderBook } from './support/orders.ts';
import { type Row, totalsOf, writeReport } from './support/report.ts';
import { runSql } from './support/sql.ts';
import { inMib, memoryBytes, serverMemoryBytes } from './support/usage.ts';

/*
 * Fault 40: for hours, under load, a random fault every half minute. Every ten minutes the farm is healed and judged, and what was judged is deleted, so that
 * a long run needs no more room than a short one; at the end nothing may be left in the store.
 */

const FAULT_EVERY_MS = 30_000;
const ROUND_MS = 600_000;
/** What two small workers keep up with beside everything else. */
const LOAD = { clients: 2, pauseMs: 800 };
const EMPTY_MS = 120_000;

/** @returns how often each befell */
async function mishapsUntil(farm: Farm, deadline: number): Promise<Map<string, number>> {
  const befallen = new Map<string, number>();
  while (performance.now() + FAULT_EVERY_MS < deadline) {
    const startedAt = performance.now();
    const { name, befall } = farm.pick(MISHAPS);
    await befall(farm);
    befallen.set(name, (befallen.get(name) ?? 0) + 1);
    await sleep(Math.max(0, startedAt + FAULT_EVERY_MS - performance.now()));
  }
  return befallen;
}

function memoryOf(farm: Farm): string {
  const parts = farm.parts.map(({ name, pid }) => `${name} ${inMib(memoryBytes(pid))}`);
  return [
    ...parts,
    `broker ${inMib(serverMemoryBytes(farm.broker))}`,
    `database ${inMib(serverMemoryBytes(farm.database))}`,
  ].join(', ');
}

/** @param round from 1 */
async function playRound(farm: Farm, round: number, ms: number): Promise<Row> {
  const book = new OrderBook();
  const over = new AbortController();
  const ordering = book.keepOrdering(farm, over.signal, LOAD);
  const [killsBefore, startedAt] = [farm.kills, performance.now()];
  const broken: string[] = [];
  const befallen = await mishapsUntil(farm, performance.now() + ms).catch((error: Error) => {
    broken.push(`the round broke off: ${error.stack}`);
    return new Map<string, number>();
  });
  over.abort();
  await ordering;
  const playedAt = performance.now();
  const found = await healAndCheck(farm, book);
  const seconds = { play: (playedAt - startedAt) / 1000, check: (performance.now() - playedAt) / 1000 };
  const wrong = [...broken, ...found.wrong, ...(await deleteAll(farm, book))];
  const notes = [[...befallen].map(([name, times]) => `${name} ${times}`).join(', '), memoryOf(farm)];
  // What was judged needs not be kept.
  for (const part of farm.parts) part.log = '';
  const injected = [...befallen.values()].reduce((sum, times) => sum + times, 0);
  const kills = farm.kills - killsBefore;
  return { fault: 40, name: `round ${round}`, injected, kills, seconds, findings: { ...found, wrong }, notes };
}

async function deleteAll(farm: Farm, book: OrderBook): Promise<string[]> {
  const wrong: string[] = [];
  for (const uuid of book.answered.keys()) {
    const status = await deleteOne(farm, uuid);
    if (status !== 204) wrong.push(`deleting ${uuid} was answered ${status}`);
  }
  return wrong;
}

/** @returns the status; 0 when no answer came */
const deleteOne = (farm: Farm, uuid: string): Promise<number> =>
  send(`${farm.url()}/v1/fractal/${uuid}`, 'DELETE').then(
    ({ status }) => status,
    () => 0,
  );

/** Orders that were taken and not answered are nobody's: they are deleted, too, and then nothing is left. */
async function judgeStore(farm: Farm): Promise<string[]> {
  for (const { id } of await farm.repository.fractals.list({}, { limit: 10_000 })) await deleteOne(farm, id);
  const left = async () =>
    (await runSql<{ key: string }>(farm.database.url, 'select key from objects limit 20')).map(({ key }) => key);
  const isEmpty = async () => (await left()).length === 0 || (await sleep(1_000, false));
  await until(isEmpty, EMPTY_MS).catch(() => undefined);
  return (await left()).map((key) => `the object ${key} was left behind`);
}

/** @returns how much was wrong */
export async function runSoak(seed: number, hours: string | undefined): Promise<number> {
  const ms = Number(hours) * 3600_000;
  if (!(ms > 0)) {
    console.error('Say for how many hours: soak 8, or soak 0.2 to try it.');
    return 1;
  }
  const startedAt = Date.now();
  const rows: Row[] = [];
  await using farm = await Farm.open({ seed });
  for (let round = 1; Date.now() - startedAt < ms; round++) {
    const left = ms - (Date.now() - startedAt);
    const row = await playRound(farm, round, Math.min(ROUND_MS, Math.max(left, 2 * FAULT_EVERY_MS)));
    rows.push(row);
    tell(row);
    await writeReport('soak', { seed, pass: `soak of ${hours} hours`, startedAt, rows });
  }
  const left = await judgeStore(farm);
  for (const sentence of left) console.log(`WRONG: ${sentence}`);
  const totals = totalsOf({ seed, pass: 'soak', startedAt, rows });
  console.log({ seed, ...totals, leftBehind: left.length });
  return totals.wrong + left.length;
}

function tell({ name, injected, findings: { orders, lost, doubled, wrong }, notes }: Row): void {
  console.log(`${new Date().toISOString()} ${name}: ${injected} faults, orders ${orders}, lost ${lost}, doubled ${doubled}`);
  for (const note of notes) console.log(`   ${note}`);
  for (const sentence of wrong.slice(0, 20)) console.log(`   WRONG: ${sentence}`);
}
