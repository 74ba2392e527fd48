import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { anOrder, finished, look, send } from '../support/orders.ts';
import { isSameDocument, mark, picturesOf } from './browser.ts';
import { useService } from './service.ts';

const service = useService();
const uuidOf = (page: Page): string => new URL(page.url()).pathname.replace('/view/', '');

/** Presses Tab until the element has the focus, as somebody without a mouse would. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${selector}`);
}

it('takes an order by keyboard alone and shows the picture when it is finished, in another tab too', async () => {
  const watching = await service.browser.open(service.api.url);
  await watching.page.getByRole('heading', { name: 'An empty gallery' }).waitFor();
  const { page, complaints } = await service.browser.open(service.api.url);
  await page.getByRole('heading', { name: 'An empty gallery' }).waitFor();
  await mark(page);
  await tabTo(page, 'header a[href="/new"]');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
  expect(outline).toBe('solid');
  await page.keyboard.press('Enter');
  for (const [name, value] of Object.entries({ c_re: '−0.123', c_im: '0.745', width: '200', height: '150' })) {
    await tabTo(page, `input[name=${name}]`);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(value);
  }
  await page.keyboard.press('Enter');

  await page.locator('.stage img.picture').waitFor();
  expect(await picturesOf(page)).toEqual([[200, 150]]);
  expect(await isSameDocument(page)).toBe(true);
  const fractal = await look(service.api.url, uuidOf(page));
  expect(fractal).toMatchObject({ state: 'done', width: 200, height: 150, iterations: 800, c_re: -0.123, c_im: 0.745, xa: -1.6 });
  await watching.page.locator(`.card[data-uuid="${fractal.uuid}"] img.picture`).waitFor();
  expect([...complaints, ...watching.complaints]).toEqual([]);
});

it('shows what the API finds wrong at the fields it is about', async () => {
  const { page, complaints } = await service.browser.open(`${service.api.url}/new`, { expected: /422/ });
  await page.getByLabel('Width').fill('0');
  await page.getByLabel('Height').fill('many');
  await page.getByLabel('Left (xa)').fill('');
  await page.getByRole('button', { name: 'Order' }).click();
  const width = page.getByLabel('Width');
  await expect.poll(() => width.getAttribute('aria-invalid')).toBe('true');
  const answer = await send(`${service.api.url}/v1/fractal`, 'POST', { ...anOrder({ width: 0 }), height: 'many', xa: undefined });
  const { errors } = (await answer.json()) as { errors: { field: string; detail: string }[] };
  expect(errors.map(({ field }) => field).sort()).toEqual(['height', 'width', 'xa']);
  for (const { field, detail } of errors) expect(await page.locator(`#${field}-error`).textContent()).toBe(detail);
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('xa');

  await width.fill('65535');
  expect(await page.locator('#width-error').count()).toBe(0);
  await page.getByLabel('Height').fill('65535');
  await page.getByLabel('Iterations').fill('16777216');
  await page.getByLabel('Left (xa)').fill('-2');
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('#iterations-error').filter({ hasText: 'may cost at most' }).waitFor();
  await page.getByLabel('Right (xb)').fill('-2');
  await page.getByLabel('Iterations').fill('100');
  await page.getByLabel('Width').fill('50');
  await page.getByLabel('Height').fill('50');
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('#xb-error').filter({ hasText: 'window is empty' }).waitFor();
  await page.getByLabel('Right (xb)').fill('2');
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('.stage img.picture').waitFor();
  expect(complaints).toEqual([]);
});

it('orders a Mandelbrot set, a seeded Julia set, and a random one', async () => {
  const { page, complaints } = await service.browser.open(`${service.api.url}/new`);
  await page.getByRole('radio', { name: 'Mandelbrot set' }).check();
  expect(await page.getByLabel('Left (xa)').inputValue()).toBe('-2.625');
  await page.getByLabel('Real part (c_re)').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('.stage img.picture').waitFor();
  expect(await look(service.api.url, uuidOf(page))).toMatchObject({
    formula: 'mandelbrot',
    c_re: null,
    xa: -2.625,
    yb: 1.35,
    palette: 'ember',
    samples: 2,
  });

  await page.getByRole('link', { name: 'Order a fractal' }).click();
  await page.getByRole('radio', { name: 'Drawn at random' }).check();
  await page.getByLabel('Seed').fill('7');
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('.stage img.picture').waitFor();
  expect(await look(service.api.url, uuidOf(page))).toMatchObject({ formula: 'julia', seed: 7 });

  await page.getByRole('link', { name: 'Order a fractal' }).click();
  await page.getByRole('button', { name: 'Surprise me' }).click();
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('.stage img.picture').waitFor();
  const { width, height, iterations, xa, xb } = await finished(service.api.url, uuidOf(page));
  expect([width >= 256, width <= 1024, height >= 256, height <= 1024, iterations >= 128, iterations <= 512]).not.toContain(false);
  expect([xa >= -4, xa <= -1, xb >= 1, xb <= 4]).not.toContain(false);
  expect(complaints).toEqual([]);
});

it('says when the window is stretched, and mends it', async () => {
  const { page, complaints } = await service.browser.open(`${service.api.url}/new`);
  await page.getByText('0.96 megapixels').waitFor();
  await page.getByLabel('Height').fill('400');
  await page.getByText('stretched 2.0 times in width').waitFor();
  await page.getByRole('button', { name: 'Make it 800 high' }).click();
  await page.getByText('stretched').waitFor({ state: 'detached' });
  expect(await page.getByLabel('Height').inputValue()).toBe('800');
  expect(complaints).toEqual([]);
});
