import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FractalPage, FractalResource } from '../../src/http/schemas.ts';
import { finished, look, order, send } from '../support/orders.ts';
import { isSameDocument, keepScreenshot, mark, picturesOf } from './browser.ts';
import { expectGoodLooks } from './good-looks.ts';
import { useService } from './service.ts';
import { filesOfZip } from './zip-files.ts';

const service = useService();
const C = { c_re: -0.8, c_im: 0.156 };
const uuidsOn = (page: Page) => page.locator('.card').evaluateAll((cards) => cards.map((card) => card.getAttribute('data-uuid')));
const cardOf = (page: Page, uuid: string) => page.locator(`.card[data-uuid="${uuid}"]`);

it('is friendly when it is empty, and draws a preset at the press of a button', async () => {
  const { page, complaints } = await service.browser.open(service.api.url);
  await page.getByRole('heading', { name: 'An empty gallery' }).waitFor();
  await page.locator('.sketch[data-drawn]').nth(5).waitFor();
  await expectGoodLooks(page);
  await keepScreenshot(page, 'empty');
  await mark(page);
  await page.getByRole('button', { name: 'Feathers' }).click();
  const card = page.locator('.card');
  await card.waitFor();
  await card.locator('img.picture').waitFor();
  expect(await card.count()).toBe(1);
  expect(await isSameDocument(page)).toBe(true);
  expect(complaints).toEqual([]);
});

describe('with some fractals', () => {
  /** newest first */
  let all: FractalResource[];
  beforeAll(async () => {
    for (let i = 0; i < 3; i++)
      await finished(service.api.url, (await order(service.api.url, { ...C, iterations: 100 + i })).uuid);
    for (const formula of ['tricorn', 'burning-ship'] as const) {
      const { uuid } = await order(service.api.url, { formula, palette: 'lagoon', width: 160, height: 120 });
      await finished(service.api.url, uuid);
    }
    const list = (await (await fetch(`${service.api.url}/v1/fractal?results_per_page=100`)).json()) as FractalPage;
    all = list.objects;
  });

  it('shows them newest first, each with what one wants to know of it, and comes back to where one was', async () => {
    const { page, complaints } = await service.browser.open(service.api.url, { viewport: { width: 700, height: 420 } });
    await page.locator('.card img.picture').nth(4).waitFor();
    expect((await uuidsOn(page)).slice(0, 5)).toEqual(all.slice(0, 5).map(({ uuid }) => uuid));
    expect((await picturesOf(page)).slice(0, 3)).toEqual([
      [160, 120],
      [160, 120],
      [64, 48],
    ]);
    const third = cardOf(page, all[2]!.uuid);
    expect(await third.textContent()).toMatch(/^Julia −0\.8 \+ 0\.156i.*64 × 48$/);
    expect(await third.getByRole('img').getAttribute('alt')).toBe(
      'Julia set of c = −0.8 + 0.156i, real parts −2 to 2, imaginary parts −1.5 to 1.5',
    );
    await mark(page);
    await page.evaluate(() => scrollTo(0, 240));
    await cardOf(page, all[4]!.uuid).locator('.frame').hover();
    const before = await page.evaluate(() => scrollY);
    expect(before).toBeGreaterThanOrEqual(200);
    await cardOf(page, all[4]!.uuid).locator('.frame').click();
    await page.waitForURL(`**/view/${all[4]!.uuid}`);
    await page.goBack();
    await cardOf(page, all[4]!.uuid).waitFor();
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(before);
    await page.reload();
    await cardOf(page, all[4]!.uuid).waitFor();
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(before);
    expect(complaints).toEqual([]);
  });

  it('is filtered by what the address says, and goes through what passes by arrow keys', async () => {
    const { page, complaints } = await service.browser.open(service.api.url);
    await page.getByLabel('Palette').selectOption('lagoon');
    await page.waitForURL('**/?palette=lagoon');
    await expect.poll(() => uuidsOn(page)).toEqual(all.slice(0, 2).map(({ uuid }) => uuid));
    await page.getByText('2 fractals, newest first').waitFor();
    await page.getByLabel('Formula').selectOption('julia');
    await page.getByRole('heading', { name: 'No fractal is like that' }).waitFor();
    await expectGoodLooks(page);
    await page.goBack();
    await page.reload();
    await cardOf(page, all[0]!.uuid).locator('.frame').click();
    await page.waitForURL(`**/view/${all[0]!.uuid}`);
    await page.getByRole('link', { name: 'Older fractal' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(`**/view/${all[1]!.uuid}`);
    await page.getByRole('link', { name: 'Newer fractal' }).waitFor();
    // The next one down does not pass the filter.
    expect(await page.getByRole('link', { name: 'Older fractal' }).count()).toBe(0);
    await page.goBack();
    await page.waitForURL('**/?palette=lagoon');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.closest('.card')?.getAttribute('data-uuid')))
      .toBe(all[1]!.uuid);
    expect(complaints).toEqual([]);
  });

  it('is gone about in, selected from and opened by keyboard alone', async () => {
    const { page, complaints } = await service.browser.open(service.api.url);
    await page.locator('.card img.picture').nth(4).waitFor();
    for (let i = 0; i < 20 && !(await page.evaluate(() => document.activeElement?.matches('.frame'))); i++)
      await page.keyboard.press('Tab');
    const focused = () => page.evaluate(() => document.activeElement?.closest('.card')?.getAttribute('data-uuid'));
    expect(await focused()).toBe(all[0]!.uuid);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe(all[2]!.uuid);
    await page.keyboard.press(' ');
    await page.getByText('1 selected').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ ');
    await page.getByText('2 selected').waitFor();
    await expectGoodLooks(page);
    await page.keyboard.press('Escape');
    await page.getByText('2 selected').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+a');
    await page.getByText(`${all.length} selected`).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('End');
    expect(await focused()).toBe(all.at(-1)!.uuid);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/view/${all.at(-1)!.uuid}`);
    expect(complaints).toEqual([]);
  });

  it('says what the keys do, and lets letters be switched off', async () => {
    const { page, complaints } = await service.browser.open(service.api.url);
    await page.locator('.card').first().waitFor();
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keys and gestures' });
    await dialog.getByText('go from picture to picture').waitFor();
    await expectGoodLooks(page);
    await keepScreenshot(page, 'keys');
    await dialog.getByRole('switch').uncheck();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.keyboard.press('n');
    await page.keyboard.press('?');
    expect(await dialog.count()).toBe(0);
    expect(new URL(page.url()).pathname).toBe('/');
    await page.reload();
    await page.locator('.card').first().waitFor();
    await page.getByRole('button', { name: 'Keys and gestures' }).click();
    await dialog.getByRole('switch').check();
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.waitForURL('**/new');
    expect(complaints).toEqual([]);
  });

  it('gives several as one ZIP, byte for byte, and one as it is', async () => {
    const { page, complaints } = await service.browser.open(service.api.url, { acceptDownloads: true });
    await cardOf(page, all[0]!.uuid).hover();
    await cardOf(page, all[0]!.uuid).getByRole('checkbox').check();
    await cardOf(page, all[2]!.uuid)
      .getByRole('checkbox')
      .click({ modifiers: ['Shift'] });
    await page.getByText('3 selected').waitFor();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const files = filesOfZip(await readFile(await (await downloading).path()));
    expect([...files.keys()].sort()).toEqual(
      all
        .slice(0, 3)
        .map(({ uuid }) => `${uuid}.png`)
        .sort(),
    );
    for (const { uuid, url } of all.slice(0, 3)) {
      const png = Buffer.from(await (await fetch(service.api.url + url)).arrayBuffer());
      expect(files.get(`${uuid}.png`)?.equals(png)).toBe(true);
    }
    await cardOf(page, all[1]!.uuid).locator('.frame').click();
    await cardOf(page, all[2]!.uuid).locator('.frame').click();
    await page.getByText('1 selected').waitFor();
    const single = page.waitForEvent('download');
    await page.keyboard.press('d');
    expect((await single).suggestedFilename()).toBe(`${all[0]!.uuid}.png`);
    expect(complaints).toEqual([]);
  });

  it('deletes several after asking, and nothing else', async () => {
    const doomed = [];
    for (const seed of [1, 2, 3])
      doomed.unshift((await finished(service.api.url, (await order(service.api.url, { seed })).uuid)).uuid);
    const { page, complaints } = await service.browser.open(service.api.url);
    await cardOf(page, doomed[0]!).getByRole('checkbox').check();
    await cardOf(page, doomed[2]!).getByRole('checkbox').check();
    await page.keyboard.press('Delete');
    const dialog = page.getByRole('dialog', { name: 'Delete these 2 fractals?' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect((await look(service.api.url, doomed[0]!)).state).toBe('done');
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('2 are deleted.').waitFor();
    await cardOf(page, doomed[0]!).waitFor({ state: 'detached' });
    await cardOf(page, doomed[2]!).waitFor({ state: 'detached' });
    await cardOf(page, doomed[1]!).waitFor();
    expect(await page.locator('.selection-bar').count()).toBe(0);
    await send(`${service.api.url}/v1/fractal/${doomed[1]}`, 'DELETE');
    await cardOf(page, doomed[1]!).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  it('lets new ones in at the top, and holds them back while somebody looks farther down', async () => {
    const { page, complaints } = await service.browser.open(service.api.url, { viewport: { width: 480, height: 400 } });
    await page.locator('.card').first().waitFor();
    await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
    const first = (await order(service.api.url, { ...C, iterations: 77 })).uuid;
    await cardOf(page, first).locator('img.picture').waitFor();
    expect((await uuidsOn(page))[0]).toBe(first);
    await page.evaluate(() => scrollTo(0, 400));
    const before = await page.locator('.card').last().boundingBox();
    const second = (await order(service.api.url, { ...C, iterations: 78 })).uuid;
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect(await cardOf(page, second).count()).toBe(0);
    expect(await page.locator('.card').last().boundingBox()).toEqual(before);
    await page.getByRole('button', { name: '1 new' }).click();
    await cardOf(page, second).locator('img.picture').waitFor();
    expect((await uuidsOn(page)).slice(0, 2)).toEqual([second, first]);
    expect(complaints).toEqual([]);
  });
});

it('loads small pictures, and whole ones where there are none', async () => {
  const { uuid } = await finished(service.api.url, (await order(service.api.url, { seed: 2, width: 700, height: 400 })).uuid);
  const { page, complaints } = await service.browser.open(service.api.url);
  await cardOf(page, uuid).locator('img.picture').waitFor();
  expect((await picturesOf(page))[0]).toEqual([320, 183]);
  expect(complaints).toEqual([]);

  const without = await service.browser.open('about:blank', { expected: /404/ });
  await without.page.route('**/thumbnail?**', (route) => route.fulfill({ status: 404 }));
  await without.page.goto(service.api.url);
  const picture = cardOf(without.page, uuid).locator('img.picture');
  await expect.poll(() => picture.getAttribute('src')).not.toContain('thumbnail');
  expect((await picturesOf(without.page))[0]).toEqual([700, 400]);
  expect(without.complaints).toEqual([]);
});

it('shows the bands of a large one coming in, and that it was cancelled', async () => {
  const { page, complaints } = await service.browser.open(service.api.url, { colorScheme: 'dark' });
  await page.locator('.card').first().waitFor();
  await mark(page);
  const { uuid } = await order(service.api.url, { ...C, width: 16_000, height: 9000, iterations: 1000 });
  const card = cardOf(page, uuid);
  await card.getByText('Drawing').first().waitFor();
  const drawn = () => card.locator('.stripes .drawn').count();
  await expect.poll(drawn, { timeout: 25_000 }).toBeGreaterThan(1);
  expect(Number(await card.getByRole('progressbar').getAttribute('value'))).toBeGreaterThan(1 / 48);
  await keepScreenshot(page, 'coming-in');
  await send(`${service.api.url}/v1/fractal/${uuid}/cancel`, 'POST');
  await card.locator('.plate.cancelled').waitFor();
  expect(await card.getByRole('progressbar').count()).toBe(0);
  expect(await isSameDocument(page)).toBe(true);
  expect(complaints).toEqual([]);
}, 60_000);

it('helps those who took a wrong turn, and leads older addresses to their place', async () => {
  const { uuid } = await finished(service.api.url, (await order(service.api.url)).uuid);
  const { page, complaints } = await service.browser.open(`${service.api.url}/index/99`);
  await page.locator('.card').last().waitFor();
  const wrong = await service.browser.open(`${service.api.url}/no/such/page`, { expected: /404 \(Not Found\)/ });
  await wrong.page.getByText('/no/such/page').waitFor();
  await keepScreenshot(wrong.page, 'nothing');
  await expectGoodLooks(wrong.page);
  await wrong.page.getByRole('link', { name: 'To the gallery', exact: true }).click();
  await wrong.page.locator('.card').first().waitFor();
  await wrong.page.goto(`${service.api.url}/fractals/${uuid.toUpperCase()}/show`);
  await wrong.page.getByRole('link', { name: 'the fractal of that uuid' }).click();
  await wrong.page.locator('.stage img.picture').waitFor();
  expect([...complaints, ...wrong.complaints]).toEqual([]);
});

it('says so when its own script fails, and what can be done', async () => {
  await finished(service.api.url, (await order(service.api.url)).uuid);
  const { page } = await service.browser.open('about:blank', { expected: /./ });
  await page.route('**/v1/fractal?**', (route) =>
    route.fulfill({ json: { num_results: 1, total_pages: 1, page: 1, next_cursor: null, objects: [{ uuid: 'x' }] } }),
  );
  await page.goto(service.api.url);
  await page.getByRole('heading', { name: 'This page has gone wrong' }).waitFor();
  await keepScreenshot(page, 'broken');
  await expectGoodLooks(page);
  await page.unroute('**/v1/fractal?**');
  await page.getByRole('button', { name: 'Load it again' }).click();
  await page.locator('.card img.picture').first().waitFor();
});
