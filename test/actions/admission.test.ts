import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelFractal, deleteFractal } from '../../src/actions/end-fractal.ts';
import { orderFractal } from '../../src/actions/order-fractal.ts';
import { retryFractal } from '../../src/actions/retry-fractal.ts';
import { EVERYBODY } from '../../src/domain/access.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/domain/limits.ts';
import { COST_UNIT } from '../../src/domain/spec.ts';
import { aReport, poison } from '../support/farm.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Costs 10 units. */
const REQUEST = {
  formula: 'mandelbrot' as const,
  viewport: { xa: -2, xb: 1, ya: -1, yb: 1 },
  width: 1024,
  height: 1024,
  iterations: 10,
  palette: 'classic' as const,
};
const COST = 10n * BigInt(COST_UNIT);

describe('admission', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let parts: Awaited<ReturnType<typeof openParts>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
    parts = await openParts(folder.path);
  });
  afterEach(async () => {
    await parts[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const newId = () => crypto.randomUUID() as FractalId;
  const order = async (client: string, limits: Partial<Limits>, id = newId()) => {
    const ports = { ...parts.ports, limits: { ...DEFAULT_LIMITS, ...limits } };
    return (await orderFractal(ports, id, REQUEST, { client, owner: null })).fractal;
  };

  it('takes one order whatever it costs where nothing is outstanding, and no second one', async () => {
    const limits = { maxClientCost: 1n, maxOutstandingCost: 1n };
    await order('ann', limits);
    await expect(order('ann', limits)).rejects.toMatchObject({ code: 'busy' });
    await expect(order('bob', limits)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('holds one client to its limit, and takes the orders of others', async () => {
    const limits = { maxClientCost: 3n * COST };
    for (let i = 0; i < 3; i++) await order('ann', limits);
    await expect(order('ann', limits)).rejects.toMatchObject({
      code: 'busy',
      message: `Your unfinished orders cost ${3n * COST} already (width x height x iterations x samples²), and those of one client may cost ${3n * COST} together: order again in 30 s.`,
      details: { retryAfterSeconds: 30 },
    });
    await order('bob', limits);
  });

  it('holds all together to theirs', async () => {
    const limits = { maxOutstandingCost: 2n * COST };
    await order('ann', limits);
    await order('bob', limits);
    await expect(order('cid', limits)).rejects.toMatchObject({
      code: 'unavailable',
      message: `All unfinished orders cost ${2n * COST} already (width x height x iterations x samples²), and they may cost ${2n * COST} together: order again in 30 s.`,
      details: { retryAfterSeconds: 30 },
    });
  });

  it('says when to come back from what live workers deliver: the excess at their speed, from 1 to 300 s', async () => {
    const limits = { maxClientCost: 3n * COST };
    for (let i = 0; i < 3; i++) await order('ann', limits);
    const { workers } = parts.ports.repository;
    const [a, b] = [aReport({ speed: 0.5 }), aReport({ speed: 2 })];
    const waits = async () => {
      const fault = await order('ann', limits).catch((error: unknown) => error);
      return (fault as { details: { retryAfterSeconds: number } }).details.retryAfterSeconds;
    };
    await workers.report(a);
    expect(await waits()).toBe(20);
    await workers.report(b);
    expect(await waits()).toBe(4);
    await workers.report({ ...b, speed: 10_000 });
    expect(await waits()).toBe(1);
    await workers.remove(b.id);
    await workers.report({ ...a, speed: 0.001 });
    expect(await waits()).toBe(300);
  });

  it('takes orders while the queue is paused, and says so to those that are too many', async () => {
    const limits = { maxClientCost: 2n * COST };
    const { workers, pause } = parts.ports.repository;
    await workers.report(aReport({ speed: 2 }));
    await pause.begin('ann', null);
    for (let i = 0; i < 2; i++) await order('ann', limits);
    await expect(order('ann', limits)).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringMatching(/together; the queue is paused, so nothing is drawn: order again in 60 s\.$/),
      details: { retryAfterSeconds: 60 },
    });
  });

  it('answers an order that is here already as ever, however much is outstanding', async () => {
    const limits = { maxClientCost: COST, maxOutstandingCost: COST };
    const first = await order('ann', limits);
    expect(await order('ann', limits, first.id)).toEqual(first);
    await expect(order('ann', limits)).rejects.toMatchObject({ code: 'busy' });
  });

  it('takes orders again when others are cancelled, deleted or failed, and counts what is retried', async () => {
    const limits = { maxClientCost: 2n * COST };
    const { ports } = parts;
    const [first, second] = [await order('ann', limits), await order('ann', limits)];
    await cancelFractal(ports, first.id, EVERYBODY);
    const third = await order('ann', limits);
    await deleteFractal(ports, second.id, EVERYBODY);
    await order('ann', limits);
    await poison(ports.repository, third.id);
    const fourth = await order('ann', limits);
    await deleteFractal(ports, fourth.id, EVERYBODY);
    await retryFractal(ports, third.id, EVERYBODY);
    await expect(order('ann', limits)).rejects.toMatchObject({ code: 'busy' });
  });
});
