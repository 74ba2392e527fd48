import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tokenTeller } from '../../src/actions/authenticate.ts';
import { createToken } from '../../src/actions/manage-tokens.ts';
import { openServer } from '../../src/http/base.ts';
import type { AccessOptions } from '../../src/http/guard.ts';
import { NO_TOKENS } from '../support/access.ts';
import { serveParts } from '../support/farm.ts';
import { ask, openFrom } from '../support/from.ts';
import { openParts } from '../support/service-parts.ts';
import { startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { serveWork } from '../support/work-server.ts';

const HERE = '127.0.0.1';
/** Longer than what is asked below takes to be there, and to be gone. */
const ASKING_MS = 100;
const STREAM = 'GET /v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

/** Says this much on a connection of its own, and is gone while the service still asks who it is. */
async function sayAndLeave(url: string, text: string): Promise<void> {
  const socket = openFrom(url, HERE);
  await once(socket, 'connect');
  socket.write(text);
  await sleep(ASKING_MS / 3);
  socket.destroy();
}

describe('who is gone before it is known who it was', () => {
  it('holds no event stream', async () => {
    await using api = await serveParts(folder.path, {}, { limits: { maxEventStreams: 3 } });
    const { tokens } = api.ports.repository;
    const exist = tokens.exist.bind(tokens);
    const slowly = async () => {
      await sleep(ASKING_MS);
      return await exist();
    };
    Object.assign(tokens, { exist: slowly });
    await Promise.all(Array.from({ length: 6 }, () => sayAndLeave(api.url, STREAM)));
    await sleep(3 * ASKING_MS);
    const stream = await fetch(`${api.url}/v1/events`);
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
  });

  it('holds no room for results', async () => {
    await using parts = await openParts(folder.path);
    const { token } = await createToken(parts.ports.repository, { name: 'thief', role: 'worker', expiresInMs: null });
    const teller = tokenTeller(parts.ports.repository);
    const tell = async (text: string) => {
      await sleep(ASKING_MS);
      return await teller.tell(text);
    };
    const access: AccessOptions = { teller: { ...teller, tell }, isPrivate: true, anonymous: 'none' };
    await using server = await serveWork(parts.dispatcher, access);
    const words = `fractal=${crypto.randomUUID()}&band=0&attempt=1&split=1&sha256=${'0'.repeat(64)}&adler=1&mirror_adler=1&render_ms=1&thumbnail_bytes=0`;
    const headers = {
      authorization: `Bearer ${token}`,
      'faafo-lease': 'x'.repeat(24),
      'content-type': 'application/octet-stream',
    };
    const head = (length: number) =>
      `PUT /v1/work/result?${words} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${length}\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`;
    await Promise.all(Array.from({ length: 20 }, () => sayAndLeave(server.url, head(2 ** 24))));
    await sleep(3 * ASKING_MS);
    const answer = await until(() =>
      ask(`${server.url}/v1/work/result?${words}`, { method: 'PUT', headers, body: Buffer.alloc(1000) }),
    );
    expect([answer.status, answer.body]).toEqual([422, expect.stringContaining('SHA-256')]);
  });
});

describe('requests that come on one connection before those before them are answered', () => {
  it('are answered when they are a few, and end the connection when they are many: only a few are carried out', async () => {
    await using api = await serveParts(folder.path);
    let asked = 0;
    const { backlog } = api.ports.repository;
    const read = backlog.read.bind(backlog);
    const slowly = async () => {
      asked++;
      await sleep(ASKING_MS);
      return await read();
    };
    Object.assign(backlog, { read: slowly });
    const request = 'GET /v1/status HTTP/1.1\r\nhost: localhost\r\n\r\n';
    const few = openFrom(api.url, HERE);
    few.write(request.repeat(3));
    let answers = '';
    few.on('data', (text) => {
      answers += text;
    });
    await until(() => answers.split('HTTP/1.1 200').length === 4);
    few.destroy();
    asked = 0;
    const many = openFrom(api.url, HERE);
    many.write(request.repeat(500));
    many.resume();
    await once(many, 'close');
    await sleep(2 * ASKING_MS);
    expect(asked).toBeLessThanOrEqual(5);
  });

  it('cost no memory by what they ask for', async () => {
    await using api = await startApi({ dataDir: folder.path });
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${api.process.pid}/status`, 'utf8'))![1]) / 1024;
    expect((await (await fetch(`${api.url}/docs/scalar.js`)).arrayBuffer()).byteLength).toBeGreaterThan(2 ** 20);
    const before = memory();
    // Three megabytes each, of which nothing is taken.
    const sockets = Array.from({ length: 100 }, () => openFrom(api.url, HERE).pause());
    for (const socket of sockets) socket.write('GET /docs/scalar.js HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(4));
    await sleep(3_000);
    expect(memory() - before).toBeLessThan(200);
    for (const socket of sockets) socket.destroy();
  }, 60_000);
});

describe('who leaves in the middle of an answer', () => {
  it('leaves nothing of it behind: neither the connection nor what was not sent yet', async () => {
    const { app } = openServer({ log: pino({ level: 'silent' }), access: NO_TOKENS, requestTimeoutMs: 30_000 });
    const bytes = 16 * 2 ** 20;
    app.get('/docs', { schema: { hide: true } }, async () => Buffer.alloc(bytes, 'x'));
    const url = await app.listen({ host: HERE, port: 0 });
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 20; i++) {
      const socket = openFrom(url, HERE);
      socket.write('GET /docs HTTP/1.1\r\nhost: localhost\r\n\r\n');
      await once(socket, 'data');
      socket.destroy();
    }
    await sleep(ASKING_MS);
    await until(async () => {
      collect();
      return process.memoryUsage().arrayBuffers - before < 5 * bytes;
    });
    await app.close();
  }, 60_000);
});

/** Has the collector look at once. */
const collect = (): void => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
};
