import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finished, order, SIEGEL_DISC } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** One band that takes longer than a stopping service waits. */
const LONG = { ...SIEGEL_DISC, width: 512, height: 300, iterations: 110_000 };

describe('the service', () => {
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

  it('describes itself with OpenAPI 3.1, as committed in docs/openapi.json', async () => {
    const document = await (await fetch(`${api.url}/openapi.json`)).json();
    expect(document.openapi).toBe('3.1.0');
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json');
  });

  it('serves a readable reference from itself alone', async () => {
    const page = await (await fetch(`${api.url}/docs`)).text();
    const addresses = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(addresses.length).toBeGreaterThan(1);
    for (const address of addresses) {
      expect(address).toMatch(/^\//);
      expect((await fetch(api.url + address)).status).toBe(200);
    }
  });

  it('is alive and ready', async () => {
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${api.url}/readyz`)).status).toBe(200);
  });

  it('answers pages to browsers and problems to programs where there is nothing', async () => {
    const page = await fetch(`${api.url}/nowhere`, { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([404, expect.stringMatching(/^text\/html/)]);
    const problem = await fetch(`${api.url}/nowhere`);
    expect([problem.status, problem.headers.get('content-type')]).toEqual([
      404,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
    for (const path of ['/', '/index', '/index/2', '/view/154c7b41-108e-4696-a059-1bde9bf03d0a', '/new', '/explore']) {
      expect((await fetch(api.url + path)).headers.get('content-type')).toMatch(/^text\/html/);
    }
  });

  it('refuses a second process on its data, in one line', async () => {
    await expect(startApi({ dataDir: folder.path })).rejects.toThrow(/^.*ended \(1\).*\nfaafo: Another faafo process uses .*\n$/);
  });

  it('refuses a port in use, in one line', async () => {
    await using other = await temporaryFolder();
    const port = Number(new URL(api.url).port);
    await expect(startApi({ dataDir: other.path, port })).rejects.toThrow(/faafo: Port \d+ of 127.0.0.1 is in use/);
  });

  it('does not wait for connections that were opened ahead and never used', async () => {
    const { hostname, port } = new URL(api.url);
    const unused = connect(Number(port), hostname);
    await once(unused, 'connect');
    const closed = once(unused, 'close');
    expect(await api.stop()).toBe(0);
    await closed;
    api = await startApi({ dataDir: folder.path });
  });

  it('stops on SIGTERM: readiness fails first, a request under way is answered, the band is released and done by the next process', async () => {
    const { uuid } = await order(api.url, LONG);
    await finished(api.url, uuid, 'rendering');
    const stopping = api.stop();
    await sleep(100);
    const ready = await fetch(`${api.url}/readyz`);
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
    expect((await fetch(`${api.url}/v1/fractal/${uuid}`)).status).toBe(200);
    expect(await stopping).toBe(0);
    api = await startApi({ dataDir: folder.path });
    await finished(api.url, uuid, 'done', 60_000);
  }, 90_000);
});
