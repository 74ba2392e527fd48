import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderBody } from '../../../src/http/schemas.ts';
import { anOrder, finished } from '../../support/orders.ts';
import { until } from '../../support/until.ts';
import { type FailingCall, FailingCalls } from '../support/failing-calls.ts';
import type { Farm } from '../support/farm.ts';
import { MENU } from '../support/orders.ts';
import type { Scene, Stage } from '../support/scene.ts';

/** What the store asks of the system. Not write: with that, Node also wakes its own threads. */
const CALLS: readonly Pick<FailingCall, 'call' | 'error'>[] = [
  { call: 'fsync', error: 'EIO' },
  { call: 'rename', error: 'ENOSPC' },
  { call: 'pread64', error: 'EIO' },
  { call: 'unlink', error: 'EIO' },
  { call: 'statfs', error: 'EIO' },
];
const FAILING_MS = 5_000;

/** Ten bands: the first lies in the store long before the last is drawn. */
const MANY_BANDS: OrderBody = anOrder({
  formula: 'mandelbrot',
  xa: -0.75,
  xb: -0.74,
  ya: 0.1,
  yb: 0.11,
  width: 1600,
  height: 1600,
  iterations: 100,
});

async function failCalls({ farm, times, complain, note }: Stage): Promise<number> {
  let failed = 0;
  const start = Math.floor(farm.random() * CALLS.length);
  for (let i = 0; i < times; i++) {
    const first = 1 + Math.floor(farm.random() * 4);
    const every = 2 + Math.floor(farm.random() * 6);
    const call = { ...CALLS[(start + i) % CALLS.length]!, first, every };
    await using failing = await FailingCalls.in(farm.apis[0]!.pid, call, join(farm.folder, 'strace.txt'));
    await sleep(FAILING_MS);
    const count = await failing.count();
    note(`${call.call} ${call.error} from number ${first} on, every ${every}th: ${count} times`);
    failed += count;
  }
  if (failed === 0) complain('no call was met that could fail');
  return failed;
}

async function flipBits(stage: Stage): Promise<number> {
  for (let i = 0; i < stage.times; i++) {
    await flipInBand(stage);
    await flipInPicture(stage);
  }
  return 2 * stage.times;
}

async function flipInBand({ farm, book, complain }: Stage): Promise<void> {
  const uuid = crypto.randomUUID();
  await book.send(farm.url(), MANY_BANDS, uuid);
  await flipBit(farm, await until(() => findImage(farm, uuid, '.band'), 60_000));
  await finished(farm.url(), uuid, 'done', 60_000);
  const events = await eventsOf(farm, uuid);
  if (!events.includes('progress queued')) complain('a damaged band was not drawn again');
}

/** Before anybody saw it; what the answers and its bytes are after that is the checker's to judge, too. */
async function flipInPicture({ farm, book, complain }: Stage): Promise<void> {
  const uuid = crypto.randomUUID();
  await book.send(farm.url(), MENU[1]!, uuid);
  await finished(farm.url(), uuid, 'done', 60_000);
  await flipBit(farm, await until(() => findImage(farm, uuid, '.png')));
  book.redrawn.add(uuid);
  const { status } = await fetch(`${farm.url()}/fractal/${uuid}`);
  if (status !== 503) complain(`a damaged picture was answered ${status}`);
  await finished(farm.url(), uuid, 'done', 60_000);
}

async function findImage(farm: Farm, uuid: string, ending: string): Promise<string | undefined> {
  const folder = join(farm.folder, 'images', uuid.slice(0, 2));
  const names = await readdir(folder).catch(() => []);
  const found = names.find((name) => name.startsWith(uuid) && name.endsWith(ending));
  return found && join(folder, found);
}

/** Any bit, at any place. */
async function flipBit(farm: Farm, path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const { size } = await file.stat();
  const at = Math.floor(farm.random() * size);
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0]! ^= 1 << Math.floor(farm.random() * 8);
  await file.write(byte, 0, 1, at);
}

/** Type and state of each, in their order. */
async function eventsOf(farm: Farm, uuid: string): Promise<string[]> {
  const seen: string[] = [];
  for (let position = 0; ; ) {
    const events = await farm.repository.events.after(position, 500);
    for (const { type, state, fractal } of events) if (fractal === uuid) seen.push(`${type} ${state}`);
    position = events.at(-1)?.number ?? position;
    if (events.length < 500) return seen;
  }
}

const farm = { store: 'files' } as const;

export const scenes: readonly Scene[] = [
  { number: 22, name: 'system calls of the store fail', farm, times: { short: 3, long: 30 }, play: failCalls },
  { number: 23, name: 'a bit flipped in a stored image', farm, times: { short: 2, long: 30 }, play: flipBits },
];
