import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { finished, order, send } from '../../support/orders.ts';
import { until } from '../../support/until.ts';
import type { Farm } from '../support/farm.ts';
import { MENU } from '../support/orders.ts';
import type { Scene, Stage } from '../support/scene.ts';
import { SmallDisk, type Users } from '../support/small-disk.ts';
import { runSql } from '../support/sql.ts';

/** Results are refused below 128 MiB, orders below a tenth of all. */
const STORE_MIB = 256;
const ALMOST_FULL_MIB = 64;
const DATABASE_MIB = 96;
const FULL_MS = 5_000;

async function fillStore(stage: Stage): Promise<number> {
  const { farm, times, complain } = stage;
  const images = join(farm.folder, 'images');
  await using disk = await SmallDisk.under(images, STORE_MIB, usersOf(farm));
  for (let i = 0; i < times; i++) {
    const { uuid } = await order(farm.url(), MENU[0]);
    await finished(farm.url(), uuid, 'done', 60_000);
    const refused = countAnswers(farm, 503);
    await disk.fill(ALMOST_FULL_MIB);
    await until(() => refused() > 0, 30_000).catch(() => complain('results were taken though the store was almost full'));
    await disk.fill();
    const refusal = await send(`${farm.url()}/v1/fractal`, 'POST', MENU[0]);
    if (refusal.status !== 503 || !refusal.headers.get('retry-after')) {
      complain(
        `an order was answered ${refusal.status} though the store was full, Retry-After ${refusal.headers.get('retry-after')}`,
      );
    }
    const deleted = await send(`${farm.url()}/v1/fractal/${uuid}`, 'DELETE');
    if (!deleted.ok) complain(`on a full disk deleting was answered ${deleted.status}`);
    const isGone = async () => !(await readdir(images, { recursive: true })).some((name) => name.includes(uuid));
    await until(isGone, 60_000).catch(() => complain('on a full disk nothing was removed'));
    await disk.free();
    await sleep(1_000);
  }
  return times;
}

async function fillDatabase({ farm, book, times, complain }: Stage): Promise<number> {
  const { database } = farm;
  const users: Users = { stop: () => database.stop(), start: () => database.start() };
  await using disk = await SmallDisk.under(join(database.folder, 'data'), DATABASE_MIB, users);
  for (let i = 0; i < times; i++) {
    const refused = countAnswers(farm, 503);
    await disk.fill();
    await sleep(FULL_MS);
    if (refused() === 0 && !book.statuses.has(503)) complain('all was taken though the disk of the database was full');
    await disk.free();
    // It ends when it has no room for its log.
    const answers = await Promise.race([runSql(database.url, 'select 1').then(Boolean, () => false), sleep(10_000, false)]);
    if (!answers) {
      await database.stop();
      await database.start();
    }
    await sleep(1_000);
  }
  return times;
}

/** @returns how many answers with this status the workers have got since */
function countAnswers(farm: Farm, status: number): () => number {
  let count = 0;
  for (const link of farm.workLinks) {
    link.watch((piece, to) => {
      if (to === 'client' && piece.toString('latin1', 0, 13) === `HTTP/1.1 ${status} `) count++;
      return 'pass';
    });
  }
  return () => count;
}

const usersOf = ({ apis }: Farm): Users => ({
  stop: () => Promise.all(apis.map((api) => api.stop())),
  start: () => Promise.all(apis.map((api) => api.start())),
});

export const scenes: readonly Scene[] = [
  { number: 20, name: "store's disk full", farm: { store: 'files' }, times: { short: 1, long: 3 }, play: fillStore },
  { number: 21, name: "database's disk full", times: { short: 1, long: 5 }, play: fillDatabase },
];
