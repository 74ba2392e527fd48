import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Doorbell } from '../../src/domain/repository.ts';
import { queueContract } from '../contract/queue.ts';
import { A_FRACTAL, onServer, openTalking, someDoorbells, type TalkingQueue } from '../support/rabbit-queues.ts';
import { type PrivateBroker, startRabbitmq } from '../support/servers/rabbitmq.ts';
import { until } from '../support/until.ts';

let broker: PrivateBroker;
let opened: TalkingQueue[] = [];

beforeAll(async () => {
  broker = await startRabbitmq();
});
afterEach(async () => {
  await Promise.all(opened.map((queue) => queue[Symbol.asyncDispose]()));
  opened = [];
});
afterAll(() => broker?.[Symbol.asyncDispose]());

async function open(): Promise<TalkingQueue> {
  const queue = await openTalking(broker.url);
  opened.push(queue);
  return queue;
}

async function openEmpty(): Promise<TalkingQueue> {
  const queue = await open();
  await queue.depth();
  await onServer(broker.url, (connection) => connection.queuePurge('faafo.doorbells'));
  return queue;
}

describe('the queue on RabbitMQ', () => {
  queueContract(openEmpty, 10_000);

  it('is shared: what one process rings another hears, and one that stops gives back what it has not heard', async () => {
    const [ringing, one, other] = [await openEmpty(), await open(), await open()];
    const stopOne = new AbortController();
    const heard: number[] = [];
    const never = one.listen(() => new Promise((_, reject) => stopOne.signal.addEventListener('abort', reject)), {
      concurrency: 2,
      signal: stopOne.signal,
    });
    await ringing.ring(someDoorbells(2));
    await until(async () => (await ringing.depth()) === 0);
    stopOne.abort();
    await never;
    const stop = new AbortController();
    const listening = other.listen(async ({ band }) => void heard.push(band), { concurrency: 1, signal: stop.signal });
    await until(() => heard.length === 2);
    stop.abort();
    await listening;
    expect(heard.toSorted()).toEqual([0, 1]);
  });

  it('throws away what is no doorbell, says so, and goes on', async () => {
    const queue = await openEmpty();
    const strange = ['', 'hello', '{"v":1', { v: 2, fractal: A_FRACTAL, band: 0 }, { v: 1, fractal: '../etc/passwd', band: 0 }];
    const bands = [-1, 0.5, '0', null, 1e300].map((band) => ({ v: 1, fractal: A_FRACTAL, band }));
    const bodies = [...strange, ...bands, Buffer.from([0xff, 0x00]), null, []];
    await onServer(broker.url, async (connection) => {
      const publisher = connection.createPublisher({ confirm: true });
      for (const body of bodies) await publisher.send('faafo.doorbells', body);
      await publisher.close();
    });
    await queue.ring(someDoorbells(1, 42));
    const heard: Doorbell[] = [];
    const stop = new AbortController();
    const listening = queue.listen(async (doorbell) => void heard.push(doorbell), { concurrency: 1, signal: stop.signal });
    await until(() => heard.length > 0);
    stop.abort();
    await listening;
    expect(heard).toEqual([{ fractal: A_FRACTAL, band: 42 }]);
    expect(queue.lines.filter((line) => line.includes('no doorbell'))).toHaveLength(bodies.length);
    expect(await queue.depth()).toBe(0);
  });
});

describe('the pulse on RabbitMQ', () => {
  /** Waits until the subscription is there: it beats once by itself. */
  const subscribe = (queue: TalkingQueue) => queue.pulse.wait(20_000);

  it('wakes those who wait in other processes', async () => {
    const [one, other] = [await open(), await open()];
    await subscribe(other);
    for (let beat = 0; beat < 3; beat++) {
      const waiting = other.pulse.wait(3_600_000).then(() => 'woken');
      one.pulse.beat();
      expect(await waiting).toBe('woken');
    }
  });

  it('wakes those who wait in the same process at once, and only once', async () => {
    const queue = await open();
    await subscribe(queue);
    let woken = 0;
    const wait = () => queue.pulse.wait(60_000, stop.signal).then(() => void woken++);
    const stop = new AbortController();
    const first = wait();
    queue.pulse.beat();
    await first;
    const second = wait();
    await sleep(300);
    expect(woken).toBe(1);
    stop.abort();
    await second;
  });

  it('sends many beats as few', async () => {
    const [one, other] = [await open(), await open()];
    await subscribe(other);
    let woken = 0;
    const stop = new AbortController();
    const watching = (async () => {
      while (!stop.signal.aborted) await other.pulse.wait(60_000, stop.signal).then(() => woken++);
    })();
    for (let beat = 0; beat < 10_000; beat++) one.pulse.beat();
    await until(() => woken > 0);
    await sleep(300);
    stop.abort();
    await watching;
    // The first, and one for all that came while it was sent; and the end of the watching.
    expect(woken).toBeLessThanOrEqual(3);
  });
});
