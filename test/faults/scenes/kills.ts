import { setTimeout as sleep } from 'node:timers/promises';
import { parseFractalId } from '../../../src/domain/ids.ts';
import { isFinal } from '../../../src/domain/states.ts';
import type { OrderBody } from '../../../src/http/schemas.ts';
import { until } from '../../support/until.ts';
import type { Farm } from '../support/farm.ts';
import type { Verdict } from '../support/fault-proxy.ts';
import { BandKills, Hands, idle } from '../support/hands.ts';
import { atMoment, commitOf, orderOf } from '../support/moments.ts';
import { MENU, SLOW } from '../support/orders.ts';
import type { Part } from '../support/part.ts';
import type { Scene, Stage } from '../support/scene.ts';

/** Four bands of a second or so. */
const HEAVY: OrderBody = { ...SLOW, iterations: 60_000 };

/** SIGKILL while a band is surely being drawn, again and again; one comes back while the next is already looked for. */
const midRender: Scene['play'] = async (stage) => {
  const { farm, times } = stage;
  const kills = new BandKills();
  const starts = new Map<number, Promise<void>>();
  let heavy: string | null = null;
  using hands = new Hands(farm);
  try {
    for (let i = 0; i < times; i++) {
      heavy = await keepHeavy(stage, heavy);
      const { worker, band } = await hands.drawing((band) => kills.mayKill(band), farm.random() * 100);
      kills.count(band);
      await starts.get(worker);
      await farm.workers[worker]!.kill();
      hands.drop(worker);
      const start = farm.workers[worker]!.start();
      // Heard of when it is waited for.
      start.catch(() => undefined);
      starts.set(worker, start);
    }
  } finally {
    await Promise.all(starts.values());
  }
  return times;
};

/** Bands that take long are always there, and never so many that they are not soon finished. @returns the uuid of the newest heavy picture */
async function keepHeavy({ farm, book }: Stage, newest: string | null): Promise<string> {
  const fractal = newest === null ? null : await farm.repository.fractals.find(parseFractalId(newest));
  if (newest !== null && fractal && !isFinal(fractal.state)) return newest;
  const uuid = crypto.randomUUID();
  await until(async () => [200, 201].includes(await book.send(farm.url(), HEAVY, uuid)));
  return uuid;
}

/** SIGKILL to any process at any moment, to one alone or to several of any kind in the same moment, so that an API and the worker that it has just answered may both be gone. */
const anywhere: Scene['play'] = async ({ farm, times }) => {
  let killed = 0;
  while (killed < times) {
    await sleep(farm.random() * 400);
    const victims = someOf(farm, 1 + Math.floor(farm.random() * (farm.parts.length - 1)));
    await Promise.all(victims.map((part) => part.kill()));
    await Promise.all(victims.map((part) => part.start()));
    killed += victims.length;
  }
  return killed;
};

function someOf(farm: Farm, count: number): Part[] {
  const left = [...farm.parts];
  return Array.from({ length: count }, () => left.splice(Math.floor(farm.random() * left.length), 1)[0]!);
}

/** By turns while nothing is to be done, and while orders come in. */
const brokerKilled: Scene['play'] = async (stage) => {
  const { farm, book, times } = stage;
  for (let i = 0; i < times; i++) {
    const ended = new AbortController();
    const isBusy = i % 2 === 1;
    const ordering = isBusy ? book.keepOrdering(farm, ended.signal) : idle(farm);
    if (isBusy) await sleep(500 + farm.random() * 1000);
    else await ordering;
    await farm.broker.kill();
    try {
      await orderWithoutBroker(stage);
    } finally {
      ended.abort();
      await ordering;
      await farm.broker.start();
    }
  }
  return times;
};

async function orderWithoutBroker({ farm, book, complain }: Stage): Promise<void> {
  for (const api of farm.apis.keys()) {
    const status = await book.send(farm.url(api), farm.pick(MENU));
    if (status !== 201) complain(`an order was answered ${status} while the broker was dead`);
  }
}

/** By turns before a commit reaches the database, and while it is at it. */
const databaseKilled: Scene['play'] = async (stage) => {
  const { farm, book, times, complain } = stage;
  for (let i = 0; i < times; i++) {
    const [api, uuid, body] = [i % farm.apis.length, crypto.randomUUID(), farm.pick(MENU)];
    const isBefore = i % 2 === 0;
    let dying = Promise.resolve();
    const killed = atMoment([farm.apiDatabaseLinks[api]!], commitOf(...orderOf(uuid)), async (): Promise<Verdict> => {
      if (isBefore) await farm.database.kill();
      else dying = sleep(farm.random() * 3).then(() => farm.database.kill());
      return 'pass';
    });
    const [status] = await Promise.all([book.send(farm.url(api), body, uuid), killed]);
    await dying;
    if (isBefore && status === 201) complain('201 was answered, and the database was dead before the commit reached it');
    await farm.database.start();
    await until(async () => [200, 201].includes(await book.send(farm.url(api), body, uuid)), 60_000);
  }
  return times;
};

export const scenes: readonly Scene[] = [
  { number: 7, name: 'worker killed mid-render, in a loop', times: { short: 16, long: 320 }, play: midRender },
  { number: 7, name: 'any process killed at any moment, in a loop', times: { short: 20, long: 360 }, play: anywhere },
  {
    number: 9,
    name: 'broker killed, idle and busy',
    keepsOrdering: false,
    times: { short: 2, long: 20 },
    play: brokerKilled,
  },
  { number: 12, name: 'PostgreSQL killed mid-commit', times: { short: 6, long: 80 }, play: databaseKilled },
  {
    number: 12,
    name: 'MariaDB killed mid-commit',
    farm: { database: 'mariadb' },
    times: { short: 6, long: 80 },
    play: databaseKilled,
  },
];
