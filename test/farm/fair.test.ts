import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderBody } from '../../src/http/schemas.ts';
import { watchClaims } from '../faults/support/claims.ts';
import { Farm } from '../faults/support/farm.ts';
import { SMALL } from '../faults/support/orders.ts';
import { anOrder, finished, order, send } from '../support/orders.ts';
import { until } from '../support/until.ts';

const THREADS = 2;
/** Hundreds of bands of some tenths of a second each. */
const POSTER: OrderBody = anOrder({
  formula: 'mandelbrot',
  xa: -0.75,
  xb: -0.74,
  ya: 0.1,
  yb: 0.11,
  width: 30_000,
  height: 30_000,
  iterations: 500,
});
const SMALL_ORDERS = 8;

describe('two workers of two threads each, with a poster of 30,000 x 30,000 pixels in work', () => {
  let farm: Farm;
  /** of every claim that was answered with a band, the fractal's uuid, in their order */
  const claims: string[] = [];
  beforeAll(async () => {
    farm = await Farm.open({ seed: 1, threads: THREADS });
    for (const link of farm.workLinks) {
      watchClaims(link, ({ fractal }) => {
        claims.push(fractal);
        return 'pass';
      });
    }
  });
  afterAll(() => farm?.[Symbol.asyncDispose]());

  it('draw a small picture before whatever of the poster is not in their hands already', async () => {
    const { uuid: poster } = await order(farm.url(), POSTER);
    const ofPoster = (from: number, to: number) => claims.slice(from, to).filter((uuid) => uuid === poster).length;
    await until(() => ofPoster(0, claims.length) >= 2 * THREADS * farm.workers.length, 60_000);
    const before: number[] = [];
    for (let i = 0; i < SMALL_ORDERS; i++) {
      const { uuid } = await order(farm.url(i), SMALL);
      const from = claims.length;
      await finished(farm.url(i + 1), uuid, 'done', 60_000);
      before.push(ofPoster(from, claims.indexOf(uuid, 0)));
    }
    // One for each thread may have been judged in the very moment in which the small one was ordered.
    expect(Math.max(...before)).toBeLessThanOrEqual(THREADS * farm.workers.length);
    // Most wait for none: the next thread that is free takes them.
    expect(before.toSorted((a, b) => a - b)[SMALL_ORDERS >> 1]).toBeLessThanOrEqual(1);
    const drawn = ofPoster(0, claims.length);
    await until(() => ofPoster(0, claims.length) > drawn, 60_000);
    expect((await send(`${farm.url()}/v1/fractal/${poster}/cancel`, 'POST')).status).toBe(200);
  }, 240_000);
});
