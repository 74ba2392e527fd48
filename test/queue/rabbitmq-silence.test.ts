import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenOn, openTalking, outcomeOf, ringUntilTaken, someDoorbells } from '../support/rabbit-queues.ts';
import { type PrivateBroker, startRabbitmq } from '../support/servers/rabbitmq.ts';
import { until } from '../support/until.ts';

let broker: PrivateBroker;

beforeAll(async () => {
  broker = await startRabbitmq();
});
afterAll(() => broker?.[Symbol.asyncDispose]());

describe('the queue on a RabbitMQ that takes nothing', () => {
  it('makes a queue anew that lost its leader because the server was killed when it was young', async () => {
    await using maker = await openTalking(broker.url);
    await maker.ring(someDoorbells(1));
    await broker.kill();
    await broker.start();
    await using queue = await openTalking(broker.url, { mendAfterMs: 8_000 });
    await using ears = listenOn(queue);
    await ringUntilTaken(queue, someDoorbells(1, 7));
    await until(() => ears.heard.includes(7));
    expect(queue.lines.join()).toContain('is deleted and made anew');
  }, 90_000);

  it('fails soon while the server has a memory alarm, and goes on listening meanwhile', async () => {
    await using queue = await openTalking(broker.url);
    await queue.ring(someDoorbells(1));
    await broker.ctl('set_vm_memory_high_watermark', 'absolute', '1MB');
    await until(async () => (await outcomeOf(queue.ring(someDoorbells(1, 1)))) === 'unavailable');
    expect(await outcomeOf(queue.ring(someDoorbells(1, 2)))).toBe('unavailable');
    expect(await queue.depth()).toBeGreaterThan(0);
    queue.pulse.beat();
    await using ears = listenOn(queue);
    await until(() => ears.heard.includes(0));
    await broker.ctl('set_vm_memory_high_watermark', 'absolute', '512MB');
    await ringUntilTaken(queue, someDoorbells(1, 3));
    await until(() => ears.heard.includes(3));
    expect(queue.lines).toEqual([expect.stringContaining('takes no messages now'), expect.stringContaining('works again')]);
  }, 60_000);

  it('fails soon while the server is frozen, and stops listening without it', async () => {
    await using queue = await openTalking(broker.url);
    await queue.ring(someDoorbells(1));
    await using ears = listenOn(queue);
    await until(() => ears.heard.length === 1);
    await broker.pause();
    try {
      expect(await outcomeOf(queue.ring(someDoorbells(1, 1)))).toBe('unavailable');
      await ears.end();
    } finally {
      broker.resume();
    }
    await ringUntilTaken(queue, someDoorbells(1, 2));
  }, 60_000);
});
