import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { parseFractalId } from '../../src/domain/ids.ts';
import type { DoorbellListener, DoorbellRinger } from '../../src/domain/queue.ts';
import type { Doorbell } from '../../src/domain/repository.ts';
import { until } from '../support/until.ts';

/**
 * What every queue promises (src/domain/queue.ts).
 * @param open an empty queue
 * @param patienceMs how long depth() may take to become right
 */
export function queueContract(open: () => Promise<DoorbellRinger & DoorbellListener>, patienceMs = 0): void {
  const awaitDepth = async (queue: DoorbellRinger, depth: number) => {
    await until(async () => (await queue.depth()) === depth, patienceMs);
  };
  const doorbells = (count: number): Doorbell[] =>
    Array.from({ length: count }, (_, band) => ({ fractal: parseFractalId('154c7b41-108e-4696-a059-1bde9bf03d0a'), band }));

  it('hands over what was rung before and while listening, in order', async () => {
    const queue = await open();
    const heard: number[] = [];
    const stop = new AbortController();
    await queue.ring(doorbells(3));
    const listening = queue.listen(async ({ band }) => void heard.push(band), { concurrency: 1, signal: stop.signal });
    await until(() => heard.length === 3);
    await queue.ring(doorbells(2));
    await until(() => heard.length === 5);
    stop.abort();
    await listening;
    expect(heard).toEqual([0, 1, 2, 0, 1]);
  });

  it('hands over no more at a time than asked, and keeps everybody busy', async () => {
    const queue = await open();
    const stop = new AbortController();
    let busy = 0;
    let most = 0;
    let heard = 0;
    const hear = async () => {
      most = Math.max(most, ++busy);
      await sleep(5);
      busy--;
      heard++;
    };
    const listening = queue.listen(hear, { concurrency: 3, signal: stop.signal });
    await queue.ring(doorbells(20));
    await until(() => heard === 20);
    stop.abort();
    await listening;
    expect(most).toBe(3);
  });

  it('brings a doorbell again whose hearing failed', async () => {
    const queue = await open();
    const stop = new AbortController();
    let tries = 0;
    const hear = async () => {
      if (++tries === 1) throw new Error('the service was away');
    };
    const listening = queue.listen(hear, { concurrency: 1, signal: stop.signal });
    await queue.ring(doorbells(1));
    await until(() => tries === 2);
    stop.abort();
    await listening;
  });

  it('ends only when the last one was heard to the end', async () => {
    const queue = await open();
    const stop = new AbortController();
    let ended = false;
    const hear = async () => {
      stop.abort();
      await sleep(50);
      ended = true;
    };
    await queue.ring(doorbells(2));
    await queue.listen(hear, { concurrency: 1, signal: stop.signal });
    expect(ended).toBe(true);
    await awaitDepth(queue, 1);
  });

  it('counts what waits', async () => {
    const queue = await open();
    await queue.ring(doorbells(7));
    await awaitDepth(queue, 7);
  });
}
