import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeToken } from '../../src/actions/manage-tokens.ts';
import { openSharedRepository } from '../../src/repository/open.ts';
import { aReport } from '../support/farm.ts';
import { finished, order } from '../support/orders.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import { openParts } from '../support/service-parts.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { serveWork } from '../support/work-server.ts';
import { send } from './support/send.ts';
import { parse } from './support/verdict.ts';

const NOTHING = { headers: {}, body: null, isOnTheWay: true, lease: null, forgery: null };

describe('what the fuzzer found once', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: RunningApi;
  beforeAll(async () => {
    folder = await temporaryFolder();
    api = await startApi({ dataDir: folder.path });
  });
  afterAll(async () => {
    await api.stop();
    await folder[Symbol.asyncDispose]();
  });

  it.each(['/fractal/%', `/fractal/${'x'.repeat(3_000)}`])(
    'a path that is none has a request id in the head, too: %s',
    async (path) => {
      const { status, headers, body } = await send(api.url, { ...NOTHING, method: 'GET', path: path.slice(0, 3_100) });
      expect([400, 414]).toContain(status);
      expect(headers['x-request-id']).toBe(parse(body)?.request_id);
      expect(headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
    },
  );

  it.each(['/', 'application/json, text/plain', 'nonsense'])('a cancel needs no body, whatever it declares: %s', async (type) => {
    const { uuid } = await order(api.url, { width: 400, height: 400, iterations: 100_000 });
    const headers = { 'content-type': type };
    for (const body of [Buffer.alloc(0), Buffer.from('{"a":')]) {
      const { status } = await send(api.url, { ...NOTHING, method: 'DELETE', path: `/v1/fractal/${uuid}`, headers, body });
      expect([204, 404]).toContain(status);
    }
  });

  it('a range outside of a picture is refused as everything else is', async () => {
    const { uuid } = await order(api.url);
    await finished(api.url, uuid);
    const draft = { ...NOTHING, method: 'GET', path: `/fractal/${uuid}`, headers: { range: 'bytes=99999999-' } };
    const { status, headers, body } = await send(api.url, draft);
    expect([status, headers['content-range']]).toEqual([416, expect.stringMatching(/^bytes \*\/\d+$/)]);
    expect(parse(body)).toMatchObject({ title: 'Range not satisfiable', code: 416, request_id: headers['x-request-id'] });
  });

  it('a HEAD that is too long is answered without a body', async () => {
    const draft = { ...NOTHING, method: 'HEAD', path: `/v1/fractal?state=${'x'.repeat(30_000)}` };
    const { status, body } = await send(api.url, draft);
    expect([status, body.length]).toEqual([431, 0]);
  });

  it('a worker whose figures are no whole numbers does not hide the others', async () => {
    await using folder = await temporaryFolder();
    await using parts = await openParts(folder.path);
    await using work = await serveWork(parts.dispatcher);
    const { engineVersion: engine_version, bandsPerSecond: bands_per_second, ...same } = aReport();
    for (const change of [{ bands: 0.5 }, { uptime: 1.5 }]) {
      const body = JSON.stringify({ ...same, engine_version, bands_per_second, ...change });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${work.url}/v1/work/report`, { method: 'POST', headers, body });
      expect(response.status).toBe(422);
    }
  });

  it('a token whose id no database would be asked for is none, on PostgreSQL too', async () => {
    await using server = await startPostgres();
    await using repository = await openSharedRepository(server.url, { name: 'of the test', onWait: () => undefined });
    for (const id of ['\0', 'nowhere\0', 'nowhere0']) {
      await expect(revokeToken(repository, id)).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});
