import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { finished, order } from '../support/orders.ts';
import { settled } from './explorer-page.ts';
import { useService } from './service.ts';

const service = useService();
/** What the browser itself writes when nobody answers. */
const expected = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;

/** Event streams that the service has open. */
async function streams(): Promise<number> {
  const text = await (await fetch(`${service.api.url}/metrics`)).text();
  return Number(/^faafo_event_streams (\d+)$/m.exec(text)?.[1]);
}

const live = (page: Page) => page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });

it('hears of an order in two tabs by one stream, which ends with the last of them', async () => {
  await finished(service.api.url, (await order(service.api.url, { seed: 1 })).uuid);
  expect(await streams()).toBe(0);
  const { page: first, complaints } = await service.browser.open(service.api.url, { expected });
  const second = await first.context().newPage();
  await second.goto(service.api.url);
  await live(first);
  await live(second);
  expect(await streams()).toBe(1);
  const { uuid } = await order(service.api.url, { seed: 2, width: 2000, height: 1500, iterations: 3000, palette: 'ember' });
  for (const page of [first, second]) await page.locator(`.card[data-uuid="${uuid}"]`).waitFor();
  for (const page of [first, second]) await page.locator(`.card[data-uuid="${uuid}"] img.picture`).waitFor({ timeout: 25_000 });

  await service.api.kill();
  for (const page of [first, second]) await page.getByText('The service cannot be reached.').waitFor();
  await service.restart();
  for (const page of [first, second]) await live(page);
  expect(await streams()).toBe(1);
  const later = await order(service.api.url, { seed: 3 });
  for (const page of [first, second]) await page.locator(`.card[data-uuid="${later.uuid}"] img.picture`).waitFor();

  await first.goto('about:blank');
  const last = await order(service.api.url, { seed: 4 });
  await second.locator(`.card[data-uuid="${last.uuid}"] img.picture`).waitFor();
  await second.goto('about:blank');
  await expect.poll(streams).toBe(0);
  expect(complaints).toEqual([]);
}, 90_000);

it('has a stream of its own where the browser shares none', async () => {
  const { page, complaints } = await service.browser.open('about:blank');
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
  await page.goto(service.api.url);
  await live(page);
  expect(await streams()).toBe(1);
  const { uuid } = await order(service.api.url, { seed: 5 });
  await page.locator(`.card[data-uuid="${uuid}"] img.picture`).waitFor();
  await page.goto('about:blank');
  await expect.poll(streams).toBe(0);
  expect(complaints).toEqual([]);
});

/** A page over a network of 50 kB a second, with 0.4 s on the way. @param coming what says that it is coming, for however short a time @returns with `wasComing` */
async function slowly(path: string, coming: string) {
  const tab = await service.browser.open('about:blank', { expected: /willReadFrequently/ });
  await tab.page.addInitScript((selector) => {
    const look = () => document.querySelector(selector) && Object.assign(globalThis, { wasComing: true });
    new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
  }, coming);
  const session = await tab.page.context().newCDPSession(tab.page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 400,
    downloadThroughput: 50_000,
    uploadThroughput: 20_000,
  });
  await tab.page.goto(service.api.url + path, { waitUntil: 'commit' });
  return { ...tab, wasComing: () => tab.page.evaluate(() => 'wasComing' in globalThis) };
}

it('is there soon over a slow network, and says that it is coming', async () => {
  await finished(service.api.url, (await order(service.api.url, { seed: 8 })).uuid);
  const { page, complaints, wasComing } = await slowly('/', '[role="status"][aria-label="Loading the gallery"]');
  await page.locator('.card img.picture').first().waitFor({ timeout: 20_000 });
  expect(await wasComing()).toBe(true);
  expect(await page.getByRole('status', { name: 'Loading the gallery' }).count()).toBe(0);
  expect(complaints).toEqual([]);
});

it('shows a fractal over a slow network: first that it is coming, then what is known of it, then the picture', async () => {
  const { uuid } = await finished(service.api.url, (await order(service.api.url, { seed: 9, width: 400, height: 300 })).uuid);
  const { page, complaints, wasComing } = await slowly(`/view/${uuid}`, '.stage[aria-busy="true"]');
  await page.locator('.parameters').waitFor({ timeout: 20_000 });
  await page.locator('.stage img.picture').waitFor({ timeout: 20_000 });
  await expect
    .poll(() => page.locator('.stage img.picture').evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: 20_000 })
    .toBe(400);
  expect(await wasComing()).toBe(true);
  expect(await page.locator('.stage[aria-busy="true"]').count()).toBe(0);
  expect(complaints).toEqual([]);
}, 60_000);

it('draws in the explorer over a slow network before the rest of its page is there', async () => {
  const { page, complaints } = await slowly('/explore', '.explorer');
  await page.waitForFunction(() => performance.getEntriesByName('explorer-full').length > 0, null, { timeout: 40_000 });
  await page.getByRole('toolbar').waitFor({ timeout: 40_000 });
  const [drawn, whole] = await page.evaluate(() => [
    performance.getEntriesByName('explorer-full')[0]!.startTime,
    performance.now(),
  ]);
  expect(drawn).toBeLessThan(whole!);
  await settled(page);
  expect(complaints).toEqual([]);
}, 90_000);
