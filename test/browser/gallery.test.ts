import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { FractalPage } from '../../src/http/schemas.ts';
import { finished, order, send } from '../support/orders.ts';
import { isSameDocument, keepScreenshot, mark, picturesOf } from './browser.ts';
import { useService } from './service.ts';

const service = useService();
const C = { c_re: -0.8, c_im: 0.156 };

it('is friendly when it is empty, and shows the first order as soon as somebody makes one', async () => {
  const { page, complaints } = await service.browser.open(service.api.url);
  await page.getByRole('heading', { name: 'An empty gallery' }).waitFor();
  await keepScreenshot(page, 'empty');
  await mark(page);
  const { uuid } = await order(service.api.url, { ...C, width: 120, height: 80 });
  await page.locator(`.card[data-uuid="${uuid}"] img.picture`).waitFor();
  expect(await picturesOf(page)).toEqual([[120, 80]]);
  expect(await isSameDocument(page)).toBe(true);
  expect(complaints).toEqual([]);
});

it('shows five fractals a page, newest first, with their parameters, and leads to the others', async () => {
  for (let i = 0; i < 6; i++) await finished(service.api.url, (await order(service.api.url, { ...C, iterations: 100 + i })).uuid);
  const list = (await (await fetch(`${service.api.url}/v1/fractal?results_per_page=5`)).json()) as FractalPage;
  const { page, complaints } = await service.browser.open(service.api.url);
  await page.locator('.card img.picture').nth(4).waitFor();
  const uuids = () => page.locator('.card').evaluateAll((cards) => cards.map((card) => card.getAttribute('data-uuid')));
  expect(await uuids()).toEqual(list.objects.map(({ uuid }) => uuid));
  expect(await picturesOf(page)).toEqual(Array(5).fill([64, 48]));
  const lead = page.locator('.card').first();
  expect(await lead.locator('.facts').textContent()).toMatch(
    /^Pixels64 × 48Iterations105c−0\.8 \+ 0\.156iReal−2 … 2Imaginary−1\.5 … 1\.5Drawn in/,
  );
  expect(await lead.getByRole('img').getAttribute('alt')).toBe(
    'Julia set of c = −0.8 + 0.156i, real parts −2 to 2, imaginary parts −1.5 to 1.5',
  );

  await mark(page);
  await page.getByRole('link', { name: 'Older' }).click();
  await page.locator('.card').nth(2).waitFor({ state: 'detached' });
  expect(new URL(page.url()).pathname).toBe('/index/2');
  expect(await page.locator('.card').count()).toBe(2);
  await page.goBack();
  await page.locator('.card').nth(4).waitFor();
  expect(await isSameDocument(page)).toBe(true);
  await page.goto(`${service.api.url}/index/2`);
  await page.locator('.card').nth(1).waitFor();
  expect(complaints).toEqual([]);
});

it('loads small pictures, and whole ones where there are none', async () => {
  for (const seed of [1, 2]) {
    await finished(service.api.url, (await order(service.api.url, { seed, width: 700, height: 400 })).uuid);
  }
  const second = (page: Page) => page.locator('.card').nth(1).locator('img.picture');
  const { page, complaints } = await service.browser.open(service.api.url);
  await second(page).waitFor();
  expect((await picturesOf(page)).slice(0, 2)).toEqual([
    [700, 400],
    [320, 183],
  ]);
  expect(complaints).toEqual([]);

  const without = await service.browser.open('about:blank', { expected: /404/ });
  await without.page.route('**/thumbnail?**', (route) => route.fulfill({ status: 404 }));
  await without.page.goto(service.api.url);
  await expect.poll(() => second(without.page).getAttribute('src')).not.toContain('thumbnail');
  expect((await picturesOf(without.page))[1]).toEqual([700, 400]);
  expect(without.complaints).toEqual([]);
});

it('shows the bands of a large one coming in, and that it was cancelled', async () => {
  const { page, complaints } = await service.browser.open(service.api.url, { colorScheme: 'dark' });
  await page.locator('.card').first().waitFor();
  await mark(page);
  const { uuid } = await order(service.api.url, { ...C, width: 16_000, height: 9000, iterations: 2000 });
  const card = page.locator(`.card[data-uuid="${uuid}"]`);
  await card.getByText('Drawing').first().waitFor();
  const drawn = () => card.locator('.stripes .drawn').count();
  await expect.poll(drawn, { timeout: 20_000 }).toBeGreaterThan(4);
  expect(Number(await card.getByRole('progressbar').getAttribute('value'))).toBeGreaterThan(4 / 48);
  await keepScreenshot(page, 'coming-in');
  await send(`${service.api.url}/v1/fractal/${uuid}/cancel`, 'POST');
  await card.locator('.plate.cancelled').waitFor();
  expect(await card.getByRole('progressbar').count()).toBe(0);
  expect(await isSameDocument(page)).toBe(true);
  expect(complaints).toEqual([]);
});

it('takes away what somebody else deletes', async () => {
  const { uuid } = await finished(service.api.url, (await order(service.api.url, C)).uuid);
  const { page, complaints } = await service.browser.open(service.api.url);
  const card = page.locator(`[data-uuid="${uuid}"]`);
  await card.waitFor();
  await send(`${service.api.url}/v1/fractal/${uuid}`, 'DELETE');
  await card.waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
});

it('helps those who took a wrong turn', async () => {
  const { page, complaints } = await service.browser.open(`${service.api.url}/index/99`);
  await page.getByRole('link', { name: 'To the last page' }).click();
  await page.locator('.card').first().waitFor();
  expect(complaints).toEqual([]);

  const wrong = await service.browser.open(`${service.api.url}/no/such/page`, { expected: /404 \(Not Found\)/ });
  await wrong.page.getByText('/no/such/page').waitFor();
  await wrong.page.getByRole('link', { name: 'To the gallery', exact: true }).click();
  await wrong.page.locator('.card').first().waitFor();
  expect(wrong.complaints).toEqual([]);
});
