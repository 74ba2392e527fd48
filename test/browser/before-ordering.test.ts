import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkOrder, type LooseOrder } from '../../src/domain/check-order.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import type { Spec } from '../../src/domain/spec.ts';
import type { FarmStatus } from '../../src/http/farm-schemas.ts';
import type { FractalPage } from '../../src/http/schemas.ts';
import { HOME } from '../../web/src/explore/view.ts';
import { estimateOf, estimateWords } from '../../web/src/state/estimate.ts';
import { type OrderValues, toBody } from '../../web/src/state/order-values.ts';
import { DEFAULTS } from '../../web/src/state/presets.ts';
import { finished, order } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { keepScreenshot, startBrowser, type TestBrowser } from './browser.ts';
import { explore, specOfPage } from './explorer-page.ts';
import { expectGoodLooks } from './good-looks.ts';

/* What the order form and the explorer say before anything is sent: how long it will take, and that it is more than this service takes. */

const opened = new AsyncDisposableStack();
let api: RunningApi;
let browser: TestBrowser;
beforeAll(async () => {
  const flags = ['--max-side', '3000', '--max-cost', '4000000000'];
  api = opened.use(await startApi({ dataDir: opened.use(await temporaryFolder()).path, flags }));
  browser = opened.use(await startBrowser());
  await finished(api.url, (await order(api.url, toBody({ ...DEFAULTS, width: '600', height: '400' }))).uuid);
});
afterAll(() => opened.disposeAsync());

/** Its Expected time, once the farm has told. */
async function expectedTime(page: Page): Promise<string> {
  const row = page.locator('.order-facts > div', { hasText: 'Expected time' }).locator('dd');
  await expect.poll(() => row.textContent()).toMatch(/^(about|less than|\d)/);
  return (await row.textContent())!;
}

/** What follows from the answers of the API that the page gets next. */
async function fromTheStatus(page: Page): Promise<(spec: Spec) => string> {
  const next = async <T>(path: string) =>
    (await (await page.waitForResponse((response) => response.url().includes(path))).json()) as T;
  const [status, { objects }] = await Promise.all([
    next<FarmStatus>('/v1/status'),
    next<FractalPage>('/v1/fractal?state=done&results_per_page=30'),
  ]);
  return (spec) => estimateWords(estimateOf(spec, { status, lately: objects }));
}

const specOf = (values: OrderValues): Spec => checkOrder(crypto.randomUUID() as FractalId, toBody(values) as LooseOrder).spec!;

/** Orders that the page sends. */
function ordersOf(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
  return sent;
}

it('the expected time is that of the status, in the form and in the explorer', async () => {
  const { page, complaints } = await browser.open('about:blank');
  const told = fromTheStatus(page);
  await page.goto(`${api.url}/new`);
  const words = await told;
  const typed = { width: '2000', height: '1500', samples: '1' };
  const labels = { width: 'Width, pixels', height: 'Height, pixels', samples: 'Samples' } as const;
  for (const name of ['width', 'height', 'samples'] as const) await page.getByLabel(labels[name]).fill(typed[name]);
  expect(await expectedTime(page)).toBe(words(specOf({ ...DEFAULTS, ...typed })));
  // What was drawn before shows the same; with other iterations, another picture.
  expect(await expectedTime(page)).toMatch(/^about/);
  await page.getByLabel('Iterations').fill('1200');
  expect(await expectedTime(page)).toBe(words(specOf({ ...DEFAULTS, ...typed, iterations: '1200' })));

  const explorer = await explore(browser, api.url, HOME, { viewport: { width: 1000, height: 700 } });
  const toldAgain = fromTheStatus(explorer.page);
  await explorer.page.getByRole('button', { name: 'Order this view' }).click();
  const spec = await specOfPage(explorer.page, 2);
  expect(await expectedTime(explorer.page)).toBe((await toldAgain)(spec));
  expect([...complaints, ...explorer.complaints]).toEqual([]);
});

it('the order form says at the field that it is more than this service takes, as soon as it is typed', async () => {
  const { page, complaints } = await browser.open(`${api.url}/new`, { viewport: { width: 360, height: 740 } });
  const sent = ordersOf(page);
  await expectedTime(page);
  await page.getByLabel('Width, pixels').fill('3001');
  await page.locator('#width-error', { hasText: 'here a side may be at most 3000 pixels' }).waitFor();
  await page.getByLabel('Width, pixels').fill('3000');
  await page.locator('#width-error').waitFor({ state: 'detached' });
  await page.getByLabel('Height, pixels').fill('2000');
  await page.locator('#iterations-error', { hasText: 'one order may cost at most 4000000000' }).waitFor();
  await page.locator('#iterations-error').scrollIntoViewIfNeeded();
  await expectGoodLooks(page);
  await keepScreenshot(page, 'beyond-phone');
  await page.getByRole('button', { name: 'Order', exact: true }).last().click();
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('iterations');
  expect(sent).toEqual([]);
  await page.getByLabel('Iterations').fill('100');
  await page.getByLabel('Samples').fill('1');
  await page.locator('#iterations-error').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Order', exact: true }).last().click();
  await page.waitForURL('**/view/**');
  expect(sent).toHaveLength(1);
  expect(complaints).toEqual([]);
});

it('the explorer says that a size is more than this service takes, and orders what is not', async () => {
  const { page, complaints } = await explore(browser, api.url, HOME, { viewport: { width: 1000, height: 700 } });
  const sent = ordersOf(page);
  await page.getByRole('button', { name: 'Order this view' }).click();
  const dialog = page.getByRole('dialog');
  await expectedTime(page);
  const button = dialog.getByRole('button', { name: 'Order', exact: true });
  await dialog.getByRole('radio', { name: '4K' }).check({ force: true });
  await dialog.getByRole('alert').filter({ hasText: 'here a side may be at most 3000 pixels' }).waitFor();
  expect(await button.isDisabled()).toBe(true);
  await expectGoodLooks(page);
  await keepScreenshot(page, 'beyond-explorer');
  await dialog.getByRole('radio', { name: '1080p' }).check({ force: true });
  await dialog.getByRole('radio', { name: '4 × 4' }).check({ force: true });
  await dialog.getByRole('alert').filter({ hasText: 'one order may cost at most' }).waitFor();
  expect(await button.isDisabled()).toBe(true);
  await dialog.getByRole('radio', { name: 'This window' }).check({ force: true });
  await dialog.getByRole('radio', { name: '1 × 1' }).check({ force: true });
  await dialog.getByRole('alert').waitFor({ state: 'detached' });
  expect(sent).toEqual([]);
  await button.click();
  await page.waitForURL('**/view/**');
  expect(sent).toHaveLength(1);
  expect(complaints).toEqual([]);
});
