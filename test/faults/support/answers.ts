import { setTimeout as sleep } from 'node:timers/promises';
import { MENU } from './orders.ts';
import type { Stage } from './scene.ts';

/** What the median of the answers may take, whatever is out of order behind the API. Single ones may take longer on a busy machine. */
const MEDIAN_MS = 300;
const PAUSE_MS = 150;

/**
 * Orders at each API in turn while something is broken, and complains when they are not answered 201 soon.
 * @param meanwhile what is broken, as the end of a sentence
 * @param api the only one to order at
 */
export async function expectAnswers(stage: Stage, meanwhile: string, forMs: number, api?: number): Promise<void> {
  const { farm, book, complain } = stage;
  const end = performance.now() + forMs;
  const before = book.answerMs.length;
  const refused = new Map<number, number>();
  for (let i = 0; performance.now() < end; i++) {
    const status = await book.send(farm.url(api ?? i), farm.pick(MENU));
    if (status !== 201) refused.set(status, (refused.get(status) ?? 0) + 1);
    await sleep(PAUSE_MS);
  }
  for (const [status, times] of refused) complain(`${times} orders were answered ${status} while ${meanwhile}`);
  const sorted = book.answerMs.slice(before).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  if (median === undefined) complain(`no order was answered while ${meanwhile}`);
  else if (median > MEDIAN_MS) complain(`the median of ${sorted.length} answers was ${Math.round(median)} ms while ${meanwhile}`);
}

/** Orders faster than they are drawn. @returns when bands wait whose doorbells the queue should hold; @throws when none ever does */
export async function pileUp({ farm, book }: Stage, orders = 15): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    await Promise.all(Array.from({ length: orders }, (_, i) => book.send(farm.url(i), farm.pick(MENU))));
    if ((await farm.repository.doorbells.countRung()) > 0) return;
  }
  throw new Error('orders were drawn faster than they came: no doorbell waited');
}
