import { expect, it } from 'vitest';
import { addPoisoned } from '../support/farm.ts';
import { look } from '../support/orders.ts';
import { until } from '../support/until.ts';
import { keepScreenshot } from './browser.ts';
import { expectGoodLooks } from './good-looks.ts';
import { useService } from './service.ts';

const service = useService();
const REASON = 'A part of this picture ended its worker 5 times; it was given up.';

/** Failed fractals in the running service. */
async function failed(count: number): Promise<string[]> {
  await service.api.kill();
  const uuids: string[] = [];
  for (let i = 0; i < count; i++) uuids.push(await addPoisoned(service.dataDir));
  await service.restart();
  return uuids;
}

const failedOne = async (): Promise<string> => (await failed(1))[0]!;

it('shows why a fractal has failed, and draws it again when asked', async () => {
  const uuid = await failedOne();
  const gallery = await service.browser.open(service.api.url);
  await gallery.page.locator(`.card[data-uuid="${uuid}"] .reason`, { hasText: REASON }).waitFor();
  expect(await gallery.page.getByRole('button', { name: 'Retry' }).count()).toBe(0);

  const { page, complaints } = await service.browser.open(`${service.api.url}/view/${uuid}`);
  await page.locator('.plate.failed .reason', { hasText: REASON }).waitFor();
  await expectGoodLooks(page);
  await expectGoodLooks(gallery.page);
  await keepScreenshot(page, 'failed');
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.locator('.stage img.picture').waitFor();
  expect(await page.locator('.badge').count()).toBe(0);
  expect(await look(service.api.url, uuid)).toMatchObject({ state: 'done', error: null });
  await gallery.page.locator(`.card[data-uuid="${uuid}"] img.picture`).waitFor();
  expect([...complaints, ...gallery.complaints]).toEqual([]);
});

for (const colorScheme of ['dark', 'light'] as const) {
  it(`fits a phone while it says so, in the ${colorScheme} theme`, async () => {
    const uuid = await failedOne();
    const viewport = { width: 360, height: 740 };
    const { page, complaints } = await service.browser.open(`${service.api.url}/view/${uuid}`, { viewport, colorScheme });
    await page.getByRole('button', { name: 'Retry' }).waitFor();
    await page.getByRole('link', { name: 'Older fractal' }).waitFor();
    await expectGoodLooks(page);
    await keepScreenshot(page, `failed-phone-${colorScheme}`, true);
    expect(complaints).toEqual([]);
  });
}

it('says so when nobody takes the wish, and can be asked again', async () => {
  const uuid = await failedOne();
  const expected = /ERR_|Failed to load/;
  const { page, complaints } = await service.browser.open(`${service.api.url}/view/${uuid}`, { expected });
  const button = page.getByRole('button', { name: 'Retry' });
  await button.waitFor();
  await service.api.kill();
  await button.click();
  await page.locator('.plate-word [role=alert]', { hasText: 'cannot be reached' }).waitFor();
  await service.restart();
  await button.click();
  await page.locator('.stage img.picture').waitFor();
  expect(complaints).toEqual([]);
});

it('draws many again that were selected in the gallery, and says how many', async () => {
  const uuids = await failed(3);
  const { page, complaints } = await service.browser.open(`${service.api.url}/?state=failed`);
  const cards = page.locator('.card');
  await cards.nth(2).waitFor();
  const before = await cards.count();
  await page.locator('.card .frame').first().focus();
  await page.keyboard.press('Control+a');
  await page.getByRole('button', { name: `Retry ${before}`, exact: true }).click();
  await page.getByText(`${before} are drawn again.`).waitFor();
  await page.getByText(/ selected$/).waitFor({ state: 'detached' });
  for (const uuid of uuids) await until(async () => (await look(service.api.url, uuid)).state === 'done', 30_000);
  await page.goto(service.api.url);
  for (const uuid of uuids) await page.locator(`.card[data-uuid="${uuid}"] img.picture`).waitFor();
  expect(complaints).toEqual([]);
});
