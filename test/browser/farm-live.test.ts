import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToken } from '../../src/actions/manage-tokens.ts';
import type { Role } from '../../src/domain/access.ts';
import { openSqliteRepository } from '../../src/repository/sqlite.ts';
import { Farm } from '../faults/support/farm.ts';
import { addPoisoned } from '../support/farm.ts';
import { order, SIEGEL_DISC } from '../support/orders.ts';
import { startApi } from '../support/start-api.ts';
import { type RunningWorker, startWorker } from '../support/start-worker.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { isSameDocument, keepScreenshot, mark, startBrowser, type TestBrowser } from './browser.ts';
import { expectGoodLooks } from './good-looks.ts';

/** What the browser itself writes when nobody answers, or who asks may not. */
const expected = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|40[13]/;
const PHONE = { width: 360, height: 740 };

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.[Symbol.asyncDispose]());

describe('the page of a real farm', () => {
  let farm: Farm;
  let worker: RunningWorker | undefined;
  beforeAll(async () => {
    farm = await Farm.open({ seed: 1, apis: 1, workers: 0, direct: true });
  }, 60_000);
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  it('says how to start a worker where there is none, and shows the first one, what it draws, and that it is gone', async () => {
    const url = farm.url();
    const { page, complaints } = await browser.open(`${url}/farm`, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('heading', { name: 'No worker is alive' }).waitFor();
    await page.getByText('Nothing is in work.').waitFor();
    await page.getByText('Nothing has failed.').waitFor();
    await keepScreenshot(page, 'farm-empty-desktop', true);
    await expectGoodLooks(page);
    await page.getByRole('button', { name: 'Copy this command' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    expect(command).toBe(`faafo-worker --endpoint-url ${url} --transport-url amqp://USER:PASSWORD@BROKER:5672/`);
    await page.setViewportSize(PHONE);
    await expectGoodLooks(page);
    await keepScreenshot(page, 'farm-empty-phone', true);
    await page.setViewportSize({ width: 1280, height: 900 });

    // So long that its worker tells of it more than once while it is in work.
    const { uuid, bands } = await order(url, { ...SIEGEL_DISC, width: 1000, height: 1000, iterations: 20_000 });
    await page.getByText(`${bands} bands wait, none is in work.`).waitFor();
    worker = startWorker([
      ...[`--endpoint-url=${url}`, `--transport-url=${farm.broker.url}`, '--threads=1'],
      `--state-dir=${join(farm.folder, 'worker')}`,
    ]);
    const mosaic = page.locator(`.in-work[data-uuid="${uuid}"] .mosaic svg`);
    await mosaic.locator('.held').first().waitFor({ state: 'attached', timeout: 30_000 });
    await page.getByText('1 with 1 thread', { exact: true }).waitFor();
    await page.locator('table.workers').getByText(uuid.slice(0, 8)).first().waitFor();
    const drawn = async () => Number(/^\d+/.exec((await mosaic.getAttribute('aria-label')) ?? '0')?.[0] ?? 0);
    await expect.poll(drawn, { timeout: 60_000 }).toBeGreaterThan(1);
    await page.getByText('Nothing is in work.').waitFor({ timeout: 120_000 });
    await page.getByText('1 picture drawn.').waitFor();
    await worker.stop();
    await page.getByRole('heading', { name: 'No worker is alive' }).waitFor({ timeout: 30_000 });
    expect(complaints).toEqual([]);
  }, 300_000);
});

describe('the page of a service that goes away', () => {
  it('says so, keeps what it knew, and goes on by itself', async () => {
    await using folder = await temporaryFolder();
    const first = await startApi({ dataDir: folder.path, flags: ['--threads', '1'] });
    const { page, complaints } = await browser.open(`${first.url}/farm`, { expected });
    await page.getByText('1 with 1 thread', { exact: true }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await mark(page);
    await first.kill();
    await page.getByText('The service cannot be reached.').waitFor();
    expect(await page.getByText('1 with 1 thread', { exact: true }).count()).toBe(1);
    await expectGoodLooks(page);
    await keepScreenshot(page, 'farm-away');
    await using again = await startApi({
      dataDir: folder.path,
      flags: ['--threads', '1'],
      port: Number(new URL(first.url).port),
    });
    await page.getByText('The service cannot be reached.').waitFor({ state: 'detached', timeout: 20_000 });
    await order(again.url);
    await page.getByText(/1 picture drawn/).waitFor();
    expect(await isSameDocument(page)).toBe(true);
    expect(complaints).toEqual([]);
  }, 60_000);
});

describe('who may what on the page of the farm', () => {
  it('shows strangers nothing, viewers all and no button, creators their own retries, and admins everything', async () => {
    await using folder = await temporaryFolder();
    await addPoisoned(folder.path);
    const tokens: Partial<Record<Role, string>> = {};
    {
      await using repository = await openSqliteRepository(join(folder.path, 'faafo.db'));
      for (const role of ['viewer', 'creator', 'admin'] as const) {
        tokens[role] = (await createToken(repository, { name: `${role}-1`, role, expiresInMs: null })).token;
      }
    }
    await using api = await startApi({ dataDir: folder.path, flags: ['--threads', '1'] });
    const stranger = await browser.open(`${api.url}/farm`, { expected });
    await stranger.page.getByRole('heading', { name: 'Sign in to look' }).waitFor();
    expect(await stranger.page.getByRole('link', { name: 'Farm' }).count()).toBe(0);

    const signedIn = async (role: 'viewer' | 'creator' | 'admin'): Promise<Page> => {
      const { page } = await browser.open(`${api.url}/farm`, { expected, viewport: PHONE });
      await page.getByLabel('Your token').fill(tokens[role]!);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Farm', exact: true }).waitFor();
      await page.locator('.failures > li').first().waitFor();
      await expectGoodLooks(page);
      return page;
    };
    const buttons = async (page: Page) => [
      await page.getByRole('button', { name: 'Pause the queue' }).count(),
      await page.getByRole('button', { name: 'Retry' }).count(),
    ];
    const [viewer, creator, admin] = [await signedIn('viewer'), await signedIn('creator'), await signedIn('admin')];
    expect(await buttons(viewer)).toEqual([0, 0]);
    expect(await buttons(creator)).toEqual([0, 0]);
    expect(await buttons(admin)).toEqual([1, 1]);
    await keepScreenshot(admin, 'farm-admin-phone');
    await admin.getByRole('button', { name: 'Pause the queue' }).click();
    await admin.getByRole('button', { name: 'Pause', exact: true }).click();
    await viewer.getByRole('heading', { name: 'The queue is paused by admin-1, just now' }).waitFor();
    expect(await viewer.getByRole('button', { name: 'Resume' }).count()).toBe(0);
    await admin.getByRole('button', { name: 'Resume' }).click();
    await viewer.getByRole('heading', { name: /paused/ }).waitFor({ state: 'detached' });
  }, 90_000);
});
