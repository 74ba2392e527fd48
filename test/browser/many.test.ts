import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { FractalPage } from '../../src/http/schemas.ts';
import { addCopies } from '../support/many-fractals.ts';
import { finished, order } from '../support/orders.ts';
import { useService } from './service.ts';

const service = useService();
const COUNT = 100_000;
/** As many cards as two windows and a half hold. */
const MOST_CARDS = 60;

beforeAll(async () => {
  const { uuid } = await finished(service.api.url, (await order(service.api.url, { seed: 1, width: 320, height: 240 })).uuid);
  addCopies(service.dataDir, uuid, COUNT - 1);
});

/** The uuids of ranks, as the API has them. */
async function uuidsAt(rank: number): Promise<string | undefined> {
  const page = (await (await fetch(`${service.api.url}/v1/fractal?page=${rank + 1}&results_per_page=1`)).json()) as FractalPage;
  return page.objects[0]?.uuid;
}

/** Cards wholly in sight: rank from 1, uuid. */
const cardsOf = (page: Page) =>
  page
    .locator('.card[data-uuid]')
    .evaluateAll((cards) =>
      cards
        .filter((card) => card.getBoundingClientRect().top >= 0 && card.getBoundingClientRect().bottom <= innerHeight)
        .map((card) => [Number(card.getAttribute('aria-posinset')), card.getAttribute('data-uuid')] as const),
    );

async function expectRight(page: Page): Promise<number> {
  // What is in sight at one moment: a page that has just been opened reads anew when it hears of events.
  let cards: Awaited<ReturnType<typeof cardsOf>> = [];
  const look = async () => {
    cards = await cardsOf(page);
    return cards.length;
  };
  await expect.poll(look).toBeGreaterThan(3);
  const [rank, uuid] = cards[0]!;
  expect(uuid).toBe(await uuidsAt(rank - 1));
  expect(await page.locator('.card').count()).toBeLessThanOrEqual(MOST_CARDS);
  return rank;
}

it('shows a hundred thousand fractals without a hundred thousand cards, and the bar tells where one is', async () => {
  const { page, complaints } = await service.browser.open(service.api.url);
  await page.getByText('100,000 fractals, newest first').waitFor();
  expect(await expectRight(page)).toBe(1);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  expect(height).toBeGreaterThan((COUNT / 5) * 200);
  for (const share of [0.5, 0.25, 0.75]) {
    await page.evaluate((to) => scrollTo(0, to * (document.documentElement.scrollHeight - innerHeight)), share);
    // Until then the cards of the place before may be in sight.
    await expect.poll(async () => Math.abs(((await cardsOf(page))[0]?.[0] ?? 0) / COUNT - share)).toBeLessThan(0.001);
    await expectRight(page);
  }
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await page.locator(`.card[data-uuid="${await uuidsAt(COUNT - 1)}"]`).waitFor();
  expect(await page.locator('.card').count()).toBeLessThanOrEqual(MOST_CARDS);
  expect(complaints).toEqual([]);
});

it('reads what comes next while one scrolls, and nothing twice', async () => {
  const { page, complaints } = await service.browser.open(service.api.url);
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/v1/fractal?')) asked.push(new URL(request.url()).search);
  });
  await page.locator('.card img.picture').first().waitFor();
  await page.mouse.move(640, 600);
  for (let i = 0; i < 40; i++) {
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(15);
  }
  const rank = await expectRight(page);
  expect(rank).toBeGreaterThan(200);
  // After the first, each page is asked for by the cursor of the one before.
  expect(asked.filter((search) => search.includes('cursor=')).length).toBeGreaterThan(3);
  expect(new Set(asked.filter((search) => search.includes('cursor='))).size).toBe(
    asked.filter((search) => search.includes('cursor=')).length,
  );
  expect(complaints).toEqual([]);
}, 60_000);

it('leads older addresses of pages of five to their place in the list', async () => {
  for (const number of [200, 20_000]) {
    const { page, complaints } = await service.browser.open(`${service.api.url}/index/${number}`);
    // From 1, as people and screen readers count.
    const first = 5 * (number - 1) + 1;
    const card = page.locator(`.card[aria-posinset="${first}"][data-uuid]`);
    await card.waitFor();
    for (const rank of [first, first + 4])
      expect(await page.locator(`.card[aria-posinset="${rank}"]`).getAttribute('data-uuid')).toBe(await uuidsAt(rank - 1));
    const { y, height } = (await card.boundingBox())!;
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y + height).toBeLessThanOrEqual(900);
    expect(complaints).toEqual([]);
    await page.context().close();
  }
});
