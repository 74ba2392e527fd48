import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { Farm } from '../faults/support/farm.ts';
import { MENU, referenceOf } from '../faults/support/orders.ts';
import { until } from '../support/until.ts';

/** Two APIs, two workers, RabbitMQ, a database: what is true whichever of them one asks. */
describe.each(['postgres', 'mariadb'] as const)('a farm on %s', (database) => {
  let farm: Farm;
  const clients: Client[] = [];
  beforeAll(async () => {
    farm = await Farm.open({ seed: 1, database, direct: true });
    clients.push(new Client(farm.url(0)), new Client(farm.url(1)));
  });
  afterAll(() => farm?.[Symbol.asyncDispose]());

  it('draws what one API was asked for, tells it live at the other, and shows it at both', async () => {
    const [here, there] = clients as [Client, Client];
    const stop = new AbortController();
    const told = new Map<string, string[]>();
    let isOpen = false;
    const listening = (async () => {
      for await (const item of there.events(stop.signal)) {
        if (item.kind === 'open') isOpen = true;
        if (item.kind === 'event') told.set(item.event.uuid, [...(told.get(item.event.uuid) ?? []), item.event.type]);
      }
    })().catch(() => undefined);
    await until(() => isOpen);
    const orders = MENU.map((body) => ({ ...body, uuid: crypto.randomUUID() }));
    for (const order of orders) await here.order(order);
    await until(() => orders.every(({ uuid }) => told.get(uuid)?.at(-1) === 'done'), 60_000);
    stop.abort();
    await listening;
    for (const { uuid, ...body } of orders) {
      expect(told.get(uuid)?.at(0)).toBe('ordered');
      const [mine, theirs] = await Promise.all(clients.map((client) => client.find(uuid)));
      expect(mine).toEqual(theirs);
      expect(mine?.checksum).toBe(await referenceOf(body));
      const picture = await there.picture(uuid);
      let size = 0;
      for await (const piece of picture.bytes) size += piece.length;
      expect(size).toBe(mine?.size);
    }
  }, 120_000);

  it('knows its workers and what waits, at every API', async () => {
    for (const client of clients) {
      // They report every few seconds: what they did last may be told for a while.
      const workers = await until(async () => {
        const { objects } = await client.workers();
        return objects.length === 2 && objects.every(({ work }) => work.length === 0) ? objects : null;
      });
      expect(workers.map(({ threads, state }) => ({ threads, state }))).toEqual([
        { threads: 1, state: 'waiting' },
        { threads: 1, state: 'waiting' },
      ]);
      const status = await client.status();
      expect(status).toMatchObject({ bands: { waiting: 0, leased: 0 }, workers: { count: 2, threads: 2 }, queue: { depth: 0 } });
      expect(status.fractals.done).toBe(MENU.length);
    }
  });

  it('lets a worker go, and a killed one be replaced, while it draws', async () => {
    const [gone, killed] = farm.workers;
    const orders = Array.from({ length: 12 }, (_, i) => ({ ...MENU[i % MENU.length]!, uuid: crypto.randomUUID() }));
    for (const order of orders) await clients[0]!.order(order);
    expect(await gone!.stop()).toBe(0);
    await killed!.restart();
    for (const { uuid, ...body } of orders) {
      const done = await until(async () => {
        const fractal = await clients[1]!.find(uuid);
        return fractal.state === 'done' ? fractal : null;
      }, 60_000);
      expect(done.checksum).toBe(await referenceOf(body));
    }
    const { objects } = await clients[0]!.workers();
    expect(objects.some(({ state }) => state === 'stopping')).toBe(false);
  }, 120_000);
});
