import { once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import Fastify, { type FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logRequests } from '../../src/http/request-log.ts';
import { addPoisoned } from '../support/farm.ts';
import { anOrder, order, SIEGEL_DISC, send } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

type Line = Readonly<Record<string, unknown>>;
const NOWHERE = '00000000-0000-4000-8000-000000000000';

describe('the log of the API', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: RunningApi;
  let failed: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    failed = await addPoisoned(folder.path);
    api = await startApi({ dataDir: folder.path, flags: ['--log-level', 'debug'] });
  });
  afterAll(async () => {
    await api.stop();
    await folder[Symbol.asyncDispose]();
  });

  const lines = (): Line[] =>
    api
      .log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  /** The audit of one request. */
  const audited = (requestId: string) =>
    until(() => lines().find((line) => line.audit === true && line.request_id === requestId)) as Promise<Line>;

  it('holds an audit line for each change that somebody made, with who, what, of what, and how it ended', async () => {
    const { uuid } = await order(api.url, { ...SIEGEL_DISC, width: 512, height: 300, iterations: 110_000 });
    const changes = [
      ['order', 'POST', '/v1/fractal', anOrder({ uuid }), 'refused', 409, uuid],
      ['order', 'POST', '/v1/fractal', { ...anOrder(), width: 0 }, 'refused', 422, null],
      ['cancel', 'POST', `/v1/fractal/${uuid.toUpperCase()}/cancel`, undefined, 'done', 200, uuid],
      ['cancel', 'POST', `/v1/fractal/${NOWHERE}/cancel`, undefined, 'refused', 404, NOWHERE],
      ['retry', 'POST', `/v1/fractal/${failed}/retry`, undefined, 'done', 200, failed],
      ['delete', 'DELETE', `/v1/fractal/${uuid}`, undefined, 'done', 204, uuid],
      ['delete', 'DELETE', '/v1/fractal/no-uuid', undefined, 'refused', 422, null],
      ['pause', 'PUT', '/v1/pause', { why: '' }, 'refused', 422, null],
      ['pause', 'PUT', '/v1/pause', {}, 'done', 200, null],
      ['resume', 'DELETE', '/v1/pause', undefined, 'done', 204, null],
    ] as const;
    for (const [action, method, path, body, outcome, status, fractal] of changes) {
      const response = await send(`${api.url}${path}`, method, body);
      expect(response.status).toBe(status);
      const line = await audited(response.headers.get('x-request-id')!);
      expect(line).toEqual({
        ...{ level: 30, time: expect.any(String), pid: api.process.pid, hostname: expect.any(String), name: 'faafo-api' },
        ...{ audit: true, action, outcome, status, fractal, who: null, role: expect.any(String), address: '127.0.0.1' },
        ...{ request_id: response.headers.get('x-request-id'), msg: 'audit' },
      });
      expect(Date.parse(String(line.time))).toBeGreaterThan(Date.now() - 60_000);
    }
    const made = await send(`${api.url}/v1/fractal`, 'POST', anOrder());
    const { uuid: given } = await made.json();
    expect(await audited(made.headers.get('x-request-id')!)).toMatchObject({ action: 'order', outcome: 'done', fractal: given });
  });

  it('holds no audit line for looking, for what is refused as a method, and no second one', async () => {
    const before = lines().filter(({ audit }) => audit).length;
    await fetch(`${api.url}/v1/fractal`);
    await fetch(`${api.url}/v1/fractal`, { method: 'PUT' });
    const last = await send(`${api.url}/v1/fractal/${NOWHERE}`, 'DELETE');
    await audited(last.headers.get('x-request-id')!);
    await until(() =>
      lines().some(({ msg, request_id }) => msg === 'request' && request_id === last.headers.get('x-request-id')),
    );
    expect(lines().filter(({ audit }) => audit)).toHaveLength(before + 1);
  });

  it('knows a request by the id that the client gave it, when it is sane', async () => {
    const ask = async (id: string) => {
      const response = await fetch(`${api.url}/v1/fractal/${NOWHERE}`, { headers: { 'x-request-id': id } });
      return [response.headers.get('x-request-id'), (await response.json()).request_id];
    };
    for (const id of ['a', 'gateway:7f3a.12-b_9', 'x'.repeat(64)]) expect(await ask(id)).toEqual([id, id]);
    for (const id of ['', 'x'.repeat(65), 'two words', 'a"b', '{}', 'a/b', 'é', '<svg>']) {
      const [header, member] = await ask(id);
      expect(header).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
      expect(member).toBe(header);
    }
    expect(await until(() => lines().find(({ request_id }) => request_id === 'gateway:7f3a.12-b_9'))).toMatchObject({
      method: 'GET',
      path: `/v1/fractal/${NOWHERE}`,
      status: 404,
      fractal: NOWHERE,
      msg: 'request',
    });
  });

  it('holds JSON alone', () => {
    expect(lines().every(({ level, time, msg }) => level && time && msg)).toBe(true);
  });
});

describe('the audit', () => {
  const openApp = () => {
    const written: Line[] = [];
    const to = new Writable({ write: (line, _encoding, done) => done(void written.push(JSON.parse(line))) });
    const app = Fastify({ loggerInstance: pino(to) as FastifyBaseLogger });
    logRequests(app);
    return { app, written };
  };

  it('lets no route be added that may change something and does not say what', () => {
    const { app } = openApp();
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect(() => app.route({ method, url: '/x', handler: () => '' })).toThrow(/\/x has no audit in its config/);
    const silent = { config: { audit: null }, handler: () => '' };
    expect(() => app.route({ ...silent, method: 'PUT', url: '/v1/pause' })).toThrow(/has no audit in its config/);
    expect(() => app.route({ ...silent, method: 'PUT', url: '/v1/work/result' })).not.toThrow();
    expect(() => app.route({ method: 'GET', url: '/x', handler: () => '' })).not.toThrow();
  });

  it('tells of a change whose client is gone by the time it is done, and of one that failed', async () => {
    const { app, written } = openApp();
    const [asked, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    app.post('/slow', { config: { audit: 'slow' } }, async () => {
      asked.resolve();
      await done.promise;
      return {};
    });
    app.post('/bad', { config: { audit: 'bad' } }, async () => {
      throw new Error('broken');
    });
    const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    await asked.promise;
    socket.destroy();
    await once(socket, 'close');
    done.resolve();
    await until(() => written.some(({ action, outcome }) => action === 'slow' && outcome === 'done'));
    await app.inject({ method: 'POST', url: '/bad' });
    expect(written.filter(({ audit }) => audit).map(({ action, outcome }) => [action, outcome])).toEqual([
      ['slow', 'done'],
      ['bad', 'failed'],
    ]);
    await app.close();
  });
});
