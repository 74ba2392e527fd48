import { expect, it } from 'vitest';
import { everyFractal, finished, order } from '../support/orders.ts';
import { isSameDocument, keepScreenshot, mark } from './browser.ts';
import { expectGoodLooks } from './good-looks.ts';
import { useService } from './service.ts';

const service = useService();
/** What the browser itself writes when nobody answers. */
const expected = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;

it('says that the service is away, and catches up when it is back', async () => {
  const first = await finished(service.api.url, (await order(service.api.url, { seed: 1 })).uuid);
  const { page, complaints } = await service.browser.open(service.api.url, { expected });
  await page.locator(`.card[data-uuid="${first.uuid}"] img.picture`).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await mark(page);
  await service.api.kill();
  const banner = page.getByText('The service cannot be reached.');
  await banner.waitFor();
  expect(await page.locator('.card').count()).toBe(1);
  await expectGoodLooks(page);
  await keepScreenshot(page, 'away');

  await service.restart();
  const { uuid } = await order(service.api.url, { seed: 2 });
  await banner.waitFor({ state: 'detached' });
  await page.locator(`.card[data-uuid="${uuid}"] img.picture`).waitFor();
  expect(await isSameDocument(page)).toBe(true);
  expect(complaints).toEqual([]);
});

it('keeps an order that could not be sent, and orders once however often it is pressed', async () => {
  const { page, complaints } = await service.browser.open(`${service.api.url}/new`, { expected });
  await page.getByLabel('Iterations').fill('77');
  const before = (await everyFractal(service.api.url)).length;
  await service.api.kill();
  await page.getByRole('button', { name: 'Order' }).click();
  await page.getByRole('alert').filter({ hasText: 'Nothing was lost' }).waitFor();
  await expectGoodLooks(page);
  await service.restart();
  // The first answer is lost on its way: the order stands, but the page cannot know.
  await page.route('**/v1/fractal', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.fetch();
    await route.abort('connectionreset');
  });
  await page.getByRole('button', { name: 'Order' }).click();
  await page.getByRole('alert').filter({ hasText: 'Nothing was lost' }).waitFor();
  await expect.poll(async () => (await everyFractal(service.api.url)).length).toBe(before + 1);
  await page.unroute('**/v1/fractal');
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('.stage img.picture').waitFor();
  const fractals = await everyFractal(service.api.url);
  expect(fractals.length).toBe(before + 1);
  expect(fractals[0]?.iterations).toBe(77);
  expect(complaints).toEqual([]);
});

it('shows a page that could not be read as soon as it can', async () => {
  const { page, complaints } = await service.browser.open(`${service.api.url}/new`, { expected });
  await page.getByText('Live', { exact: true }).waitFor();
  await service.api.kill();
  await page.getByRole('link', { name: 'Gallery', exact: true }).click();
  await page.getByRole('heading', { name: 'The service cannot be reached' }).waitFor();
  await expectGoodLooks(page);
  await keepScreenshot(page, 'error');
  await service.restart();
  await page.locator('.card img.picture').first().waitFor();
  expect(complaints).toEqual([]);
});
