import { setTimeout as sleep } from 'node:timers/promises';
import type { Farm } from '../support/farm.ts';
import { idle } from '../support/hands.ts';
import { type OrderBook, SMALL } from '../support/orders.ts';
import type { Scene, Stage } from '../support/scene.ts';
import { inMib, memoryBytes } from '../support/usage.ts';

const CLIENTS = 64;
/** So that the answers are measured and not the queue in front of them: 64 clients that never rest wait for each other. */
const MEAN_PAUSE_MS = 1_000;
const MIB = 2 ** 20;
/** A V8 that is new takes some 150 MiB in its first thousands of orders, and then no more: a small leak shows only in the long pass. */
const SHORT = { orders: 1_000, warmUp: 100, p99Ms: 1_000, growthBytes: 192 * MIB };
/** On a machine of its own. */
const LONG = { orders: 10_000, warmUp: 3_000, p99Ms: 250, growthBytes: 64 * MIB };

/** So many orders, each of them once, by clients that pause in between. */
async function orderMany(farm: Farm, book: OrderBook, orders: number): Promise<void> {
  let left = orders;
  const client = async () => {
    while (left-- > 0) {
      await sleep(2 * MEAN_PAUSE_MS * farm.random());
      await book.send(farm.url(Math.floor(farm.random() * farm.apis.length)), SMALL);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

/** Memory of each API when nothing is to be done: garbage is collected in its own time. */
async function settledMemory(farm: Farm): Promise<number[]> {
  let least = farm.apis.map(({ pid }) => memoryBytes(pid));
  for (let i = 0; i < 8; i++) {
    await sleep(500);
    least = farm.apis.map(({ pid }, api) => Math.min(least[api]!, memoryBytes(pid)));
  }
  return least;
}

function judgeAnswers({ book, complain, note }: Stage, p99Ms: number): void {
  const sorted = book.answerMs.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))]!);
  note(`answers: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, slowest ${at(1)} ms`);
  if (at(0.99) > p99Ms) complain(`one answer in a hundred took longer than ${at(0.99)} ms`);
  for (const [status, orders] of book.statuses) if (status !== 201) complain(`${orders} orders were answered ${status}`);
}

export const scenes: readonly Scene[] = [
  {
    number: 26,
    name: `many orders from ${CLIENTS} clients`,
    keepsOrdering: false,
    measures: true,
    times: { short: SHORT.orders, long: LONG.orders },
    async play(stage) {
      const { farm, book, times, pass, complain, note } = stage;
      const { warmUp, p99Ms, growthBytes } = pass === 'long' ? LONG : SHORT;
      await orderMany(farm, book, warmUp);
      await idle(farm, 60_000 + warmUp * 200);
      const before = await settledMemory(farm);
      book.answerMs.length = 0;
      await orderMany(farm, book, times);
      judgeAnswers(stage, p99Ms);
      await idle(farm, 60_000 + times * 200);
      const after = await settledMemory(farm);
      for (const [api, bytes] of after.entries()) {
        note(`memory of API ${api}: ${inMib(before[api]!)} before, ${inMib(bytes)} after`);
        if (bytes - before[api]! > growthBytes) complain(`the memory of API ${api} grew by ${inMib(bytes - before[api]!)}`);
      }
      return times;
    },
  },
];
