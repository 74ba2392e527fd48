import { request } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { takeReading } from '../../src/actions/take-reading.ts';
import { Fault } from '../../src/domain/fault.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { DEFAULT_LIMITS } from '../../src/domain/limits.ts';
import { COST_UNIT } from '../../src/domain/spec.ts';
import type { BandsResource, FarmStatus, ReadingList, WorkerList } from '../../src/http/farm-schemas.ts';
import { aReport, poison, serveParts } from '../support/farm.ts';
import { anOrder, finished, order, SIEGEL_DISC, send } from '../support/orders.ts';
import { startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const read = async <T>(url: string): Promise<T> => {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
};
/** Costs 10 units. */
const TEN = { width: 1024, height: 1024, iterations: 10 };

describe('POST /v1/fractal/{uuid}/retry', () => {
  it('draws a failed fractal again, and no other', async () => {
    await using folder = await temporaryFolder();
    await using api = await serveParts(folder.path);
    const { uuid } = await order(api.url);
    const retry = `${api.url}/v1/fractal/${uuid}/retry`;
    const early = await send(retry, 'POST');
    expect(early.status).toBe(409);
    expect(await early.json()).toMatchObject({
      state: 'queued',
      detail: `The fractal ${uuid} is queued: only a failed one can be tried again.`,
    });

    await poison(api.ports.repository, uuid as FractalId);
    const failed = await finished(api.url, uuid, 'failed');
    expect(failed.error).toMatch(/ended its worker 5 times/);
    const retried = await send(retry, 'POST');
    expect(retried.status).toBe(200);
    expect(await retried.json()).toMatchObject({ uuid, state: 'queued', progress: 0, error: null, finished_at: null });
    expect(await api.ports.repository.doorbells.takeDue(5)).toEqual([{ fractal: uuid, band: 0 }]);
    expect((await send(retry, 'POST')).status).toBe(409);

    const unknown = await send(`${api.url}/v1/fractal/${crypto.randomUUID()}/retry`, 'POST');
    expect(unknown.status).toBe(404);
    expect((await send(`${api.url}/v1/fractal/nonsense/retry`, 'POST')).status).toBe(422);
  });
});

describe('orders beyond the limits', () => {
  /** From an address of this machine; the service takes it for the client. */
  const orderFrom = (url: string, localAddress: string) =>
    new Promise<{ status: number; retryAfter: string | undefined; detail: string }>((resolve, reject) => {
      const asking = request(`${url}/v1/fractal`, { method: 'POST', localAddress }, async (response) => {
        let body = '';
        for await (const piece of response) body += piece;
        resolve({
          status: response.statusCode!,
          retryAfter: response.headers['retry-after'],
          detail: JSON.parse(body).detail,
        });
      });
      asking.on('error', reject).setHeader('content-type', 'application/json');
      asking.end(JSON.stringify(anOrder(TEN)));
    });

  it('are refused with 429 to a client, with 503 to everybody, and with Retry-After', async () => {
    await using folder = await temporaryFolder();
    const limits = { maxClientCost: BigInt(20 * COST_UNIT), maxOutstandingCost: BigInt(30 * COST_UNIT) };
    await using api = await serveParts(folder.path, { limits: { ...DEFAULT_LIMITS, ...limits } });
    await api.ports.repository.workers.report(aReport({ speed: 2 }));
    const statuses: number[] = [];
    for (let i = 0; i < 2; i++) statuses.push((await orderFrom(api.url, '127.0.0.1')).status);
    expect(statuses).toEqual([201, 201]);
    const busy = await orderFrom(api.url, '127.0.0.1');
    expect(busy).toEqual({
      status: 429,
      retryAfter: '5',
      detail: expect.stringMatching(/^Your unfinished orders cost 20971520 /),
    });
    expect((await orderFrom(api.url, '127.0.0.2')).status).toBe(201);
    const full = await orderFrom(api.url, '127.0.0.3');
    expect(full).toEqual({
      status: 503,
      retryAfter: '5',
      detail: expect.stringMatching(/^All unfinished orders cost 31457280 /),
    });
  });
});

describe('/v1/workers and /v1/status', () => {
  it('tell of every worker that is alive, and of all that waits', async () => {
    await using folder = await temporaryFolder();
    await using api = await serveParts(folder.path);
    const { uuid } = await order(api.url, TEN);
    const failing = await order(api.url);
    await poison(api.ports.repository, failing.uuid as FractalId);
    const { workers, bands } = api.ports.repository;
    await bands.claim({
      fractal: uuid as FractalId,
      band: 0,
      tokenHash: 'h',
      leaseMs: 60_000,
      host: 'app-worker-2',
      engineVersion: api.ports.engineVersion,
    });
    const held = [{ fractal: uuid as FractalId, band: 0, ms: 1234.5 }];
    await workers.report(
      aReport({
        id: 'w2',
        host: 'app-worker-2',
        state: 'working',
        speed: 1.5,
        bandsPerSecond: 0.25,
        pixelsPerSecond: 4000.4,
        work: held,
      }),
    );
    await workers.report(aReport({ id: 'w1', speed: 0.5, bandsPerSecond: 0.5, threads: 3 }));

    const { objects } = await read<WorkerList>(`${api.url}/v1/workers`);
    expect(objects).toEqual([
      expect.objectContaining({ id: 'w1', host: 'app-worker-1', work: [] }),
      {
        id: 'w2',
        host: 'app-worker-2',
        state: 'working',
        version: '0.1.0',
        engine_version: '4',
        cores: 2,
        threads: 2,
        load: 0.5,
        uptime: 60,
        bands: 7,
        bands_per_second: 0.25,
        pixels_per_second: 4000,
        steps_per_second: 1.5 * COST_UNIT,
        seen_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        silent: false,
        work: [{ uuid, band: 0, seconds: 1.235 }],
      },
    ]);

    const status = await read<FarmStatus>(`${api.url}/v1/status`);
    const { bands: cut } = await finished(api.url, uuid, 'rendering');
    expect(status).toEqual({
      pause: null,
      fractals: { queued: 0, rendering: 1, assembling: 0, done: 0, failed: 1, cancelled: 0 },
      bands: { waiting: cut - 1, leased: 1 },
      oldest_waiting: expect.any(Number),
      workers: { count: 2, threads: 5 },
      throughput: { bands_per_second: 0.75, pixels_per_second: 4000, steps_per_second: 2 * COST_UNIT },
      outstanding_steps: 10 * COST_UNIT,
      limits: { max_side: 65_535, max_iterations: 16_777_216, max_cost: 10_000_000_000_000 },
      stored_bytes: 0,
      queue: { depth: 0 },
      scrub: { checked: 0, bytes: 0, damaged: 0, missing: 0, finished_at: null },
    });
    expect(status.oldest_waiting).toBeGreaterThan(0);
  });

  it('tell of silent workers to who asks for them', async () => {
    await using folder = await temporaryFolder();
    await using api = await serveParts(folder.path);
    await api.ports.repository.workers.report(aReport());
    vi.spyOn(api.ports.repository.workers, 'list').mockImplementation(async (maxAgeMs) => {
      const worker = { ...aReport({ id: 'gone' }), seenAt: Date.now() - 40_000, silentMs: 40_000 };
      return maxAgeMs < 40_000 ? [] : [worker];
    });
    expect(await read(`${api.url}/v1/workers`)).toEqual({ objects: [] });
    expect(await read(`${api.url}/v1/workers?seen_within=60`)).toMatchObject({ objects: [{ id: 'gone', silent: true }] });
    for (const wrong of ['0', '3601', 'x', '1.5']) {
      expect((await fetch(`${api.url}/v1/workers?seen_within=${wrong}`)).status).toBe(422);
    }
  });

  it('say so when nothing is there, and when the queue is away', async () => {
    await using folder = await temporaryFolder();
    const away = async (): Promise<never> => {
      throw new Fault('unavailable', 'The broker is away.');
    };
    await using api = await serveParts(folder.path, { ringer: { ring: away, depth: away, ping: away } });
    expect(await read(`${api.url}/v1/workers`)).toEqual({ objects: [] });
    expect(await read(`${api.url}/v1/status`)).toMatchObject({
      bands: { waiting: 0, leased: 0 },
      oldest_waiting: null,
      workers: { count: 0, threads: 0 },
      outstanding_steps: 0,
      queue: null,
    });
  });

  it('tell what the worker inside of the service does', async () => {
    await using folder = await temporaryFolder();
    await using api = await startApi({ dataDir: folder.path, flags: ['--threads', '1'] });
    const { uuid } = await order(api.url, { ...SIEGEL_DISC, width: 512, height: 512, iterations: 16_777_216 });
    const working = await until(async () => {
      const { objects } = await read<WorkerList>(`${api.url}/v1/workers`);
      return objects.find(({ work }) => work.length > 0);
    });
    expect(working).toMatchObject({ state: 'working', threads: 1, work: [{ uuid }] });
    expect(working.load).toBeGreaterThanOrEqual(0);
    const status = await read<FarmStatus>(`${api.url}/v1/status`);
    expect(status).toMatchObject({ fractals: { rendering: 1 }, bands: { leased: 1 }, workers: { count: 1, threads: 1 } });
  });
});

describe('/v1/readings', () => {
  it('tell what the farm did, the same whichever API took them, and only news to who knows the rest', async () => {
    await using folder = await temporaryFolder();
    await using api = await serveParts(folder.path);
    const { repository } = api.ports;
    expect(await read(`${api.url}/v1/readings`)).toEqual({ every: 10, objects: [] });
    await order(api.url, TEN);
    await repository.workers.report(aReport({ speed: 1.5, bandsPerSecond: 0.25, pixelsPerSecond: 300 }));
    await repository.workers.report(aReport({ id: 'w2', speed: 0.5, pixelsPerSecond: 100 }));
    await takeReading(api.ports);
    await takeReading(api.ports);
    const { objects } = await read<ReadingList>(`${api.url}/v1/readings`);
    const [first] = objects;
    expect(objects.length).toBeLessThanOrEqual(2);
    expect(first).toEqual({
      at: expect.stringMatching(/0\.000Z$/),
      bands_per_second: 0.25,
      pixels_per_second: 400,
      steps_per_second: 2 * COST_UNIT,
      workers: 2,
      bands_waiting: expect.any(Number),
      bands_leased: 0,
      oldest_waiting: expect.any(Number),
      paused: false,
    });
    expect(first!.bands_waiting).toBeGreaterThan(0);
    const newer = await read<ReadingList>(`${api.url}/v1/readings?after=${first!.at}`);
    expect(newer.objects).toEqual(objects.slice(1));
    expect((await fetch(`${api.url}/v1/readings?after=yesterday`)).status).toBe(422);
  });

  it('are taken by a running service by itself', async () => {
    await using folder = await temporaryFolder();
    await using api = await startApi({ dataDir: folder.path });
    const taken = await until(async () => {
      const { objects } = await read<ReadingList>(`${api.url}/v1/readings`);
      return objects.length > 0 ? objects : null;
    });
    expect(taken[0]).toMatchObject({ bands_waiting: 0, paused: false });
  });
});

describe('/v1/fractal/{uuid}/bands', () => {
  it('tells who draws which band, in a letter and a number for each', async () => {
    await using folder = await temporaryFolder();
    await using api = await serveParts(folder.path);
    const { uuid, bands } = await order(api.url, { width: 1024, height: 1024, iterations: 200 });
    const path = `${api.url}/v1/fractal/${uuid}/bands`;
    expect(await read(path)).toEqual({
      uuid,
      states: 'w'.repeat(bands),
      hosts: [],
      by: Array.from({ length: bands }, () => null),
    });
    const lease = { fractal: uuid as FractalId, leaseMs: 60_000, engineVersion: api.ports.engineVersion };
    for (const [band, host] of ['one', 'two', 'one'].entries()) {
      await api.ports.repository.bands.claim({ ...lease, band, tokenHash: `${band}`, host });
    }
    expect(bands).toBeGreaterThan(3);
    const { states, hosts, by } = await read<BandsResource>(path);
    expect(states).toBe(`lll${'w'.repeat(bands - 3)}`);
    expect([hosts, by.slice(0, 4)]).toEqual([
      ['one', 'two'],
      [0, 1, 0, null],
    ]);
    await send(`${api.url}/v1/fractal/${uuid}/cancel`, 'POST');
    expect(await read(path)).toEqual({ uuid, states: '', hosts: [], by: [] });
    expect((await fetch(`${api.url}/v1/fractal/${crypto.randomUUID()}/bands`)).status).toBe(404);
  });
});
