import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startBrowser } from '../../test/browser/browser.ts';
import { finished, order } from '../../test/support/orders.ts';
import { startApi } from '../../test/support/start-api.ts';
import { toBody } from '../../web/src/state/order-values.ts';
import { DEFAULTS, PRESETS } from '../../web/src/state/presets.ts';
import { round } from '../support/measure.ts';

/*
 * What the order form expects for 4000 x 3000 pixels of its first view, on a farm that has drawn only some kind of pictures before, and how long that picture then took: seconds from its order to its
 * being done. Each on a farm of its own, with all cores.
 */

const ORDERED = { width: '4000', height: '3000' };
const ofForm = (width: number, height: number) => toBody({ ...DEFAULTS, width: String(width), height: String(height) });
const ofOthers = (width: number, height: number) =>
  PRESETS.filter(({ name }) => name !== 'Feathers')
    .slice(0, 10)
    .map(({ values }) => toBody({ ...values, width: String(width), height: String(height) }));
const ten = <T>(of: T): T[] => Array.from({ length: 10 }, () => of);

const BEFORE: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  'ten of the same, 64 x 48': ten(ofForm(64, 48)),
  'ten of the same, 320 x 240': ten(ofForm(320, 240)),
  'one of the same, 1200 x 800': [ofForm(1200, 800)],
  'ten others, 64 x 48': ofOthers(64, 48),
  'ten others, 600 x 400': ofOthers(600, 400),
};

/** What the form says when it is opened. */
async function expected(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/new`);
  await page.getByLabel('Width, pixels').fill(ORDERED.width);
  await page.getByLabel('Height, pixels').fill(ORDERED.height);
  const row = page
    .locator('.order-facts > div', { hasText: 'Expected time' })
    .locator('dd')
    .filter({ hasNotText: /^asking|^—/ });
  return (await row.textContent())!;
}

/** Presses Order. @returns seconds until it is done */
async function ordered(page: Page, url: string): Promise<number> {
  const since = performance.now();
  await page.getByRole('button', { name: 'Order', exact: true }).last().click();
  await page.waitForURL('**/view/**');
  const uuid = new URL(page.url()).pathname.split('/').at(-1)!;
  // The page of a fractal draws it, too, on the same processors.
  await page.goto('about:blank');
  await finished(url, uuid, 'done', 600_000);
  return (performance.now() - since) / 1000;
}

const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
const results: Record<string, string | number>[] = [];
try {
  await using browser = await startBrowser();
  for (const [before, orders] of Object.entries(BEFORE)) {
    await using api = await startApi({ dataDir: join(folder, String(results.length)) });
    for (const each of orders) await finished(api.url, (await order(api.url, each)).uuid);
    const { page } = await browser.open('about:blank');
    results.push({ before, shown: await expected(page, api.url), 'true, s': round(await ordered(page, api.url)) });
    await page.close();
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(`${ORDERED.width} x ${ORDERED.height}, ${cpus().length} cores`);
console.table(results);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/expected-time.json', `${JSON.stringify(results, null, 2)}\n`);
