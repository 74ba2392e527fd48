import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import type { FractalResource } from '../../src/http/schemas.ts';
import { finished, look, order, send } from '../support/orders.ts';
import { keepScreenshot } from './browser.ts';
import { expectGoodLooks } from './good-looks.ts';
import { useService } from './service.ts';

const service = useService();
/** oldest first */
let fractals: FractalResource[];

beforeAll(async () => {
  fractals = [];
  for (const seed of [1, 2, 3]) {
    const { uuid } = await order(service.api.url, { seed, width: 300, height: 200 });
    fractals.push(await finished(service.api.url, uuid));
  }
});

it('shows the picture and every parameter, copies them, and gives the file', async () => {
  const [, fractal] = fractals as [FractalResource, FractalResource];
  const { page, complaints } = await service.browser.open(`${service.api.url}/view/${fractal.uuid}`, {
    permissions: ['clipboard-read', 'clipboard-write'],
    acceptDownloads: true,
  });
  await page.locator('.stage img.picture').waitFor();
  const parameters = await page.locator('.parameters').textContent();
  for (const shown of ['300 × 200 pixels', fractal.uuid, fractal.checksum!, 'drawn from the window', fractal.generated_by!]) {
    expect(parameters).toContain(shown);
  }
  await page.getByRole('button', { name: 'Copy c_re' }).click();
  await page.getByRole('button', { name: 'Copied c_re' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(String(fractal.c_re));

  // Every parameter is copied exactly as the API has it.
  const exact: Record<string, unknown> = {
    ...fractal,
    dimensions: `${fractal.width}x${fractal.height}`,
    'c was': fractal.c_source,
    ordered: fractal.created_at,
    finished: fractal.finished_at,
    'checksum (SHA-256)': fractal.checksum,
  };
  const rows = page.locator('.parameters > div');
  const names = await rows.locator('dt').allTextContents();
  expect(names.length).toBeGreaterThan(15);
  for (const name of names) {
    expect(exact[name], name).toBeDefined();
    await page.getByRole('button', { name: `Copy ${name}`, exact: true }).click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(String(exact[name]));
  }

  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe(`${fractal.uuid}.png`);
  const bytes = await readFile(await download.path());
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(fractal.checksum);
  expect(await page.getByRole('link', { name: 'Full size' }).getAttribute('href')).toBe(
    `/fractal/${fractal.uuid}?checksum=${fractal.checksum}`,
  );
  expect(complaints).toEqual([]);
});

it('leads to the fractals before and after, by links and by arrow keys', async () => {
  const [oldest, middle, newest] = fractals as [FractalResource, FractalResource, FractalResource];
  const { page, complaints } = await service.browser.open(`${service.api.url}/view/${middle.uuid}`);
  const at = async (uuid: string) => {
    await page.waitForURL(`**/view/${uuid}`);
    await page.locator(`.view[data-uuid="${uuid}"]`).waitFor();
  };
  await page.getByRole('link', { name: 'Newer fractal' }).click();
  await at(newest.uuid);
  expect(await page.getByRole('link', { name: 'Newer fractal' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Older fractal' }).waitFor();
  await page.keyboard.press('ArrowRight');
  await at(middle.uuid);
  await page.getByRole('link', { name: 'Older fractal' }).waitFor();
  await page.keyboard.press('ArrowRight');
  await at(oldest.uuid);
  await page.getByRole('link', { name: 'Newer fractal' }).waitFor();
  expect(await page.getByRole('link', { name: 'Older fractal' }).count()).toBe(0);
  expect(complaints).toEqual([]);
});

it('shows a large one being drawn, and stops it when asked', async () => {
  const { uuid } = await order(service.api.url, { width: 16_000, height: 16_000, iterations: 2000, c_re: -0.8, c_im: 0.156 });
  const { page, complaints } = await service.browser.open(`${service.api.url}/view/${uuid}`);
  const bar = page.getByRole('progressbar');
  await expect.poll(async () => Number(await bar.getAttribute('value'))).toBeGreaterThan(0.01);
  expect(await page.title()).toMatch(/^\d+ % Julia/);
  await expectGoodLooks(page);
  await keepScreenshot(page, 'drawing');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').waitFor();
  await expectGoodLooks(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
  await page.locator('.plate.cancelled').waitFor();
  await expectGoodLooks(page);
  await keepScreenshot(page, 'cancelled');
  expect((await look(service.api.url, uuid)).state).toBe('cancelled');
  await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
});

it('deletes only after asking', async () => {
  const { uuid } = await finished(service.api.url, (await order(service.api.url, { seed: 4 })).uuid);
  const { page, complaints } = await service.browser.open(`${service.api.url}/view/${uuid}`);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect((await look(service.api.url, uuid)).state).toBe('done');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete it' }).click();
  await page.getByText('Deleted.').waitFor();
  await page.locator('.card').first().waitFor();
  expect(await page.locator(`[data-uuid="${uuid}"]`).count()).toBe(0);
  expect((await fetch(`${service.api.url}/v1/fractal/${uuid}`)).status).toBe(404);
  expect(complaints).toEqual([]);
});

it('says so when the fractal is not there, or is deleted under the reader', async () => {
  const { uuid } = await finished(service.api.url, (await order(service.api.url, { seed: 5 })).uuid);
  const { page, complaints } = await service.browser.open(`${service.api.url}/view/${uuid}`, { expected: /404/ });
  await page.locator('.stage img.picture').waitFor();
  await send(`${service.api.url}/v1/fractal/${uuid}`, 'DELETE');
  await page.getByRole('heading', { name: 'This fractal is not here' }).waitFor();
  await expectGoodLooks(page);
  expect(complaints).toEqual([]);

  const wrong = await service.browser.open(`${service.api.url}/view/nonsense`, { expected: /422/ });
  await wrong.page.getByRole('heading', { name: 'This fractal is not here' }).waitFor();
  expect(wrong.complaints).toEqual([]);
});
