import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToken, type IssuedToken } from '../../src/actions/manage-tokens.ts';
import type { Role } from '../../src/domain/access.ts';
import type { FractalResource } from '../../src/http/schemas.ts';
import { openSqliteRepository } from '../../src/repository/sqlite.ts';
import { anOrder } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { until } from '../support/until.ts';
import { isSameDocument, keepScreenshot, mark, startBrowser, type TestBrowser } from './browser.ts';
import { expectGoodLooks } from './good-looks.ts';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
/** Time enough to sign in and to type, on a busy machine, too, and soon over. */
const SOON_MS = 15_000;
/** What the browser itself writes about an answer of 401, 403 or 410. */
const expected = /40[134]|410/;

let folder: string;
let api: RunningApi;
let browser: TestBrowser;
let admin: IssuedToken;

/** A token for somebody. */
async function issue(name: string, role: Role, expiresInMs: number | null = null): Promise<IssuedToken> {
  const repository = await openSqliteRepository(join(folder, 'faafo.db'), { beside: true });
  await using _ = repository;
  return await createToken(repository, { name, role, expiresInMs });
}

const asAdmin = (method: string, path: string, body?: unknown) =>
  fetch(`${api.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

async function drawn(): Promise<FractalResource> {
  const order = anOrder({ width: 600, height: 400, iterations: 300, palette: 'ember' });
  const { uuid } = (await (await asAdmin('POST', '/v1/fractal', order)).json()) as FractalResource;
  const look = async () => (await (await asAdmin('GET', `/v1/fractal/${uuid}`)).json()) as FractalResource;
  await until(async () => (await look()).state === 'done', 30_000);
  return await look();
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Your token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faafo-sign-in-'));
  const repository = await openSqliteRepository(join(folder, 'faafo.db'));
  admin = await createToken(repository, { name: 'amy', role: 'admin', expiresInMs: null });
  await repository[Symbol.asyncDispose]();
  api = await startApi({ dataDir: folder });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await api.kill();
  rmSync(folder, { recursive: true, force: true });
});

describe('signing in', () => {
  it('is asked for where access is closed, refuses a wrong token in words, and goes on where one wanted to go', async () => {
    const { uuid } = await drawn();
    const { token } = await issue('ann', 'creator');
    const { page, complaints } = await browser.open(`${api.url}/view/${uuid}`, { expected });
    await page.getByRole('heading', { name: 'Sign in to look' }).waitFor();
    await expectGoodLooks(page);
    expect(await page.locator('img.picture').count()).toBe(0);
    expect(await page.getByRole('link', { name: /Order/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Paste your token here first.').waitFor();
    await signIn(page, `${token.slice(0, -1)}-`);
    await page.getByRole('alert').filter({ hasText: /token/ }).waitFor();
    await expectGoodLooks(page);
    await keepScreenshot(page, 'sign-in-refused');
    await mark(page);
    await page.getByLabel('Your token').fill(token);
    await page.keyboard.press('Enter');
    await page.locator('.stage img.picture').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/view/${uuid}`);
    expect(await isSameDocument(page)).toBe(true);
    // What is amy's is not ann's to delete.
    expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(0);
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.evaluate(() => [document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)])).toEqual([
      '',
      '{}',
      '{}',
    ]);

    await page.getByRole('button', { name: 'Signed in as ann' }).click();
    await page.getByText('creator', { exact: true }).waitFor();
    await expectGoodLooks(page);
    await keepScreenshot(page, 'signed-in');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to look' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Sign in to look' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows those of mine alone, at an address of its own', async () => {
    const foreign = await drawn();
    const eve = await issue('eve', 'creator');
    const order = JSON.stringify(anOrder({ width: 60, height: 40 }));
    const headers = { authorization: `Bearer ${eve.token}`, 'content-type': 'application/json' };
    const own = (await (
      await fetch(`${api.url}/v1/fractal`, { method: 'POST', headers, body: order })
    ).json()) as FractalResource;
    const { page, complaints } = await browser.open(api.url, { expected });
    expect(await page.getByRole('button', { name: 'Mine' }).count()).toBe(0);
    await signIn(page, eve.token);
    await page.locator(`.card[data-uuid="${foreign.uuid}"]`).waitFor();
    await page.getByRole('button', { name: 'Mine' }).click();
    await page.locator(`.card[data-uuid="${foreign.uuid}"]`).waitFor({ state: 'detached' });
    await page.locator(`.card[data-uuid="${own.uuid}"] img.picture`).waitFor();
    expect(await page.locator('.card').count()).toBe(1);
    expect(new URL(page.url()).search).toBe('?owner=me');
    // What another orders meanwhile is none of it.
    await drawn();
    expect(await page.locator('.card').count()).toBe(1);
    await expectGoodLooks(page);
    await keepScreenshot(page, 'gallery-mine');
    await page.getByRole('button', { name: 'Mine', pressed: true }).click();
    await page.locator(`.card[data-uuid="${foreign.uuid}"]`).waitFor();
    expect(complaints).toEqual([]);
  });

  it('asks again when the token is revoked under an open page, and what was typed is not lost', async () => {
    const { token, id } = await issue('bob', 'creator');
    const { page, complaints } = await browser.open(`${api.url}/new`, { expected });
    await page.getByRole('heading', { name: 'Sign in to look' }).waitFor();
    await signIn(page, token);
    await page.getByLabel('Iterations').fill('123');
    await page.getByText('Live', { exact: true }).waitFor();
    await asAdmin('DELETE', `/v1/tokens/${id}`);
    await page.getByRole('heading', { name: 'Sign in again' }).waitFor();
    await page.getByText(`The token ${id} was revoked.`).waitFor();
    await expectGoodLooks(page);
    await keepScreenshot(page, 'sign-in-again');
    await signIn(page, (await issue('bob', 'creator')).token);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Iterations').inputValue()).toBe('123');
    await page.getByLabel('Width').fill('80');
    await page.getByLabel('Height').fill('60');
    await page.getByRole('button', { name: 'Order' }).click();
    await page.locator('.stage img.picture').waitFor();
    await page.getByRole('button', { name: 'Delete' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('asks again when the token expires under an open order form, and goes on with what was typed', async () => {
    const { page, complaints } = await browser.open(`${api.url}/new`, { expected });
    await page.getByRole('heading', { name: 'Sign in to look' }).waitFor();
    const { token, id } = await issue('dan', 'creator', SOON_MS);
    await signIn(page, token);
    await page.getByText('Live', { exact: true }).waitFor();
    const typed = { Iterations: '234', 'Width, pixels': '90', 'Height, pixels': '60' };
    for (const [label, text] of Object.entries(typed)) await page.getByLabel(label).fill(text);
    await mark(page);
    await page.getByRole('heading', { name: 'Sign in again' }).waitFor();
    await page.getByText(`The token ${id} has expired.`).waitFor();
    await expectGoodLooks(page);
    await keepScreenshot(page, 'sign-in-expired');
    // The old one again is refused, in the place where the new one goes.
    await signIn(page, token);
    await page.getByRole('alert').filter({ hasText: 'has expired' }).waitFor();
    await signIn(page, (await issue('dan', 'creator')).token);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    for (const [label, text] of Object.entries(typed)) expect(await page.getByLabel(label).inputValue()).toBe(text);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Order' }).click();
    await page.locator('.stage img.picture').waitFor();
    const uuid = new URL(page.url()).pathname.replace('/view/', '');
    const ordered = (await (await asAdmin('GET', `/v1/fractal/${uuid}`)).json()) as FractalResource;
    expect(ordered).toMatchObject({ width: 90, height: 60, iterations: 234, owner: 'dan' });
    expect(await isSameDocument(page)).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('keeps the gallery as it is while the token has expired, and catches up after signing in again', async () => {
    const { uuid } = await drawn();
    const { page, complaints } = await browser.open(api.url, { expected, viewport: PHONE });
    await page.getByRole('heading', { name: 'Sign in to look' }).waitFor();
    await signIn(page, (await issue('eli', 'creator', SOON_MS)).token);
    const card = (of: string) => page.locator(`.card[data-uuid="${of}"]`);
    await card(uuid).locator('img.picture').waitFor();
    await card(uuid).getByRole('checkbox').check();
    await page.getByText('1 selected').waitFor();
    await page.getByRole('heading', { name: 'Sign in again' }).waitFor();
    await expectGoodLooks(page);
    await keepScreenshot(page, 'sign-in-expired-phone');
    const { uuid: missed } = await drawn();
    expect(await card(uuid).count()).toBe(1);
    expect(await card(missed).count()).toBe(0);
    await signIn(page, (await issue('eli', 'creator')).token);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await card(missed).locator('img.picture').waitFor();
    expect(await card(uuid).getByRole('checkbox').isChecked()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('lets viewers look and no more, and says so where they want to order', async () => {
    await drawn();
    const { page } = await browser.open(api.url, { expected, viewport: PHONE });
    await signIn(page, (await issue('vic', 'viewer')).token);
    await page.locator('.card img.picture').first().waitFor();
    expect(await page.getByRole('link', { name: /^Order/ }).count()).toBe(0);
    await expectGoodLooks(page);
    await page.goto(`${api.url}/new`);
    await page.getByText('You are signed in as vic, a viewer.').waitFor();
    await expectGoodLooks(page);
    await keepScreenshot(page, 'viewer-orders-phone');
  });

  it('has room for a long name on a phone', async () => {
    await drawn();
    const { page } = await browser.open(api.url, { expected, viewport: PHONE });
    await signIn(page, (await issue('somebody.with.a.long-name@example.org', 'creator')).token);
    await page.locator('.card img.picture').first().waitFor();
    await expectGoodLooks(page);
    for (const part of ['.brand img', 'header a[href="/new"]']) {
      const { x, width } = (await page.locator(part).boundingBox())!;
      expect([part, x >= 16, x + width <= 344, width > 20]).toEqual([part, true, true, true]);
    }
    await page.getByRole('button', { name: 'Signed in as somebody.with' }).click();
    await expectGoodLooks(page);
    await keepScreenshot(page, 'signed-in-phone');
  });

  it('fits every device and can be read in both themes', async () => {
    for (const colorScheme of ['dark', 'light'] as const) {
      for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        const { page } = await browser.open(`${api.url}/signin`, { expected, viewport, colorScheme });
        await page.getByRole('heading', { name: 'Sign in to faafo' }).waitFor();
        await expectGoodLooks(page);
        await keepScreenshot(page, `sign-in-${device}-${colorScheme}`);
        await page.context().close();
      }
    }
  });

  it('is of no use to pages of other sites', async () => {
    const before = await drawn();
    const { page } = await browser.open(api.url, { expected });
    await signIn(page, (await issue('cat', 'admin')).token);
    await page.locator('.card').first().waitFor();
    const html = `<form method="post" action="${api.url}/v1/fractal/${before.uuid}/cancel"><input name="a"></form>
      <img src="${api.url}/fractal/${before.uuid}">`;
    const hostile = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end(html);
    }).listen(0, '127.0.0.1');
    await once(hostile, 'listening');
    const { port } = hostile.address() as AddressInfo;
    // Another port is another origin of the same site; no name but 127.0.0.1 leads anywhere from here, so the other site is answered for.
    await page.context().route('http://evil.test/', (route) => route.fulfill({ contentType: 'text/html', body: html }));
    for (const site of [`http://127.0.0.1:${port}`, 'http://evil.test/']) {
      const tab = await page.context().newPage();
      await tab.goto(site);
      const answers = await tab.evaluate(async (base) => {
        const attempt = (path: string, init: RequestInit) =>
          fetch(base + path, { credentials: 'include', mode: 'no-cors', ...init }).then(
            ({ type, status }) => `${type} ${status}`,
            () => 'refused',
          );
        return await Promise.all([
          attempt('/v1/session', { method: 'POST', body: '{}' }),
          attempt('/v1/fractal', { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }),
          fetch(`${base}/v1/tokens`, { credentials: 'include' }).then(
            ({ status }) => String(status),
            () => 'refused',
          ),
        ]);
      }, api.url);
      expect(answers.at(-1)).toBe('refused');
      await Promise.all([tab.waitForNavigation(), tab.evaluate(() => document.querySelector('form')?.submit())]);
      expect(await tab.locator('body').textContent()).toContain('may change nothing here');
      await tab.close();
    }
    hostile.closeAllConnections();
    hostile.close();
    expect(((await (await asAdmin('GET', `/v1/fractal/${before.uuid}`)).json()) as FractalResource).state).toBe('done');
  });
});

describe('a shared page', () => {
  it('is made on the page, and shows this one fractal to a stranger', async () => {
    const { uuid, checksum } = await drawn();
    const { page } = await browser.open(`${api.url}/view/${uuid}`, { expected });
    await signIn(page, admin.token);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByLabel('Month').check();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = await page.getByLabel('Link, ').inputValue();
    await expectGoodLooks(page);
    await keepScreenshot(page, 'share');

    for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      const stranger = await browser.open(link, { viewport });
      await stranger.page.locator('.stage img.picture').waitFor();
      await stranger.page.getByText(checksum!).waitFor();
      expect(await stranger.page.getByRole('button', { name: /Share|Delete|Cancel/ }).count()).toBe(0);
      expect(await stranger.page.getByRole('link', { name: /Older|Newer|Order/ }).count()).toBe(0);
      await expectGoodLooks(stranger.page);
      await keepScreenshot(stranger.page, `shared-${device}`, true);
      expect(stranger.complaints).toEqual([]);
      await stranger.page.getByRole('link', { name: 'Gallery', exact: true }).click();
      await stranger.page.getByRole('heading', { name: 'Sign in to look' }).waitFor();
      await stranger.page.context().close();
    }
  });

  it('fills by itself while the fractal is drawn, and says it when the link has expired', async () => {
    const slow = anOrder({
      formula: 'mandelbrot',
      width: 900,
      height: 900,
      iterations: 60_000,
      xa: -0.7454,
      xb: -0.7452,
      ya: 0.1,
      yb: 0.1002,
    });
    const { uuid } = (await (await asAdmin('POST', '/v1/fractal', slow)).json()) as FractalResource;
    const share = await asAdmin('POST', `/v1/fractal/${uuid}/share`, { what: 'page', expires_in: 3600 });
    const { page, complaints } = await browser.open(api.url + ((await share.json()) as { url: string }).url);
    await page.locator('.stage img.picture').waitFor({ timeout: 60_000 });
    expect(complaints).toEqual([]);

    const short = await asAdmin('POST', `/v1/fractal/${uuid}/share`, { what: 'page', expires_in: 1 });
    const { url } = (await short.json()) as { url: string };
    await until(async () => (await fetch(api.url + url.replace('/view/', '/v1/fractal/'))).status === 410);
    const late = await browser.open(api.url + url, { expected, viewport: PHONE });
    await late.page.getByText('This link has expired').waitFor();
    await expectGoodLooks(late.page);
    await keepScreenshot(late.page, 'link-expired-phone');
  });
});
