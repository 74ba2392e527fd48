import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openServer } from '../../src/http/base.ts';
import { NO_TOKENS } from '../support/access.ts';

const PATIENCE_MS = 500;
/** It is looked every five seconds for requests that are late; the rest is what a busy machine takes. */
const LATEST_MS = 5_000 + 10_000;

const { app } = openServer({ log: pino({ level: 'silent' }), access: NO_TOKENS, requestTimeoutMs: PATIENCE_MS });
let port: number;
beforeAll(async () => {
  const schema = { hide: true, body: z.object({}) };
  app.post('/v1/session', { config: { audit: 'sign-in' }, schema }, async () => ({ got: 'all' }));
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(() => app.close());

const HEAD = 'POST /v1/session HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';

async function answerTo(written: string) {
  const socket = connect(port, '127.0.0.1');
  const began = performance.now();
  socket.write(written);
  const answer = await text(socket);
  return { answer, ms: performance.now() - began };
}

describe('a request that does not arrive', () => {
  it.each([
    ['its head is never finished', HEAD],
    ['its body is never finished', `${HEAD}content-length: 100\r\n\r\n{"a":`],
    ['its body never begins', `${HEAD}content-length: 100\r\n\r\n`],
    ['its pieces never end', `${HEAD}transfer-encoding: chunked\r\n\r\n3\r\n{"a\r\n`],
  ])('is answered 408 in a sentence, in time, and its connection ends: %s', async (_, written) => {
    const { answer, ms } = await answerTo(written);
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toMatch(/\r\ncontent-type: application\/problem\+json/);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      status: 408,
      title: 'Too slow',
      detail: 'The request did not arrive in time.',
    });
    expect(ms).toBeGreaterThan(PATIENCE_MS * 0.9);
    expect(ms).toBeLessThan(LATEST_MS);
  });

  it('is another than one that does', async () => {
    const { answer } = await answerTo(`${HEAD}connection: close\r\ncontent-length: 2\r\n\r\n{}`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\{"got":"all"\}$/s);
  });
});

describe('a route that takes a body', () => {
  it('cannot be added without a word on how large that may be', () => {
    const { app } = openServer({ log: pino({ level: 'silent' }), access: NO_TOKENS, requestTimeoutMs: PATIENCE_MS });
    const schema = { hide: true, body: z.object({}) };
    const add = () => app.post('/v1/fractal/:uuid/cancel', { config: { audit: 'cancel' }, schema }, async () => '');
    expect(add).toThrow(/POST \/v1\/fractal\/:uuid\/cancel is missing in src\/http\/body-limits\.ts/);
  });
});
