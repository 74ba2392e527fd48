import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { PRESETS } from '../../src/domain/presets.ts';
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
  // The next frame takes the focus there; what is typed before would land in that field.
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('iterations');
  await page.getByLabel('Right (xb)').fill('-2');
  await page.getByLabel('Iterations').fill('100');
  await page.getByLabel('Width').fill('50');
  await page.getByLabel('Height').fill('50');
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('#xb-error').filter({ hasText: 'window is empty' }).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('xb');
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

it('asks for what the formula and the palette have, and orders exactly that', async () => {
  const { page, complaints } = await service.browser.open(`${service.api.url}/new`, { expected: /422/ });
  const fill = async (fields: Readonly<Record<string, string>>): Promise<void> => {
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  };
  expect(await page.getByLabel('Power of z').count()).toBe(0);
  await page.getByRole('radio', { name: 'Multibrot set' }).check();
  await page.getByRole('radio', { name: 'Given: its Julia set' }).check();
  await page.getByRole('radio', { name: 'Classic' }).check();
  await page.getByLabel('Density').waitFor({ state: 'detached' });
  await page.getByRole('radio', { name: 'Aurora' }).check();
  await page.getByText('Night sky with northern lights').waitFor();
  await fill({ 'Power of z': '9', 'Real part (c_re)': '', Interior: 'red', Density: '2.5', Offset: '0.25', Samples: '3' });
  await fill({ 'Width, pixels': '60', 'Height, pixels': '40' });
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('#power-error').filter({ hasText: 'power must be at most 8.' }).waitFor();
  await page.locator('#interior-error').filter({ hasText: 'interior must be a colour like #1a2b3c.' }).waitFor();
  await page.locator('#c_re-error').filter({ hasText: 'c_re must be a finite number.' }).waitFor();
  await fill({
    'Power of z': '5',
    'Real part (c_re)': '0.5',
    'Imaginary part (c_im)': '0.65',
    Interior: '#102030',
    Shade: '0.5',
  });
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('.stage img.picture').waitFor();
  const ordered = {
    formula: 'multibrot',
    power: 5,
    c_re: 0.5,
    c_im: 0.65,
    palette: 'aurora',
    density: 2.5,
    offset: 0.25,
    shade: 0.5,
    samples: 3,
  };
  expect(await look(service.api.url, uuidOf(page))).toMatchObject({ ...ordered, interior: '#102030', state: 'done' });
  const shown = await page.locator('.parameters').textContent();
  for (const row of ['power5', 'paletteaurora', 'density2.5', 'offset0.25', 'interior#102030', 'shade0.5', 'samples3'])
    expect(shown).toContain(row);
  expect(complaints).toEqual([]);
});

it('starts from any preset, without the colours of the one before', async () => {
  const { page, complaints } = await service.browser.open(`${service.api.url}/new`);
  await page.getByRole('button', { name: /^\d+ more$/ }).click();
  await page.getByRole('button', { name: 'Snail' }).click();
  await page.getByLabel('Density').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Cubic rabbit' }).click();
  await page.getByLabel('Width').fill('60');
  await page.getByLabel('Height').fill('40');
  expect(await page.getByText('stretched').count()).toBe(0);
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('.stage img.picture').waitFor();
  const { name: _, title: __, centre, halfWidth, c, ...preset } = PRESETS.find(({ name }) => name === 'cubic-rabbit')!;
  const fractal = await look(service.api.url, uuidOf(page));
  expect(fractal).toMatchObject({ ...preset, c_re: c!.re, c_im: c!.im, density: 1, offset: 0 });
  expect(fractal.xa).toBeCloseTo(centre.re - halfWidth, 6);
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
