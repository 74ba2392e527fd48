import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { everyFractal, finished, look, order, SIEGEL_DISC } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startBrowser, type TestBrowser } from './browser.ts';

/** A name of whoever wishes ill, which leads to this machine. */
const EVIL = 'evil.example';
const stack = new AsyncDisposableStack();
let api: RunningApi;
let browser: TestBrowser;
let evil: string;
beforeAll(async () => {
  api = stack.use(await startApi({ dataDir: stack.use(await temporaryFolder()).path }));
  browser = stack.use(await startBrowser([EVIL]));
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<title>kittens</title><body>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack.defer(() => void server.close());
  evil = `http://${EVIL}:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => stack.disposeAsync());

/** Its own lines about what it does not let a page do. */
const expected = /blocked|Failed to load|Refused|ERR_|violates|403|CORS|Cross-Origin|MIME/i;

it('a hostile page changes nothing, reads nothing, shows nothing and frames nothing', async () => {
  const { uuid: done } = await order(api.url);
  await finished(api.url, done, 'done');
  const { uuid: running } = await order(api.url, { ...SIEGEL_DISC, width: 512, height: 400, iterations: 200_000 });
  await finished(api.url, running, 'rendering');

  const { page } = await browser.open(evil, { expected });
  const outcome = await page.evaluate(
    async ({ api, done, running }) => {
      const said = (asking: Promise<unknown>) =>
        asking.then(
          () => 'read',
          () => 'nothing',
        );
      const simple = (path: string, body?: string) =>
        fetch(api + path, { method: 'POST', mode: 'no-cors', ...(body !== undefined && { body }) }).catch(() => undefined);
      const loads = (element: HTMLImageElement | HTMLScriptElement, src: string) =>
        new Promise<string>((resolve) => {
          element.onload = () => resolve('read');
          element.onerror = () => resolve('nothing');
          element.src = src;
          document.body.append(element);
        });
      const submit = async (path: string) => {
        const frame = Object.assign(document.createElement('iframe'), { name: 'target' });
        const form = Object.assign(document.createElement('form'), { method: 'post', action: api + path, target: 'target' });
        document.body.append(frame, form);
        await new Promise((resolve) => {
          frame.onload = resolve;
          form.submit();
        });
      };
      // Those need no leave of ours beforehand: browsers send them.
      await simple(`/v1/fractal/${running}/cancel`);
      await simple('/v1/fractal', '{"width":64,"height":48,"iterations":9,"xa":-2,"xb":2,"ya":-1,"yb":1}');
      await submit(`/v1/fractal/${running}/cancel`);
      return {
        deleted: await said(fetch(`${api}/v1/fractal/${done}`, { method: 'DELETE' })),
        list: await said(fetch(`${api}/v1/fractal`)),
        bytes: await said(fetch(`${api}/fractal/${done}`)),
        picture: await loads(document.createElement('img'), `${api}/fractal/${done}`),
        thumbnail: await loads(document.createElement('img'), `${api}/fractal/${done}/thumbnail`),
        script: await loads(document.createElement('script'), `${api}/v1/fractal`),
        events: await new Promise((resolve) => {
          const source = new EventSource(`${api}/v1/events`);
          source.onopen = () => resolve('read');
          source.onerror = () => resolve('nothing');
        }),
      };
    },
    { api: api.url, done, running },
  );
  expect(new Set(Object.values(outcome))).toEqual(new Set(['nothing']));

  const framed = page.waitForEvent('frameattached');
  await page.evaluate((src) => document.body.append(Object.assign(document.createElement('iframe'), { src })), api.url);
  const frame = await framed;
  await expect.poll(() => frame.url()).toMatch(/^chrome-error:/);

  expect((await everyFractal(api.url)).map(({ uuid }) => uuid).sort()).toEqual([done, running].sort());
  expect((await look(api.url, running)).state).toBe('rendering');
}, 90_000);

it('a hostile name that was pointed at this machine leads nowhere', async () => {
  const { page } = await browser.open('about:blank', { expected });
  const { port } = new URL(api.url);
  for (const path of ['/', '/v1/fractal', '/v1/events']) {
    const answer = await page.goto(`http://${EVIL}:${port}${path}`);
    expect(answer?.status()).toBe(403);
    expect(await page.content()).toContain('allowed_hosts');
  }
});

it('our own pages and the reference do nothing that their policy refuses', async () => {
  for (const path of ['/', '/new', '/docs', '/nowhere']) {
    const { page, complaints } = await browser.open(api.url + path, { expected: /404 \(Not Found\)/ });
    if (path === '/docs') await page.getByText('Order a fractal').first().waitFor();
    else await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
    // What comes when there is time for it.
    await page.waitForTimeout(1_500);
    expect(complaints).toEqual([]);
  }
}, 60_000);
