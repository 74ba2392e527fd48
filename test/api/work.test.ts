import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localDispatcher } from '../../src/actions/dispatcher.ts';
import { cancelFractal, deleteFractal } from '../../src/actions/end-fractal.ts';
import { EVERYBODY } from '../../src/domain/access.ts';
import type { Assignment, Dispatcher } from '../../src/domain/dispatcher.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { remoteDispatcher } from '../../src/http/remote-dispatcher.ts';
import { openSharedRepository } from '../../src/repository/open.ts';
import { aReport } from '../support/farm.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { drawn, orderIn, type Parts, serveWork } from '../support/work-server.ts';

/** Claims as if again, for this very band: a first claim may be given that of an older fractal, and every test leaves some. */
const worker = () => ({ host: 'tester', engineVersion: parts.engine.version, isRepeated: true });
const WRONG_TOKEN = 'A'.repeat(24);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let parts: Parts;
let server: Awaited<ReturnType<typeof serveWork>>;
let remote: Dispatcher;
const tokens: string[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  parts = await openParts(folder.path);
  server = await serveWork(parts.dispatcher);
  remote = remoteDispatcher(server.url);
});
afterAll(async () => {
  expect(tokens.length).toBeGreaterThan(5);
  for (const token of tokens) expect(server.log()).not.toContain(token);
  expect(server.log()).toContain('/v1/work/result');
  expect(server.log()).not.toMatch(/"level":[56]0/);
  await server[Symbol.asyncDispose]();
  await parts[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function claimed(fractal: FractalId, band = 0, dispatcher = remote): Promise<Assignment> {
  const assignment = await dispatcher.claim({ fractal, band }, worker());
  if (!assignment) throw new Error(`band ${band} of ${fractal} cannot be claimed`);
  tokens.push(assignment.lease.token);
  return assignment;
}

const leaseWords = ({ lease: { fractal, band, attempt } }: Assignment) => ({ fractal, band, attempt });
const holding = (token: string) => ({ 'faafo-lease': token });
const json = { 'content-type': 'application/json' };

async function post(name: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return await fetch(`${server.url}/v1/work/${name}`, { method: 'POST', headers: { ...json, ...headers }, body: text });
}

/** A delivery whose words are right, but for those that the test replaces. */
async function put(assignment: Assignment, bytes: Uint8Array, words: Record<string, string> = {}, headers = {}) {
  const query = new URLSearchParams({
    ...Object.fromEntries(Object.entries(leaseWords(assignment)).map(([name, value]) => [name, String(value)])),
    split: String(bytes.length),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    adler: '1',
    mirror_adler: '1',
    render_ms: '1.5',
    thumbnail_bytes: '0',
    ...words,
  });
  return await fetch(`${server.url}/v1/work/result?${query}`, {
    method: 'PUT',
    headers: { ...holding(assignment.lease.token), 'content-type': 'application/octet-stream', ...headers },
    body: bytes as BodyInit,
  });
}

async function expectProblem(response: Response, status: number, detail: RegExp = /\.$/) {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({ status, title: expect.any(String), detail: expect.stringMatching(detail) });
  expect(response.status).toBe(status);
  return problem;
}

describe('a worker on its own', () => {
  it('claims, renews and delivers as one in the same process does', async () => {
    const id = await orderIn(parts);
    const assignment = await claimed(id);
    const { spec } = (await parts.ports.repository.fractals.find(id))!;
    expect(assignment).toMatchObject({ spec, thumbnail: true, leaseMs: 15_000, renewEveryMs: 2_000 });
    expect(assignment.band.mirror).not.toBeNull();
    expect(await remote.claim({ fractal: id, band: 0 }, worker())).toBeNull();
    expect(await remote.claim({ fractal: id, band: 1 }, { ...worker(), engineVersion: 'another' })).toBeNull();
    expect(await remote.renew(assignment.lease)).toBe('held');

    const { band, thumbnail } = await drawn(parts, assignment);
    expect(await remote.deliver(assignment.lease, band, thumbnail)).toBe('accepted');
    expect(await remote.deliver(assignment.lease, band, thumbnail)).toBe('accepted');
    const second = await claimed(id, 1);
    expect(second.thumbnail).toBe(false);
    expect(await remote.deliver(second.lease, (await drawn(parts, second)).band, null)).toBe('accepted');
    const fractal = await parts.ports.repository.fractals.find(id);
    expect(fractal).toMatchObject({ state: 'assembling', bandsDone: 2, hosts: ['tester'] });
    expect(fractal!.renderMs).toBeGreaterThan(0);
  });

  it('gives a band back unharmed, and says why it cannot draw one', async () => {
    const id = await orderIn(parts);
    await remote.release((await claimed(id)).lease);
    const again = await claimed(id);
    expect(again.lease.attempt).toBe(2);
    for (let failure = 1; failure <= 3; failure++) {
      const { lease } = failure === 1 ? again : await untilClaimed(id);
      await remote.fail(lease, `It\nwas too much.${' And more.'.repeat(100)}`);
    }
    const fractal = await parts.ports.repository.fractals.find(id);
    expect(fractal).toMatchObject({ state: 'failed', error: expect.stringMatching(/^It was too much\. And/) });
    expect(fractal!.error).toHaveLength(300);
  });

  async function untilClaimed(id: FractalId): Promise<Assignment> {
    for (;;) {
      const assignment = await remote.claim({ fractal: id, band: 0 }, worker());
      if (assignment) return assignment;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('reports, and is taken off the list when it has stopped', async () => {
    const { workers } = parts.ports.repository;
    const work = [{ fractal: await orderIn(parts), band: 3, ms: 17 }];
    const report = aReport({ state: 'working', speed: 1234.5, bandsPerSecond: 0.25, pixelsPerSecond: 7.5, work });
    await remote.report(report);
    expect(await workers.list(10_000)).toEqual([{ ...report, seenAt: expect.any(Number), silentMs: expect.any(Number) }]);
    await remote.report({ ...report, state: 'stopping' });
    expect(await workers.list(10_000)).toMatchObject([{ state: 'stopping' }]);
    await remote.report({ ...report, state: 'stopping', work: [] });
    expect(await workers.list(10_000)).toEqual([]);
  });
});

describe('what nobody needs any more', () => {
  it('is refused: an older attempt', async () => {
    const id = await orderIn(parts);
    const old = await claimed(id);
    await remote.release(old.lease);
    const current = await claimed(id);
    const { band, thumbnail } = await drawn(parts, old);
    expect(await remote.renew(old.lease)).toBe('stale');
    expect(await remote.deliver(old.lease, band, thumbnail)).toBe('stale');
    const problem = await expectProblem(await post('renew', leaseWords(old), holding(old.lease.token)), 409);
    expect(problem.answer).toBe('stale');
    expect(await remote.deliver(current.lease, band, thumbnail)).toBe('accepted');
  });

  it('is refused: a cancelled and a deleted fractal', async () => {
    const [cancelled, deleted] = [await claimed(await orderIn(parts)), await claimed(await orderIn(parts))];
    const { band, thumbnail } = await drawn(parts, cancelled);
    await cancelFractal(parts.ports, cancelled.lease.fractal, EVERYBODY);
    await deleteFractal(parts.ports, deleted.lease.fractal, EVERYBODY);
    expect(await remote.renew(cancelled.lease)).toBe('cancelled');
    expect(await remote.deliver(cancelled.lease, band, thumbnail)).toBe('cancelled');
    expect(await remote.renew(deleted.lease)).toBe('unknown');
    expect(await remote.deliver(deleted.lease, band, thumbnail)).toBe('unknown');
    await expectProblem(await post('renew', leaseWords(cancelled), holding(cancelled.lease.token)), 410);
    await expectProblem(await post('renew', leaseWords(deleted), holding(deleted.lease.token)), 404);
  });
});

describe('a lease', () => {
  it('is of no use without its token', async () => {
    const assignment = await claimed(await orderIn(parts));
    const { band, thumbnail } = await drawn(parts, assignment);
    const shown: readonly Record<string, string>[] = [
      {},
      ...['', 'a b', 'x'.repeat(129)].map(holding),
      ...['Bearer', 'Basic dTpw', `Bearer ${assignment.lease.token}`].map((authorization) => ({ authorization })),
    ];
    for (const headers of shown) {
      for (const name of ['renew', 'release', 'fail']) {
        const response = await post(name, { ...leaseWords(assignment), reason: 'None.' }, headers);
        expect(response.headers.get('www-authenticate')).toBe('Bearer realm="faafo"');
        await expectProblem(response, 401, /in the header faafo-lease/);
      }
    }
    await expectProblem(await put(assignment, band.bytes, {}, holding('')), 401);
    const bare = new URLSearchParams({ token: assignment.lease.token }).toString();
    await expectProblem(await post(`renew?${bare}`, { ...leaseWords(assignment), token: assignment.lease.token }), 401);
    expect(await remote.deliver(assignment.lease, band, thumbnail)).toBe('accepted');
  });

  it('is of no use with the token of another', async () => {
    const id = await orderIn(parts);
    const [mine, other] = [await claimed(id), await claimed(id, 1)];
    const { band, thumbnail } = await drawn(parts, mine);
    for (const token of [WRONG_TOKEN, other.lease.token]) {
      const forged = { ...mine.lease, token };
      expect(await remote.renew(forged)).toBe('stale');
      expect(await remote.deliver(forged, band, thumbnail)).toBe('stale');
      await remote.release(forged);
      await remote.fail(forged, 'Mischief.');
    }
    expect(await remote.renew(mine.lease)).toBe('held');
    expect(await remote.deliver(mine.lease, band, thumbnail)).toBe('accepted');
  });
});

describe('a delivery', () => {
  const stored = () => readdirSync(join(folder.path, 'images'), { recursive: true, encoding: 'utf8' }).sort();

  it.each<[string, (whole: Buffer) => Buffer]>([
    ['a PNG file', () => Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001080300000028cb34bb', 'hex')],
    ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['a page', () => Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['a band and something behind it', (whole) => Buffer.concat([whole, Buffer.from('<script>')])],
    ['a band with a bit flipped', (whole) => Buffer.from(whole.map((byte, at) => (at === 50 ? byte ^ 1 : byte)))],
    ['half a band', (whole) => whole.subarray(0, whole.length >> 1)],
  ])('is refused before anything is stored: %s', async (_, forge) => {
    const assignment = await claimed(await orderIn(parts), 1);
    const { band } = await drawn(parts, assignment);
    const before = stored();
    const bytes = forge(Buffer.from(band.bytes));
    const split = String(Math.min(band.split, bytes.length));
    await expectProblem(await put(assignment, bytes, { split }), 422, /no band of this picture/);
    expect(stored()).toEqual(before);
    expect(await remote.deliver(assignment.lease, band, null)).toBe('accepted');
  });

  it('is refused without the thumbnail that belongs to it, and with something that is none', async () => {
    const assignment = await claimed(await orderIn(parts));
    const { band, thumbnail } = await drawn(parts, assignment);
    for (const wrong of [null, Buffer.from('<svg/>'), Buffer.from('RIFF....WEBX')]) {
      await expect(remote.deliver(assignment.lease, band, wrong)).rejects.toMatchObject({ code: 'invalid' });
    }
    const other = { ...band, sha256: '0'.repeat(64) };
    await expect(remote.deliver(assignment.lease, other, thumbnail)).rejects.toMatchObject({ code: 'invalid' });
    expect(await remote.deliver(assignment.lease, band, thumbnail)).toBe('accepted');
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['fractal', { fractal: '../etc/passwd' }, /fractal must be a uuid/],
    ['band', { band: '-1' }, /band must be a whole number/],
    ['band', { band: '99999999999' }, /band must be a whole number/],
    ['band', { band: '4294967296' }, /band must be at most/],
    ['attempt', { attempt: '1e3' }, /attempt must be a whole number/],
    ['attempt', { attempt: '' }, /attempt must be a whole number/],
    ['split', { split: '16777217' }, /split must be at most/],
    ['sha256', { sha256: 'F'.repeat(64) }, /sha256 must be a SHA-256/],
    ['adler', { adler: '4294967296' }, /adler must be at most/],
    ['render_ms', { render_ms: 'NaN' }, /render_ms must be a number/],
    ['thumbnail_bytes', { thumbnail_bytes: '1048577' }, /thumbnail_bytes must be at most/],
    ['thumbnail_bytes', { thumbnail_bytes: '5000' }, /leaves nothing of the body/],
  ])('is refused for its %s: %j', async (field, words, detail) => {
    const assignment = await claimed(await orderIn(parts));
    expect(await expectProblem(await put(assignment, Buffer.alloc(5000), words), 422, detail)).toMatchObject({ field });
  });

  it('is refused when it is too large, before it was read', async () => {
    const { lease } = await claimed(await orderIn(parts));
    const path = '/v1/work/result?fractal=x';
    const headers = { ...holding(lease.token), 'content-type': 'application/octet-stream', 'content-length': 2 ** 24 + 1 };
    expect(await statusOf({ method: 'PUT', path, headers })).toBe(413);
    expect(await statusOf({ method: 'PUT', path, headers: { ...headers, 'content-length': 2 ** 30 } })).toBe(413);
    expect(await statusOf({ method: 'PUT', path, headers: { ...headers, ...holding('') } })).toBe(401);
    const claim = { ...json, 'content-length': 2 ** 17 };
    expect(await statusOf({ method: 'POST', path: '/v1/work/claim', headers: claim })).toBe(413);
  });

  it('is refused in another form', async () => {
    const assignment = await claimed(await orderIn(parts));
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    await expectProblem(await put(assignment, Buffer.from('a=b'), {}, form), 415, /application\/octet-stream/);
    await expectProblem(await put(assignment, Buffer.from('{}'), {}, json), 422, /bytes of the band/);
    await expectProblem(await put(assignment, Buffer.alloc(0)), 422);
  });

  it('waits while the store is full', async () => {
    const { store } = parts.ports;
    const full = {
      put: store.put.bind(store),
      get: store.get.bind(store),
      remove: store.remove.bind(store),
      ping: store.ping.bind(store),
      hasRoom: async () => false,
      space: async () => null,
      [Symbol.asyncDispose]: async () => undefined,
    };
    await using narrow = await serveWork(localDispatcher({ ...parts.ports, store: full }));
    const assignment = await claimed(await orderIn(parts), 0, remoteDispatcher(narrow.url));
    const { band, thumbnail } = await drawn(parts, assignment);
    const delivering = remoteDispatcher(narrow.url).deliver(assignment.lease, band, thumbnail);
    await expect(delivering).rejects.toMatchObject({ code: 'unavailable', details: { retryAfterSeconds: 5 } });
    expect(await remote.deliver(assignment.lease, band, thumbnail)).toBe('accepted');
  });

  it('is told when to come back while the database is away', async () => {
    await using database = await startPostgres();
    await using repository = await openSharedRepository(database.url, { name: 'test', onWait: () => undefined });
    const ports = { ...parts.ports, repository };
    await using far = await serveWork(localDispatcher(ports));
    const there = remoteDispatcher(far.url);
    const id = await orderIn({ ports });
    const assignment = await claimed(id, 0, there);
    const { band, thumbnail } = await drawn(parts, assignment);
    // Durable, and with it the claim.
    expect(await there.renew(assignment.lease)).toBe('held');
    await database.kill();
    const asking = [
      there.claim({ fractal: id, band: 1 }, worker()),
      there.renew(assignment.lease),
      there.deliver(assignment.lease, band, thumbnail),
      there.report(aReport()),
    ];
    for (const each of await Promise.allSettled(asking)) {
      const reason = { code: 'unavailable', details: { retryAfterSeconds: 2 } };
      expect(each).toMatchObject({ status: 'rejected', reason });
    }
    await database.start();
    expect(await there.deliver(assignment.lease, band, thumbnail)).toBe('accepted');
  }, 60_000);
});

describe('what is malformed', () => {
  const fine = { fractal: crypto.randomUUID(), band: 0, host: 'h', engine_version: '1' };

  it.each<[string, string | object, number, RegExp]>([
    ['broken JSON', '{"fractal":', 400, /not valid JSON/],
    ['nothing', '', 400, /empty/],
    ['a poisoned object', '{"__proto__":{"band":1}}', 400, /\.$/],
    ['a list', [], 422, /must be a JSON object/],
    ['no uuid', { ...fine, fractal: 'x' }, 422, /fractal must be a uuid/],
    ['a number for a uuid', { ...fine, fractal: 5 }, 422, /fractal must be text/],
    ['a band below 0', { ...fine, band: -1 }, 422, /band must be at least 0/],
    ['half a band', { ...fine, band: 0.5 }, 422, /band must be a whole number/],
    ['no band', { ...fine, band: undefined }, 422, /band is missing/],
    ['no host', { ...fine, host: '' }, 422, /host must be a host name/],
    ['two hosts', { ...fine, host: 'a,b' }, 422, /host must be a host name/],
    ['a long host', { ...fine, host: 'h'.repeat(256) }, 422, /host must have at most 255/],
    ['a line for a host', { ...fine, host: 'a\nb' }, 422, /host must be a host name/],
    // Turns the direction of writing: would be read as hexe.png.
    ['a host that reads backwards', { ...fine, host: 'h\u202egnp.exe' }, 422, /host must be a host name/],
    ['a host that cannot be seen', { ...fine, host: 'h\u200b' }, 422, /host must be a host name/],
    ['a long engine version', { ...fine, engine_version: '1'.repeat(65) }, 422, /engine_version must have at most 64/],
  ])('is refused: %s', async (_, body, status, detail) => {
    await expectProblem(await post('claim', body), status, detail);
  });

  it('is a reason of two lines, an endless one, and none', async () => {
    const assignment = await claimed(await orderIn(parts));
    for (const reason of ['a\nb', 'a\u202eb', 'a\u2066b', 'x'.repeat(301), '', 7, undefined]) {
      await expectProblem(await post('fail', { ...leaseWords(assignment), reason }, holding(assignment.lease.token)), 422);
    }
    expect(await remote.renew(assignment.lease)).toBe('held');
  });

  it.each<[string, object]>([
    ['a path for a name', { id: '../x' }],
    ['a long name', { id: 'x'.repeat(65) }],
    ['an unknown state', { state: 'asleep' }],
    ['less than no load', { load: -1 }],
    ['too many cores', { cores: 1e10 }],
    ['endless work', { work: Array.from({ length: 257 }, () => ({ fractal: fine.fractal, band: 0, ms: 1 })) }],
  ])('is a report with %s', async (_, override) => {
    const { engineVersion: engine_version, bandsPerSecond: bands_per_second, ...same } = aReport();
    expect((await post('report', { ...same, engine_version, bands_per_second, state: 'stopping' })).status).toBe(204);
    await expectProblem(await post('report', { ...same, engine_version, bands_per_second, ...override }), 422);
  });

  it('is another method, and another path', async () => {
    const response = await fetch(`${server.url}/v1/work/claim`);
    expect(response.headers.get('allow')).toBe('POST');
    await expectProblem(response, 405);
    await expectProblem(await post('nothing', {}), 404);
    await expectProblem(await fetch(`${server.url}/v1/fractal`), 404);
  });
});

/** The status of a request whose body never comes. */
function statusOf({ method, path, headers }: { method: string; path: string; headers: Record<string, string | number> }) {
  return new Promise<number>((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const asking = request({ hostname, port, method, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
      asking.destroy();
    });
    asking.on('error', reject);
    asking.flushHeaders();
  });
}
