import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { assembleNext } from '../../src/actions/assemble-fractal.ts';
import { cancelFractal } from '../../src/actions/end-fractal.ts';
import { EVERYBODY } from '../../src/domain/access.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { openPool, PooledEngine } from '../../src/engine/engine.ts';
import { remoteDispatcher } from '../../src/http/remote-dispatcher.ts';
import { atWork } from '../support/at-work.ts';
import { SIEGEL_DISC } from '../support/orders.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { orderIn, type Parts, serveWork } from '../support/work-server.ts';

const { c_re: cRe, c_im: cIm, ...viewport } = SIEGEL_DISC;
/** One band of 2^34 steps: it takes many seconds. */
const ENDLESS = { cRe, cIm, viewport, width: 512, height: 512, iterations: 65_536 };
/** One band that takes long enough to do something meanwhile. */
const SLOW = { ...ENDLESS, iterations: 8_000, height: 256 };

/** A service, a worker's way to it over HTTP, and a queue between them. */
async function openFarm() {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const parts = stack.use(await openParts(folder.path));
  const server = stack.use(await serveWork(parts.dispatcher));
  return {
    parts,
    server,
    dispatcher: remoteDispatcher(server.url),
    requests: (name: string) => server.log().split(`"path":"/v1/work/${name}"`).length - 1,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const find = async ({ ports }: Parts, id: FractalId) => (await ports.repository.fractals.find(id))!;
const isIn = (parts: Parts, id: FractalId, state: string) => async () => (await find(parts, id)).state === state;
const workersOf = ({ ports }: Parts) => ports.repository.workers.list(60_000);

describe('a worker on its own', () => {
  it('draws what is ordered, and says what it does until it is gone', async () => {
    await using farm = await openFarm();
    const { parts, dispatcher } = farm;
    await using worker = atWork(parts, { dispatcher, id: 'w-1', host: 'far' });
    await worker.until(async () => (await workersOf(parts)).length === 1);
    const [idle] = await workersOf(parts);
    const who = { id: 'w-1', host: 'far', version: '0.0.0', engineVersion: parts.engine.version, threads: 1 };
    expect(idle).toMatchObject({ ...who, state: 'waiting', work: [], bands: 0, speed: 0 });
    expect(idle!.cores).toBeGreaterThan(0);

    const done = await orderIn(parts);
    await worker.until(isIn(parts, done, 'assembling'));
    await assembleNext(parts.ports);
    expect(await find(parts, done)).toMatchObject({ state: 'done', hosts: ['far'] });
    const endless = await orderIn(parts, ENDLESS);
    await worker.until(async () => (await workersOf(parts))[0]?.state === 'working');
    const [busy] = await workersOf(parts);
    expect(busy).toMatchObject({ bands: 2, work: [{ fractal: endless, band: 0 }] });
    expect(busy!.work[0]!.ms).toBeGreaterThanOrEqual(0);
    expect(busy!.speed).toBeGreaterThan(0);
    expect(busy!.bandsPerSecond).toBeGreaterThan(0);

    await worker.stop();
    expect(await workersOf(parts)).toEqual([]);
    const again = await dispatcher.claim({ fractal: endless, band: 0 }, { host: 'h', engineVersion: parts.engine.version });
    expect(again?.lease.attempt, 'it was released').toBe(2);
    expect(worker.errors).toEqual([]);
  });

  it('stops drawing what was cancelled, and goes on', async () => {
    await using farm = await openFarm();
    const { parts, dispatcher } = farm;
    await using worker = atWork(parts, { dispatcher });
    const endless = await orderIn(parts, ENDLESS);
    await worker.until(isIn(parts, endless, 'rendering'));
    await cancelFractal(parts.ports, endless, EVERYBODY);
    const next = await orderIn(parts);
    await worker.until(isIn(parts, next, 'assembling'));
    expect(worker.errors).toEqual([]);
  });
});

describe('while the service is away', () => {
  it('a doorbell is kept, and its band claimed when the service is back', async () => {
    await using farm = await openFarm();
    const { parts, server, dispatcher } = farm;
    await server.away();
    await using worker = atWork(parts, { dispatcher });
    const id = await orderIn(parts);
    await worker.until(() => worker.errors.filter((what) => what === 'band not claimed').length >= 2);
    // One is being heard, and the other is left to others: there is one thread.
    expect(await parts.queue.depth()).toBe(2);
    await server.back();
    await worker.until(isIn(parts, id, 'assembling'));
    expect(new Set(worker.errors)).toEqual(new Set(['band not claimed']));
    expect((await find(parts, id)).hosts).toEqual(['tester']);
  });

  it('a drawn band is kept, and delivered when the service is back', async () => {
    await using farm = await openFarm();
    const { parts, server, dispatcher, requests } = farm;
    await using worker = atWork(parts, { dispatcher });
    const id = await orderIn(parts, SLOW);
    await worker.until(isIn(parts, id, 'rendering'));
    await server.away();
    await worker.until(() => worker.errors.includes('band not delivered'));
    await server.back();
    await worker.until(isIn(parts, id, 'done'));
    expect(requests('claim'), 'it was drawn once').toBe(1);
  });

  it('a worker that stops gives its doorbell back', async () => {
    await using farm = await openFarm();
    const { parts, server, dispatcher } = farm;
    await server.away();
    const worker = atWork(parts, { dispatcher });
    await orderIn(parts, { height: 300 });
    await worker.until(() => worker.errors.includes('band not claimed'));
    expect(await worker.stop()).toBeNull();
    expect(await parts.queue.depth()).toBe(1);
  });

  it('a worker that stops does not wait for it with what it has drawn', async () => {
    await using farm = await openFarm();
    const { parts, server, dispatcher } = farm;
    const worker = atWork(parts, { dispatcher }, 100);
    const id = await orderIn(parts, SLOW);
    await worker.until(isIn(parts, id, 'rendering'));
    await server.away();
    await worker.until(() => worker.errors.includes('band not delivered'));
    expect(await worker.stop()).toBeNull();
    expect(worker.errors).toContain('band not released');
  });
});

describe('a service that does not let a worker in', () => {
  it('ends its work', async () => {
    await using farm = await openFarm();
    const { parts, server, dispatcher } = farm;
    await server.away();
    await using _ = await refuseAll(server.url, 403);
    await orderIn(parts);
    const worker = atWork(parts, { dispatcher }, 60_000);
    expect(await worker.ended).toMatchObject({ name: 'Fault', code: 'denied' });
    expect(worker.errors).toEqual([]);
    await worker.stop();
    expect(await parts.queue.depth(), 'doorbells are left to others').toBe(2);
  });

  it('ends it in the middle of a band', async () => {
    await using farm = await openFarm();
    const { parts, server, dispatcher } = farm;
    const worker = atWork(parts, { dispatcher }, 60_000);
    const id = await orderIn(parts, ENDLESS);
    await worker.until(isIn(parts, id, 'rendering'));
    await server.away();
    await using _ = await refuseAll(server.url, 401);
    expect(await worker.ended).toMatchObject({ code: 'unauthenticated' });
    await worker.stop();
  });
});

describe('a band that goes wrong', () => {
  it('is given up after its deadline, with a sentence', async () => {
    await using farm = await openFarm();
    const { parts, dispatcher } = farm;
    await using worker = atWork(parts, { dispatcher, bandDeadlineMs: 300 });
    const id = await orderIn(parts, ENDLESS);
    await worker.until(isIn(parts, id, 'failed'));
    expect((await find(parts, id)).error).toBe('A part of this picture took longer than 0.3 s; it was given up.');
    expect(worker.errors).toEqual(Array(3).fill('band not rendered'));
    const next = await orderIn(parts);
    await worker.until(isIn(parts, next, 'assembling'));
  });

  it('and takes its thread with it fails, and the next one is drawn', async () => {
    await using farm = await openFarm();
    const { parts, dispatcher } = farm;
    const pool = await openPool(1, new URL('../engine/unwell-thread.ts', import.meta.url));
    await using engine = new PooledEngine(pool, 100);
    await using worker = atWork(parts, { dispatcher, engine, bandDeadlineMs: 1000 });
    for (const [iterations, reason] of [
      [103, /^The thread that drew this band ended before its time\.$/],
      [101, /took longer than 1 s/],
    ] as const) {
      const id = await orderIn(parts, { iterations, height: 300 });
      await worker.until(isIn(parts, id, 'failed'));
      expect((await find(parts, id)).error).toMatch(reason);
    }
    const next = await orderIn(parts);
    await worker.until(isIn(parts, next, 'assembling'));
  });
});

it('a worker whose service never answers its last words ends all the same', async () => {
  await using farm = await openFarm();
  const { parts, server, dispatcher } = farm;
  await server.away();
  let asked = 0;
  await using _ = await listenInstead(server.url, () => asked++);
  const worker = atWork(parts, { dispatcher }, 100);
  await until(() => asked > 0);
  expect(await worker.stop()).toBeNull();
});

/** Another server where the service was. */
async function listenInstead(url: string, answer: RequestListener): Promise<AsyncDisposable> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(Number(new URL(url).port), '127.0.0.1', resolve));
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const refuseAll = (url: string, status: number): Promise<AsyncDisposable> =>
  listenInstead(url, (asked, answer) => asked.resume().on('end', () => answer.writeHead(status).end()));
