import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createToken } from '../../src/actions/manage-tokens.ts';
import { httpLimitsOf } from '../../src/cli/http-limits.ts';
import { loadSettings } from '../../src/cli/settings.ts';
import { Client } from '../../src/http/client.ts';
import { failureWatch } from '../../src/http/failure-watch.ts';
import { paceAnswers } from '../../src/http/paced-answers.ts';
import { toReportBody } from '../../src/http/work-schemas.ts';
import { aReport, serveParts } from '../support/farm.ts';
import { ask, openFrom } from '../support/from.ts';
import { anOrder, finished, order } from '../support/orders.ts';
import { openParts } from '../support/service-parts.ts';
import { startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { serveWork } from '../support/work-server.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const [HERE, THERE] = ['127.0.0.1', '127.0.0.2'];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

describe('orders a second', () => {
  const orderFrom = (url: string, from = HERE, headers = {}) =>
    ask(`${url}/v1/fractal`, { from, method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(anOrder()) });

  it('of one client are held to their limit, right or wrong, and told when to come again; others are not', async () => {
    await using api = await serveParts(folder.path, {}, { limits: { maxOrdersPerSecond: 1 } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => orderFrom(api.url)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 201, 429, 429, 429]);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.headers['retry-after']).toBe('1');
    expect(JSON.parse(refused.body)).toMatchObject({ status: 429, detail: expect.stringMatching(/More than 1 orders a second/) });
    expect((await orderFrom(api.url, THERE)).status).toBe(201);
    for (let i = 0; i < 4; i++)
      await ask(`${api.url}/v1/fractal`, { from: THERE, method: 'POST', headers: JSON_TYPE, body: '{}' });
    expect((await orderFrom(api.url, THERE)).status).toBe(429);
    expect((await ask(`${api.url}/v1/fractal`, { from: THERE })).status).toBe(200);
  });

  it('are waited for by the client', async () => {
    await using api = await serveParts(folder.path, {}, { limits: { maxOrdersPerSecond: 2 } });
    const client = new Client(api.url);
    const ordered = await Promise.all(
      Array.from({ length: 14 }, () => client.order({ ...anOrder(), uuid: crypto.randomUUID() })),
    );
    expect(new Set(ordered.map(({ uuid }) => uuid)).size).toBe(14);
  });

  it('are those of an identity, wherever it asks from', async () => {
    await using api = await serveParts(folder.path, {}, { limits: { maxOrdersPerSecond: 1 } });
    const token = async (name: string) => {
      const made = await createToken(api.ports.repository, { name, role: 'creator', expiresInMs: null });
      return { authorization: `Bearer ${made.token}` };
    };
    const [ann, bob] = [await token('ann'), await token('bob')];
    const answers = [];
    for (const from of [HERE, THERE, HERE, THERE, HERE, THERE]) answers.push(await orderFrom(api.url, from, ann));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 429]);
    expect((await orderFrom(api.url, HERE, bob)).status).toBe(201);
  });
});

describe('connections', () => {
  const quiet = (url: string, count: number, from: string) => Array.from({ length: count }, () => openFrom(url, from));
  const isOpen = (url: string, from: string) =>
    ask(`${url}/healthz`, { from }).then(
      ({ status }) => status === 200,
      () => false,
    );

  it('of one address that say nothing make room for those that do, the quietest first', async () => {
    await using api = await serveParts(folder.path, {}, { limits: { maxConnectionsPerAddress: 5 } });
    const sockets = quiet(api.url, 5, HERE);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await sleep(100);
    const closed: number[] = [];
    for (const [i, socket] of sockets.entries()) socket.resume().on('close', () => closed.push(i));
    expect(await isOpen(api.url, HERE)).toBe(true);
    expect(await isOpen(api.url, HERE)).toBe(true);
    expect(closed.length).toBeLessThanOrEqual(2);
    expect(closed).toContain(0);
    for (const socket of sockets) socket.destroy();
  });

  it('that are busy keep others of their address out, and nobody else; all together have a limit, too', async () => {
    const limits = { maxConnectionsPerAddress: 4, maxConnections: 6, maxEventStreams: 100 };
    await using api = await serveParts(folder.path, {}, { limits });
    const streams: ReturnType<typeof openFrom>[] = [];
    const stream = async (from: string) => {
      const socket = openFrom(api.url, from);
      socket.write(
        'POST /v1/fractal HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
      );
      streams.push(socket);
      await once(socket, 'connect');
      await sleep(50);
    };
    for (let i = 0; i < 4; i++) await stream(HERE);
    expect([await isOpen(api.url, HERE), await isOpen(api.url, THERE)]).toEqual([false, true]);
    await stream(THERE);
    await stream(THERE);
    expect([await isOpen(api.url, THERE), await isOpen(api.url, '127.0.0.3')]).toEqual([false, false]);
    for (const socket of streams) socket.destroy();
    await until(async () => (await isOpen(api.url, HERE)) && (await isOpen(api.url, THERE)));
  });

  it('of a trusted proxy have only the limit of all', async () => {
    const edge = { visitors: { onlyLoopback: true, allowedHosts: [], allowedOrigins: [] }, trustedProxies: [THERE], tls: null };
    await using api = await serveParts(folder.path, {}, { edge, limits: { maxConnectionsPerAddress: 2 } });
    const busy = [HERE, THERE].map((from) => Array.from({ length: 6 }, () => openFrom(api.url, from)));
    for (const socket of busy.flat()) socket.resume();
    await sleep(200);
    expect(busy.map((sockets) => sockets.filter(({ closed }) => !closed).length)).toEqual([2, 6]);
    for (const socket of busy.flat()) socket.destroy();
  });
});

describe('event streams', () => {
  const open = (url: string, from: string) =>
    new Promise<{ status: number; socket: ReturnType<typeof openFrom> }>((resolve) => {
      const socket = openFrom(url, from);
      socket.write('GET /v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n');
      socket.once('data', (head) => resolve({ status: Number(head.toString().split(' ')[1]), socket }));
    });

  it('are so many of one client at a time, and one more when one has ended', async () => {
    await using api = await serveParts(folder.path, {}, { limits: { maxEventStreams: 2 } });
    const [first, second] = [await open(api.url, HERE), await open(api.url, HERE)];
    expect([first.status, second.status]).toEqual([200, 200]);
    const refused = await ask(`${api.url}/v1/events`, { from: HERE });
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '10']);
    const other = await open(api.url, THERE);
    expect(other.status).toBe(200);
    first.socket.destroy();
    await until(async () => {
      const again = await open(api.url, HERE);
      again.socket.destroy();
      return again.status === 200;
    });
    for (const { socket } of [second, other]) socket.destroy();
  });
});

describe('answers', () => {
  const PACE = { leastPerSecond: 1_000_000, windowMs: 300 };
  /** More than the buffers of a connection take. */
  const LARGE = Buffer.alloc(64 * 2 ** 20, 'x');

  async function serve() {
    const app = Fastify();
    paceAnswers(app, PACE);
    app.get('/large', async () => LARGE);
    app.get('/endless', (_request, reply) => {
      reply.hijack();
      const { raw } = reply;
      const say = () => {
        while (!raw.destroyed && raw.write('x'.repeat(10_000)));
      };
      raw.on('drain', say);
      say();
    });
    app.get('/silent', (_request, reply) => {
      reply.hijack();
      reply.raw.write('one word');
    });
    const url = await app.listen({ host: HERE, port: 0 });
    return { url, [Symbol.asyncDispose]: () => app.close() };
  }
  const begin = (url: string, path: string) => {
    const socket = openFrom(url, HERE);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    return socket;
  };

  it('arrive as they are, in pieces', async () => {
    await using server = await serve();
    const response = await fetch(`${server.url}/large`);
    expect(response.headers.get('content-length')).toBe(String(LARGE.length));
    expect(LARGE.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
  });

  it.each(['/large', '/endless'])('that nobody takes are ended: %s', async (path) => {
    await using server = await serve();
    const socket = begin(server.url, path);
    await once(socket, 'readable');
    await sleep(2_000);
    // What has been on its way comes first.
    socket.resume();
    await once(socket, 'close');
    expect(socket.bytesRead).toBeLessThan(LARGE.length);
  });

  it('that have nothing to say for a while go on', async () => {
    await using server = await serve();
    const socket = begin(server.url, '/silent');
    socket.resume();
    await sleep(2_000);
    expect(socket.closed).toBe(false);
    socket.destroy();
  });
});

describe('wrong tokens', () => {
  it('of one address are listened to so often a minute; right ones of the same address are, always', async () => {
    await using api = await serveParts(folder.path, {}, { failures: failureWatch(5) });
    const { token } = await createToken(api.ports.repository, { name: 'ann', role: 'viewer', expiresInMs: null });
    const look = (shown: string, from: string) =>
      ask(`${api.url}/v1/fractal`, { from, headers: { authorization: `Bearer ${shown}` } });
    expect((await look(token, HERE)).status).toBe(200);
    const wrong = token.replace(/.{10}$/, 'AAAAAAAAAA');
    const answers = await Promise.all(Array.from({ length: 9 }, () => look(wrong, HERE)));
    expect(answers.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429]);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(10);
    expect((await look(token, HERE)).status).toBe(200);
    expect((await look(wrong, THERE)).status).toBe(401);
  });
});

describe('results', () => {
  const MIB = 2 ** 20;

  it('that come in at once are in memory up to a limit; others are told to come again, and all are taken in the end', async () => {
    await using parts = await openParts(folder.path);
    let [inHand, most] = [0, 0];
    const deliver = async (_lease: unknown, { bytes }: { bytes: Uint8Array }) => {
      inHand += bytes.length;
      most = Math.max(most, inHand);
      await sleep(100);
      inHand -= bytes.length;
      return 'accepted' as const;
    };
    await using server = await serveWork({ ...parts.dispatcher, deliver });
    const body = Buffer.alloc(15 * MIB);
    const words = `fractal=${crypto.randomUUID()}&band=0&attempt=1&split=1&sha256=${'0'.repeat(64)}&adler=1&mirror_adler=1&render_ms=1`;
    const put = () =>
      ask(`${server.url}/v1/work/result?${words}&thumbnail_bytes=0`, {
        method: 'PUT',
        headers: { 'faafo-lease': 'x'.repeat(24), 'content-type': 'application/octet-stream', 'content-length': body.length },
        body,
      });
    let refused = 0;
    const untilTaken = async () => {
      for (;;) {
        const { status, headers } = await put().catch(() => ({ status: 0, headers: {} as Record<string, string> }));
        if (status === 200) return;
        if (status === 503 && headers['retry-after'] === '2') refused++;
        await sleep(50);
      }
    };
    await Promise.all(Array.from({ length: 30 }, untilTaken));
    expect(refused).toBeGreaterThan(0);
    expect(most).toBeGreaterThan(15 * MIB);
    expect(most).toBeLessThanOrEqual(128 * MIB);
  }, 60_000);

  it('that are announced from one address, and come late, keep nobody else from delivering', async () => {
    await using parts = await openParts(folder.path);
    await using server = await serveWork({ ...parts.dispatcher, deliver: async () => 'accepted' as const });
    const words = `fractal=${crypto.randomUUID()}&band=0&attempt=1&split=1&sha256=${'0'.repeat(64)}&adler=1&mirror_adler=1&render_ms=1&thumbnail_bytes=0`;
    const headers = { 'faafo-lease': 'x'.repeat(24), 'content-type': 'application/octet-stream' };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const thief = Array.from({ length: 9 }, () => openFrom(server.url, THERE));
    for (const socket of thief) {
      socket.write(
        `PUT /v1/work/result?${words} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${16 * MIB}\r\n${lines.join('')}\r\n`,
      );
    }
    // Four have half of the room; the others are answered.
    await until(() => thief.filter(({ bytesRead }) => bytesRead > 0).length === 5);
    const answer = await ask(`${server.url}/v1/work/result?${words}`, {
      from: HERE,
      method: 'PUT',
      headers: { ...headers, 'content-length': 10 * MIB },
      body: Buffer.alloc(10 * MIB),
    });
    expect([answer.status, answer.body]).toEqual([200, '{"answer":"accepted"}']);
    for (const socket of thief) socket.destroy();
  });
});

describe('reports of workers', () => {
  it('are those of a thousand of one address: more are refused, those known and others are not', async () => {
    await using parts = await openParts(folder.path);
    await using server = await serveWork(parts.dispatcher);
    const report = (id: string, from = HERE) =>
      ask(`${server.url}/v1/work/report`, {
        from,
        method: 'POST',
        headers: JSON_TYPE,
        body: JSON.stringify(toReportBody(aReport({ id }))),
      });
    for (let i = 0; i < 1_000; i += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, (_, j) => report(`w-${i + j}`)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    }
    const refused = await report('w-1000');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '60']);
    expect([(await report('w-7')).status, (await report('w-1000', THERE)).status]).toEqual([204, 204]);
    expect(await parts.ports.repository.workers.list(60_000)).toHaveLength(1_001);
  }, 60_000);

  it('are listed up to a number, so that what is asked every second does not grow with them', async () => {
    await using parts = await openParts(folder.path);
    const { workers } = parts.ports.repository;
    for (let i = 0; i < 4_100; i++) await workers.report(aReport({ id: `w-${i}` }));
    expect(await workers.list(600_000)).toHaveLength(4_000);
  }, 60_000);
});

describe('a service that has no more files to open', () => {
  it('lets some go, and is as before when there are files again', async () => {
    await using api = await startApi({ dataDir: folder.path });
    const { pid } = api.process;
    const open = readdirSync(`/proc/${pid}/fd`).length;
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${open + 40}:`]);
    const sockets = Array.from({ length: 200 }, () => openFrom(api.url, HERE).resume());
    await until(() => sockets.filter(({ closed }) => closed).length >= 100);
    for (const socket of sockets) socket.destroy();
    await until(async () => (await ask(`${api.url}/readyz`).catch(() => null))?.status === 200);
    await finished(api.url, (await order(api.url)).uuid);
    expect(await api.stop()).toBe(0);
  }, 60_000);

  it('is prevented: there are never more connections than half of the files', () => {
    const settings = loadSettings({}, { FAAFO_CONFIG_FILE: '/dev/null', HOME: folder.path });
    expect(httpLimitsOf(settings, 1_000_000)).toMatchObject({ maxConnections: 10_000, maxConnectionsPerAddress: 2_500 });
    expect(httpLimitsOf(settings, 4_200)).toMatchObject({ maxConnections: 2_000, maxConnectionsPerAddress: 500 });
    expect(httpLimitsOf(settings, 100).maxConnections).toBe(16);
    const told = loadSettings({ max_connections: '50', max_connections_per_address: '40' }, { FAAFO_CONFIG_FILE: '/dev/null' });
    expect(httpLimitsOf(told, 4_200)).toMatchObject({ maxConnections: 50, maxConnectionsPerAddress: 40 });
  });
});
