import { createServer, type RequestListener, request, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '../../src/domain/fault.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { remoteDispatcher } from '../../src/http/remote-dispatcher.ts';
import { aReport } from '../support/farm.ts';
import { freePort } from '../support/servers/processes.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { drawn, orderIn, type Parts, serveWork } from '../support/work-server.ts';

const HOST = '127.0.0.1';
const worker = { host: 'tester', engineVersion: '1' };
const lease = { fractal: crypto.randomUUID() as FractalId, band: 0, attempt: 1, token: 'T'.repeat(24) };
const band = { bytes: new Uint8Array(40), split: 40, sha256: '0'.repeat(64), adler: 1, mirrorAdler: 1, renderMs: 1 };

/** Everything that a worker may ask, against that endpoint: what each call threw. */
async function askAll(url: string): Promise<Fault[]> {
  const there = remoteDispatcher(url);
  const asking = [
    there.claim(lease, worker),
    there.renew(lease),
    there.deliver(lease, band, null),
    there.release(lease),
    there.fail(lease, 'Because.'),
    there.report(aReport()),
  ];
  const faults = (await Promise.allSettled(asking)).map((each) => (each.status === 'rejected' ? each.reason : each.value));
  for (const fault of faults) {
    expect(fault).toBeInstanceOf(Fault);
    expect(fault.message).not.toMatch(/hush|TTTT/);
  }
  return faults;
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) each.close();
});

async function listening<T extends Server | ReturnType<typeof createSocketServer>>(server: T): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return `http://${HOST}:${(server.address() as AddressInfo).port}`;
}

const serving = (answer: RequestListener): Promise<string> => listening(createServer(answer));
const codesOf = (faults: Fault[]) => [...new Set(faults.map(({ code }) => code))];

describe('a service that cannot be reached', () => {
  it('is not there', async () => {
    const faults = await askAll(`http://user:hush@${HOST}:${await freePort()}`);
    expect(codesOf(faults)).toEqual(['unavailable']);
    expect(faults[0]!.message).toMatch(/nothing listens there/);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['at once', (socket) => socket.destroy()],
    ['when it was asked', (socket) => socket.once('data', () => socket.destroy())],
    ['with a reset', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    [
      'in the middle of an answer',
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"answer":')),
    ],
  ])('breaks the connection %s', async (_, treat) => {
    const url = await listening(createSocketServer((socket) => treat(socket.on('error', () => undefined))));
    expect(codesOf(await askAll(url))).toEqual(['unavailable']);
  });

  it.each<[string, number, string]>([
    ['a page', 200, '<!doctype html>'],
    ['a page that is not there', 404, '<!doctype html>'],
    ['the problem of another service', 404, '{"type":"about:blank","title":"x","status":404,"detail":"No."}'],
    ['a conflict of another service', 409, '{}'],
    ['a proxy before a service that is away', 502, 'Bad Gateway'],
    ['a service that fails', 500, '{}'],
  ])('is something else: %s', async (_, status, body) => {
    const url = await serving((asked, answer) => asked.resume().on('end', () => answer.writeHead(status).end(body)));
    expect(codesOf(await askAll(url))).toEqual(['unavailable']);
  });

  it('sends workers elsewhere, where no token is taken', async () => {
    const asked: string[] = [];
    const elsewhere = await serving((request, answer) => {
      asked.push(`${request.url}`);
      answer.end('{}');
    });
    const url = await serving((_, answer) => answer.writeHead(307, { location: `${elsewhere}/v1/work/renew` }).end());
    expect(codesOf(await askAll(url))).toEqual(['unavailable']);
    expect(asked).toEqual([]);
  });
});

describe('a service that does not let this worker in', () => {
  it.each([
    [401, 'unauthenticated'],
    [403, 'denied'],
  ])('answers %d', async (status, code) => {
    const url = await serving((asked, answer) => asked.resume().on('end', () => answer.writeHead(status).end()));
    expect(codesOf(await askAll(url))).toEqual([code]);
  });
});

describe('a service behind a proxy that wants a password', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let parts: Parts;
  beforeAll(async () => {
    folder = await temporaryFolder();
    parts = await openParts(folder.path);
  });
  afterAll(async () => {
    await parts[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it('is reached with the one in the URL, path and all', async () => {
    await using server = await serveWork(parts.dispatcher);
    const expected = `Basic ${Buffer.from('us er:hu/sh').toString('base64')}`;
    const proxy = await serving((asked, answer) => {
      const { authorization, ...headers } = asked.headers;
      if (authorization !== expected || !asked.url?.startsWith('/faafo/')) return answer.writeHead(401).end();
      const options = { method: asked.method, headers };
      const passed = request(server.url + asked.url.slice('/faafo'.length), options, (response) => {
        answer.writeHead(response.statusCode ?? 0, response.headers);
        response.pipe(answer);
      });
      asked.pipe(passed);
    });
    expect(codesOf(await askAll(`${proxy}/faafo/`))).toEqual(['unauthenticated']);

    const there = remoteDispatcher(`${proxy.replace('://', '://us%20er:hu%2Fsh@')}/faafo/`);
    const id = await orderIn(parts);
    const assignment = (await there.claim({ fractal: id, band: 0 }, { ...worker, engineVersion: parts.engine.version }))!;
    const { band: real, thumbnail } = await drawn(parts, assignment);
    expect(await there.renew(assignment.lease)).toBe('held');
    expect(await there.renew({ ...assignment.lease, token: 'T'.repeat(24) })).toBe('stale');
    expect(await there.deliver(assignment.lease, real, thumbnail)).toBe('accepted');
    expect(server.log()).not.toContain(assignment.lease.token);
  });
});
