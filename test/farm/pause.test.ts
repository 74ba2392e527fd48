import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { Farm } from '../faults/support/farm.ts';
import { MENU } from '../faults/support/orders.ts';
import { until } from '../support/until.ts';

/** A pause that one API was asked for, on a farm of two, with RabbitMQ between them and their workers. */
describe.each(['postgres', 'mariadb'] as const)('a paused farm on %s', (database) => {
  let farm: Farm;
  let here: Client;
  let there: Client;
  beforeAll(async () => {
    farm = await Farm.open({ seed: 1, database, direct: true });
    [here, there] = [new Client(farm.url(0)), new Client(farm.url(1))];
  });
  afterAll(() => farm?.[Symbol.asyncDispose]());

  /** Claims that were asked for so far, at both APIs. */
  async function claims(): Promise<number> {
    const texts = await Promise.all([0, 1].map(async (i) => (await fetch(`${farm.url(i)}/metrics`)).text()));
    const counts = texts.flatMap((text) => [...text.matchAll(/^faafo_band_claims_total\{[^}]*\} (\d+)$/gm)]);
    return counts.reduce((sum, [, n]) => sum + Number(n), 0);
  }

  it('draws nothing whichever API is asked, lets its workers rest, and goes on at once', async () => {
    const orders = (client: Client, n: number) =>
      Promise.all(Array.from({ length: n }, (_, i) => client.order({ ...MENU[i % MENU.length]!, uuid: crypto.randomUUID() })));
    // Doorbells are in the queue and in the workers' hands when it comes.
    const before = await orders(there, 40);
    await here.pause({ why: 'a new switch' });
    const { leased } = (await there.status()).bands;
    const after = await orders(there, 10);
    expect(after.every(({ state }) => state === 'queued')).toBe(true);
    await until(async () => (await here.status()).bands.leased === 0, 30_000);
    expect(await there.status()).toMatchObject({ pause: { why: 'a new switch', by: null }, bands: { leased: 0 } });
    const { fractals } = await there.status();
    expect(fractals.queued).toBeGreaterThanOrEqual(before.length + after.length - leased - fractals.done - fractals.rendering);
    expect(fractals.queued).toBeGreaterThan(after.length);

    // Every doorbell in the queue is heard in vain once; then it is quiet, also behind a restart of all parts.
    await until(async () => (await here.status()).queue?.depth === 0, 10_000);
    await sleep(500);
    const asked = await claims();
    await sleep(6_000);
    expect(await claims()).toBe(asked);
    for (const part of farm.parts) await part.restart();
    await until(async () => (await here.status().catch(() => null))?.workers.count === 2, 20_000);
    await sleep(3_000);
    expect(await there.status()).toMatchObject({ fractals: { queued: fractals.queued }, queue: { depth: 0 } });

    const resumed = performance.now();
    await there.resume();
    await until(async () => (await here.status()).fractals.queued < fractals.queued, 10_000);
    // Not only when what was rung counts as lost, after five seconds.
    expect(performance.now() - resumed).toBeLessThan(4_500);
    await until(async () => (await here.status()).fractals.done === before.length + after.length, 60_000);
    expect((await there.status()).pause).toBeNull();
  }, 180_000);
});
