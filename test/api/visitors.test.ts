import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyFractal, order } from '../support/orders.ts';
import { rawAnswer, requestText } from '../support/raw-answer.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const GALLERY = 'https://gallery.example';
const stack = new AsyncDisposableStack();
let api: RunningApi;
let named: RunningApi;
let port: string;
let uuid: string;
beforeAll(async () => {
  const start = async (flags: string[]) => stack.use(await startApi({ dataDir: stack.use(await temporaryFolder()).path, flags }));
  [api, named] = await Promise.all([start([]), start(['--allowed-hosts', 'faafo.example', '--allowed-origins', GALLERY])]);
  ({ port } = new URL(api.url));
  ({ uuid } = await order(api.url));
});
afterAll(() => stack.disposeAsync());

const ask = (to: RunningApi, method: string, path: string, headers: Record<string, string>) =>
  rawAnswer(to.url, requestText(method, path, { host: new URL(to.url).host, ...headers }));

describe('a service for this machine alone', () => {
  it.each(['localhost', 'LOCALHOST.', 'app.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '[::ffff:127.0.0.1]', '127.1'])(
    'answers by the name %s',
    async (host) => {
      for (const each of [host, `${host}:${port}`])
        expect((await ask(api, 'GET', '/v1/fractal', { host: each })).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '127.evil.example',
    'evil@localhost',
    'localhost/x',
    '10.1.2.3',
    '[::2]',
    '::1',
    'a b',
  ])('refuses the name %s, which somebody pointed at it, on every route', async (host) => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/v1/events'],
      ['GET', `/fractal/${uuid}`],
      ['DELETE', `/v1/fractal/${uuid}`],
    ] as const) {
      const { status, body, headers } = await ask(api, method, path, { host });
      // What is no host at all is refused by Node.
      expect([400, 403]).toContain(status);
      expect(headers['access-control-allow-origin']).toBeUndefined();
      if (status === 403)
        expect(JSON.parse(body).detail).toMatch(/none of this machine's: ask http:\/\/127\.0\.0\.1 .*allowed_hosts/);
    }
  });

  it('answers by the names that are allowed, too', async () => {
    for (const host of ['faafo.example', 'Faafo.Example:8080', 'localhost'])
      expect((await ask(named, 'GET', '/', { host })).status).toBe(200);
    expect((await ask(named, 'GET', '/', { host: 'www.faafo.example' })).status).toBe(403);
  });
});

describe('a page of another site', () => {
  const own = () => `http://127.0.0.1:${port}`;
  const hostile: [string, () => Record<string, string>][] = [
    ['with another origin', () => ({ origin: 'https://evil.example' })],
    ['with another port', () => ({ origin: 'http://127.0.0.1:1' })],
    ['with another scheme', () => ({ origin: `https://127.0.0.1:${port}` })],
    ['with another name of this machine', () => ({ origin: `http://localhost:${port}` })],
    ['without a name', () => ({ origin: 'null' })],
    ['that the browser calls cross-site', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['that the browser calls cross-site, whatever else', () => ({ origin: own(), 'sec-fetch-site': 'cross-site' })],
    ['that the browser calls a sibling', () => ({ 'sec-fetch-site': 'same-site' })],
    ['that says to be ours', () => ({ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' })],
  ];
  it.each(hostile)('%s changes nothing', async (_title, headers) => {
    for (const [method, path] of [
      ['POST', '/v1/fractal'],
      ['DELETE', `/v1/fractal/${uuid}`],
      ['POST', `/v1/fractal/${uuid}/cancel`],
      ['POST', `/v1/fractal/${uuid}/retry`],
      ['PUT', '/v1/anything'],
    ] as const) {
      const answer = await ask(api, method, path, headers());
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body).detail).toMatch(/may change nothing here: .*allowed_origins.*trusted_proxies/);
    }
    expect(await everyFractal(api.url)).toHaveLength(1);
  });

  it('may read nothing: no header of CORS is there, not on pictures and not on events', async () => {
    for (const path of ['/v1/fractal', `/v1/fractal/${uuid}`, `/fractal/${uuid}`, `/fractal/${uuid}/thumbnail`, '/v1/events']) {
      const ended = new AbortController();
      const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      const response = await fetch(api.url + path, { headers, signal: ended.signal });
      expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      ended.abort();
    }
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'DELETE' };
    expect((await ask(api, 'OPTIONS', `/v1/fractal/${uuid}`, preflight)).status).toBe(403);
  });

  it('is another thing than our own page, and than a program', async () => {
    const ours = [{}, { origin: own() }, { origin: own(), 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }];
    for (const headers of ours)
      expect((await ask(api, 'DELETE', '/v1/fractal/nonsense', headers as Record<string, string>)).status).toBe(422);
    // Behind a proxy that is not declared the scheme is lost; the browser still vouches for the page.
    const behind = { origin: `https://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' };
    expect((await ask(api, 'DELETE', '/v1/fractal/nonsense', behind)).status).toBe(422);
  });
});

describe('an origin that is allowed', () => {
  it('may ask beforehand, and for everything', async () => {
    const answer = await ask(named, 'OPTIONS', '/v1/fractal', {
      origin: GALLERY,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': GALLERY,
      'access-control-allow-methods': expect.stringContaining('DELETE'),
      'access-control-allow-headers': expect.stringMatching(/authorization.*content-type/),
      'access-control-max-age': '600',
      vary: expect.stringMatching(/origin/i),
    });
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('reads and orders, events included', async () => {
    const headers = { origin: GALLERY, 'sec-fetch-site': 'cross-site' };
    const { status } = await ask(named, 'POST', '/v1/fractal', headers);
    // Let in, and told that its order is empty.
    expect(status).toBe(422);
    const ended = new AbortController();
    const events = await fetch(`${named.url}/v1/events`, { headers, signal: ended.signal });
    expect(events.headers.get('access-control-allow-origin')).toBe(GALLERY);
    expect(events.headers.get('vary')).toMatch(/origin/i);
    ended.abort();
  });

  it('is exactly that one', async () => {
    for (const origin of [
      'https://evil.gallery.example',
      'http://gallery.example',
      `${GALLERY}:8443`,
      `${GALLERY}.evil.example`,
      'null',
    ]) {
      const { headers, status } = await ask(named, 'GET', '/v1/fractal', { origin });
      expect([status, headers.vary]).toEqual([200, expect.stringMatching(/origin/i)]);
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect((await ask(named, 'POST', '/v1/fractal', { origin })).status).toBe(403);
    }
  });
});
