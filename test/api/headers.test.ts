import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveParts } from '../support/farm.ts';
import { finished, order } from '../support/orders.ts';
import { rawAnswer } from '../support/raw-answer.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

let stack: AsyncDisposableStack;
let api: RunningApi;
let uuid: string;
beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  api = stack.use(await startApi({ dataDir: path }));
  ({ uuid } = await order(api.url));
  await finished(api.url, uuid, 'done');
});
afterAll(() => stack.disposeAsync());

/** The paths of all routes, as fastify prints them: a tree whose branches are indented by four. */
async function pathsOfAllRoutes(): Promise<string[]> {
  await using folder = await temporaryFolder();
  await using service = await serveParts(folder.path);
  const branch: string[] = [];
  return service.app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .filter((line) => line.includes('── '))
    .map((line) => {
      const depth = line.indexOf('── ') / 4;
      branch.length = Math.floor(depth);
      branch.push(line.slice(line.indexOf('── ') + 3).split(' (')[0]!);
      return branch.join('');
    });
}

function expectGuarded(headers: Readonly<Record<string, string>>, what: string): void {
  const { 'content-security-policy': policy = '', 'content-type': type = '' } = headers;
  expect.soft(policy, what).toMatch(/(^|; )default-src '(self|none)'/);
  expect.soft(policy, what).toContain("frame-ancestors 'none'");
  expect.soft(policy, what).toContain("base-uri 'none'");
  expect.soft(policy.match(/script-src [^;]*/)?.[0] ?? '', what).not.toMatch(/unsafe-inline|'unsafe-eval'|data:|\*|https?:/);
  if (!/^text\/html/.test(type)) expect.soft(policy, what).toMatch(/^default-src 'none'/);
  expect.soft(headers, what).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': expect.stringContaining('camera=()'),
  });
  expect.soft(headers['strict-transport-security'], what).toBeUndefined();
  expect.soft(Object.keys(headers).join(), what).not.toMatch(/access-control|x-powered-by|(^|,)server(,|$)/);
}

describe('the headers of every answer', () => {
  it('keep browsers from running, framing and guessing, on each route and with each method', async () => {
    const page = await (await fetch(api.url)).text();
    const assets = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]!);
    const paths = [...(await pathsOfAllRoutes()), ...assets, '/assets/nothing.js', '/nowhere'];
    expect(paths).toEqual(
      expect.arrayContaining(['/', '/v1/fractal/:uuid/cancel', '/docs/scalar.js', '/view/:uuid', '/v1/events']),
    );
    const types = new Set<string>();
    for (const path of paths) {
      // Of this fractal only what leaves it as it is.
      const names = ['nonsense', UNKNOWN].concat(path.includes('cancel') || path.includes('retry') ? [] : [uuid]);
      const filled = path.includes(':uuid') ? names.map((name) => path.replace(':uuid', name)) : [path.replace(':page', '2')];
      for (const [each, method] of filled.flatMap((one) => METHODS.map((name) => [one, name] as const))) {
        if (method === 'DELETE' && each === `/v1/fractal/${uuid}`) continue;
        const ended = new AbortController();
        const response = await fetch(api.url + each, { method, signal: ended.signal });
        const headers = Object.fromEntries(response.headers);
        expectGuarded(headers, `${method} ${each}`);
        if (response.status >= 400) expect.soft(headers['content-type'], each).toMatch(/^application\/problem\+json/);
        types.add(headers['content-type'] ?? '');
        ended.abort();
      }
    }
    const images = [...types].filter((type) => type.startsWith('image/'));
    expect(images.sort()).toEqual(['image/png', 'image/svg+xml', 'image/webp']);
  }, 60_000);

  it('stand on the picture and on its parts, which have the type of a PNG and no other', async () => {
    for (const headers of [{}, { range: 'bytes=0-9' }, { range: 'bytes=99999999-' }, { 'if-none-match': '*' }] as Record<
      string,
      string
    >[]) {
      const response = await fetch(`${api.url}/fractal/${uuid}`, { headers: { accept: 'text/html', ...headers } });
      expectGuarded(Object.fromEntries(response.headers), JSON.stringify(headers));
      const type = response.status === 304 ? null : response.status === 416 ? 'application/problem+json' : 'image/png';
      expect(response.headers.get('content-type')?.replace(/; charset=.*/, '') ?? null).toBe(type);
    }
  });

  it.each([
    ['a path that is no URL', 'GET /%ff HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n', 400],
    ['no HTTP at all', 'HELO there\r\n\r\n', 400],
    ['no host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['a head of 17 kB', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    ['a name of 5 kB', `GET /v1/fractal/${'x'.repeat(5000)} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`, 422],
  ])('stand on the answer to %s', async (_title, request, status) => {
    const answer = await rawAnswer(api.url, request);
    expectGuarded(answer.headers, answer.body);
    expect([status, 414]).toContain(answer.status);
    if (answer.headers['content-type'])
      expect(JSON.parse(answer.body)).toMatchObject({ status: answer.status, detail: expect.stringMatching(/\.$/) });
  });
});

describe('the pages', () => {
  it.each(['/', '/docs', '/nowhere'])('%s has no script and no style of its own in it', async (path) => {
    const page = await (await fetch(api.url + path, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain('<script');
    expect(page.match(/<script(?![^>]*\ssrc=)/g)).toBeNull();
    expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
  });
});
