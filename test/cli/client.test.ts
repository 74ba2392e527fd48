import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/domain/fault.ts';
import { Client } from '../../src/http/client.ts';
import { Unreachable } from '../../src/http/unreachable.ts';
import { aResource } from '../support/resources.ts';

/*
 * What a client does when the other side misbehaves. The other side is a plain HTTP server that does so on purpose: a healthy API
 * cannot be made to.
 */

const UUID = '154c7b41-108e-4696-a059-1bde9bf03d0a';
const ORDER = { uuid: UUID, width: 1, height: 1, iterations: 1, xa: 0, xb: 1, ya: 0, yb: 1 };
const FRACTAL = aResource({ ...ORDER, url: `/fractal/${UUID}`, state: 'queued', progress: 0, checksum: null, size: null });

async function serve(listener: RequestListener): Promise<AsyncDisposable & { url: string; close: () => Promise<void> }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await once(server.close(), 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close, [Symbol.asyncDispose]: close };
}

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => ({ status, body, headers });
type Step = ReturnType<typeof answer> | 'reset' | 'cut';

/** Takes one step for each request, the last one for ever. */
function script(steps: readonly Step[]): { listener: RequestListener; bodies: string[]; headers: Record<string, unknown>[] } {
  const bodies: string[] = [];
  const headers: Record<string, unknown>[] = [];
  const listener: RequestListener = async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    bodies.push(body);
    headers.push(request.headers);
    const step = steps[Math.min(bodies.length, steps.length) - 1]!;
    if (step === 'reset') request.socket.resetAndDestroy();
    else if (step === 'cut')
      response.writeHead(200, { 'content-length': '1000' }).write('{"uuid"', () => request.socket.destroy());
    else response.writeHead(step.status, { 'content-type': 'application/json', ...step.headers }).end(JSON.stringify(step.body));
  };
  return { listener, bodies, headers };
}

const problem = (status: number, detail: string) => ({ type: 'about:blank', title: 'No', status, detail });

describe('the client', () => {
  it('comes back after Retry-After, never before, and many of them not all at once', async () => {
    await using server = await serve(script([answer(503, problem(503, 'Full.'), { 'retry-after': '40' })]).listener);
    const rests = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const stop = new AbortController();
        let restMs = 0;
        const onWait = ({ delayMs }: { delayMs: number }) => {
          restMs = delayMs;
          stop.abort();
        };
        await new Client(server.url, { signal: stop.signal, onWait }).order(ORDER).catch(() => undefined);
        return restMs;
      }),
    );
    expect(Math.min(...rests)).toBeGreaterThanOrEqual(40_000);
    expect(Math.max(...rests)).toBeLessThan(51_000);
    // Fifty within a tenth of a second of each other would be a herd.
    expect(Math.max(...rests) - Math.min(...rests)).toBeGreaterThan(5_000);
  });

  it('repeats an order under the same uuid until it is answered', async () => {
    const { listener, bodies } = script([
      'reset',
      answer(503, problem(503, 'Full.'), { 'retry-after': '0' }),
      'cut',
      answer(201, FRACTAL),
    ]);
    await using server = await serve(listener);
    const waits: string[] = [];
    const client = new Client(server.url, { onWait: ({ fault }) => void waits.push(fault.code) });
    expect((await client.order(ORDER)).uuid).toBe(UUID);
    expect(bodies.map((body) => JSON.parse(body).uuid)).toEqual([UUID, UUID, UUID, UUID]);
    expect(waits).toEqual(['unavailable', 'unavailable', 'unavailable']);
  });

  it('waits as long as Retry-After says', async () => {
    const { listener } = script([answer(429, problem(429, 'Busy.'), { 'retry-after': '1' }), answer(201, FRACTAL)]);
    await using server = await serve(listener);
    const before = performance.now();
    await new Client(server.url).order(ORDER);
    expect(performance.now() - before).toBeGreaterThanOrEqual(1000);
  });

  it('hands on refusals with code, field and sentence, at once', async () => {
    const refusal = { ...problem(422, 'width must be at most 65535.'), field: 'width' };
    const { listener, bodies } = script([answer(422, refusal)]);
    await using server = await serve(listener);
    const error = await new Client(server.url).order(ORDER).catch((fault: Fault) => fault);
    expect(error).toMatchObject({ code: 'invalid', message: 'width must be at most 65535.', details: { field: 'width' } });
    expect(bodies).toHaveLength(1);
  });

  it('takes a delete whose answer was lost, and that is not found the second time, as done', async () => {
    const { listener } = script(['reset', answer(404, problem(404, 'There is no such fractal.'))]);
    await using server = await serve(listener);
    await new Client(server.url).remove(UUID);
    await expect(new Client(server.url).remove(UUID)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('takes a retry whose answer was lost, and that is refused the second time, as done', async () => {
    const refused = answer(409, { ...problem(409, 'It is queued: only a failed one can be tried again.'), state: 'queued' });
    const { listener } = script(['reset', refused, answer(200, FRACTAL), refused]);
    await using server = await serve(listener);
    expect(await new Client(server.url).retry(UUID)).toEqual(FRACTAL);
    await expect(new Client(server.url).retry(UUID)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('says at once that nobody listens, and what else the other side is', async () => {
    const { listener } = script([answer(200, { hello: 'world' })]);
    const server = await serve(listener);
    await expect(new Client(server.url).find(UUID)).rejects.toThrow(/did not answer as a faafo API/);
    await server.close();
    const before = performance.now();
    await expect(new Client(server.url).find(UUID)).rejects.toBeInstanceOf(Unreachable);
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it('is not led elsewhere: an order would arrive as a look, and a token where it was not meant for', async () => {
    const { listener: stranger, headers } = script([answer(200, FRACTAL)]);
    await using other = await serve(stranger);
    const { listener } = script([301, 308, 302].map((status) => answer(status, {}, { location: `${other.url}/v1/fractal` })));
    await using api = await serve(listener);
    for (const method of ['order', 'find', 'remove'] as const) {
      const asking = method === 'order' ? new Client(api.url).order(ORDER) : new Client(api.url)[method](UUID);
      await expect(asking).rejects.toMatchObject({
        code: 'invalid',
        message: `${api.url} leads on to ${other.url}: correct endpoint_url.`,
      });
    }
    expect(headers).toEqual([]);
  });

  it('sends a user and password as basic authentication, and shows neither', async () => {
    const { listener, headers } = script([answer(200, FRACTAL)]);
    await using server = await serve(listener);
    const client = new Client(server.url.replace('//', '//ann:h%C3%BCsh@'));
    await client.find(UUID);
    expect(headers[0]).toMatchObject({ authorization: `Basic ${Buffer.from('ann:hüsh').toString('base64')}` });
    expect(client.endpoint).toBe(server.url);
  });

  it('ends when it is told to, even in the middle of a wait', async () => {
    const { listener } = script([answer(503, problem(503, 'Full.'), { 'retry-after': '60' })]);
    await using server = await serve(listener);
    const stop = new AbortController();
    const client = new Client(server.url, { signal: stop.signal, onWait: () => stop.abort(new Error('enough')) });
    await expect(client.order(ORDER)).rejects.toThrow('enough');
  });

  it('opens a broken event stream again behind the last event it had', async () => {
    const asked: unknown[] = [];
    await using server = await serve((request, response) => {
      asked.push(request.headers['last-event-id']);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const data = JSON.stringify({ type: 'done', uuid: UUID, state: 'done', progress: 1, at: 'now' });
      if (asked.length === 1) response.write(`id: e-7\nevent: done\ndata: ${data}\n\n`, () => request.socket.destroy());
      else response.write('event: reset\nid: e-9\ndata: {}\n\n');
    });
    const kinds: string[] = [];
    for await (const item of new Client(server.url).events()) {
      kinds.push(item.kind);
      if (item.kind === 'reset') break;
    }
    expect(kinds).toEqual(['open', 'event', 'broken', 'open', 'reset']);
    expect(asked).toEqual([undefined, 'e-7']);
  });
});
