import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listenOn, onServer, openTalking, outcomeOf, ringUntilTaken, someDoorbells } from '../support/rabbit-queues.ts';
import { type PrivateBroker, startRabbitmq } from '../support/servers/rabbitmq.ts';
import { until } from '../support/until.ts';

/** A listener that was thrown out is back within so long. */
const BACK_MS = 5_000;
/** RabbitMQ 3.10 forgets the leader of a queue that it made less than half a second before it was killed. */
const YOUNG_MS = 1_500;

let broker: PrivateBroker;

beforeAll(async () => {
  broker = await startRabbitmq({ conf: ['consumer_timeout = 2000'] });
});
afterAll(() => broker?.[Symbol.asyncDispose]());
beforeEach(() => deleteQueue());

/** How often the server looks for consumers that take too long: every minute, else. Lost with a restart. */
const setTick = () => broker.ctl('eval', 'application:set_env(rabbit, channel_tick_interval, 500).');

const deleteQueue = () => onServer(broker.url, (connection) => connection.queueDelete('faafo.doorbells'));

const consumers = () =>
  onServer(broker.url, (connection) => connection.queueDeclare({ queue: 'faafo.doorbells', passive: true })).then(
    ({ consumerCount }) => consumerCount,
    () => 0,
  );

describe('the queue on a RabbitMQ in trouble', () => {
  it('loses nothing that it took when the server is killed while ringing and listening', async () => {
    await using ringing = await openTalking(broker.url);
    await using hearing = await openTalking(broker.url);
    await using ears = listenOn(hearing);
    await ringUntilTaken(ringing, someDoorbells(1));
    await sleep(YOUNG_MS);
    let taken = 0;
    const ringAll = async () => {
      for (const doorbell of someDoorbells(500)) {
        await ringUntilTaken(ringing, [doorbell]);
        taken++;
      }
    };
    const ringingAll = ringAll();
    for (const count of [100, 300]) {
      await until(() => taken >= count && new Set(ears.heard).size >= count);
      await broker.kill();
      await broker.start();
    }
    await ringingAll;
    await until(() => new Set(ears.heard).size === 500);
    expect(hearing.lines.filter((line) => line.includes('cannot be reached'))).toHaveLength(2);
    expect(hearing.lines.at(-1)).toContain('works again');
  }, 120_000);

  it('makes a deleted queue anew: the ring that noticed fails, the next one does not', async () => {
    await using queue = await openTalking(broker.url);
    await queue.ring(someDoorbells(3));
    await deleteQueue();
    expect(await outcomeOf(queue.ring(someDoorbells(1)))).toBe('unavailable');
    await queue.ring(someDoorbells(2));
    await until(async () => (await queue.depth()) === 2);
    await deleteQueue();
    expect(await queue.depth()).toBe(0);
  });

  it('listens again when the queue was deleted', async () => {
    await using queue = await openTalking(broker.url);
    await using ears = listenOn(queue);
    await ringUntilTaken(queue, someDoorbells(1));
    await until(() => ears.heard.length === 1);
    await deleteQueue();
    await until(async () => (await consumers()) === 1, BACK_MS);
    await ringUntilTaken(queue, someDoorbells(1, 1));
    await until(() => ears.heard.includes(1), BACK_MS);
    expect(queue.lines.join()).toMatch(/was the queue deleted\?,.*works again/);
  });

  it('hears again when the queue was deleted and made anew at once, which the server tells only the first time', async () => {
    await using queue = await openTalking(broker.url);
    await using ears = listenOn(queue);
    await onServer(broker.url, async (connection) => {
      const again = { queue: 'faafo.doorbells', durable: true, arguments: { 'x-queue-type': 'quorum' } } as const;
      const countConsumers = async () => (await connection.queueDeclare(again)).consumerCount;
      for (let i = 0; i < 2; i++) {
        await until(async () => (await countConsumers()) === 1, BACK_MS);
        await connection.queueDelete('faafo.doorbells');
        await connection.queueDeclare(again);
      }
    });
    await ringUntilTaken(queue, someDoorbells(1));
    await until(() => ears.heard.length === 1, 30_000);
  }, 60_000);

  it('listens again when one hearing took longer than the consumer timeout, and bears its late end', async () => {
    await setTick();
    await using queue = await openTalking(broker.url);
    const long = Promise.withResolvers<void>();
    let isFirst = true;
    const hear = async () => {
      if (!isFirst) return;
      isFirst = false;
      await long.promise;
    };
    await using ears = listenOn(queue, hear);
    await ringUntilTaken(queue, someDoorbells(1));
    await until(() => queue.lines.some((line) => line.includes('consumer_timeout')));
    await ringUntilTaken(queue, someDoorbells(1, 1));
    await until(() => ears.heard.includes(1), BACK_MS);
    long.resolve();
    await ears.end();
    expect(ears.heard.toSorted()).toEqual([0, 0, 1]);
    expect(await queue.depth()).toBe(0);
  }, 60_000);

  it('starts without the server, survives the loss of its data, and says each once', async () => {
    await broker.stop();
    await using queue = await openTalking(broker.url);
    await using ears = listenOn(queue);
    expect(await outcomeOf(queue.ring(someDoorbells(1)))).toBe('unavailable');
    await expect(queue.depth()).rejects.toMatchObject({ code: 'unavailable' });
    await broker.eraseData();
    await broker.start();
    await ringUntilTaken(queue, someDoorbells(5));
    await until(() => new Set(ears.heard).size === 5);
    expect(queue.lines).toEqual([
      expect.stringContaining('cannot be reached (ECONNREFUSED)'),
      expect.stringContaining('works again'),
    ]);
  }, 60_000);
});
