import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startBrowser } from '../../test/browser/browser.ts';
import { addCopies } from '../../test/support/many-fractals.ts';
import { finished, order } from '../../test/support/orders.ts';
import { startApi } from '../../test/support/start-api.ts';
import { median, round } from '../support/measure.ts';

/*
 * How soon a gallery of 100,000 fractals shows its first cards, how smoothly it is scrolled, and how soon there are cards after the bar was dragged to its middle: headless Chromium without a GPU,
 * 1280 x 800, a warm cache. Ends with 1 where a median is beyond what is promised.
 */

const COUNT = 100_000;
const RUNS = Number(process.env.RUNS ?? 5);
const SCROLLING_MS = 3_000;

/** Milliseconds between the frames of the page while its wheel turns. */
async function framesOfScrolling(page: Page): Promise<number[]> {
  await page.evaluate(() => {
    const times: number[] = [];
    Object.assign(globalThis, { frameTimes: times });
    const note = (now: number): void => {
      times.push(now);
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });
  await page.mouse.move(640, 500);
  for (const until = performance.now() + SCROLLING_MS; performance.now() < until; ) await page.mouse.wheel(0, 60);
  const times = await page.evaluate(() => (globalThis as unknown as { frameTimes: number[] }).frameTimes);
  return times.slice(1).map((time, i) => time - times[i]!);
}

/** Milliseconds until a card of the middle is there with its picture's address. */
async function jump(page: Page): Promise<number> {
  return await page.evaluate(async () => {
    const before = performance.now();
    scrollTo(0, document.documentElement.scrollHeight / 2);
    const isThere = () =>
      [...document.querySelectorAll('.card[data-uuid]')].some((card) => {
        const { top, bottom } = card.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
      });
    // The cards of before are still there until the first frame.
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    while (!isThere()) await new Promise((next) => setTimeout(next, 2));
    return performance.now() - before;
  });
}

const folder = await mkdtemp(join(tmpdir(), 'faafo-bench-'));
try {
  await using api = await startApi({ dataDir: folder });
  await using browser = await startBrowser();
  const { uuid } = await finished(api.url, (await order(api.url, { seed: 1, width: 320, height: 240, palette: 'ember' })).uuid);
  addCopies(folder, uuid, COUNT - 1);
  const { page } = await browser.open(api.url, { viewport: { width: 1280, height: 800 } });
  const [first, frames, longest, jumps] = [[] as number[], [] as number[], [] as number[], [] as number[]];
  for (let run = 0; run < RUNS; run++) {
    await page.goto('about:blank');
    await page.goto(api.url);
    await page.locator('.card img.picture').first().waitFor();
    first.push(await page.evaluate(() => performance.now()));
    const between = await framesOfScrolling(page);
    frames.push(median(between));
    longest.push(Math.max(...between));
    jumps.push(await jump(page));
  }
  const row = (what: string, values: readonly number[], unit: string, promise: string, isKept: (value: number) => boolean) => {
    if (!isKept(median(values))) process.exitCode = 1;
    return { ...figures(what, values, unit), promise };
  };
  const figures = (what: string, values: readonly number[], unit: string) => ({
    what,
    median: round(median(values)),
    best: round(unit === 'frames/s' ? Math.max(...values) : Math.min(...values)),
    worst: round(unit === 'frames/s' ? Math.min(...values) : Math.max(...values)),
    unit,
  });
  const rates = frames.map((ms) => 1000 / ms);
  const results = [
    row('first cards', first, 'ms', '<= 1000', (ms) => ms <= 1_000),
    row('scrolling', rates, 'frames/s', '>= 50', (rate) => rate >= 50),
    row('scrolling, longest frame', longest, 'ms', '<= 100', (ms) => ms <= 100),
    row('cards after a jump to the middle', jumps, 'ms', '<= 500', (ms) => ms <= 500),
    row('cards in the page', [await page.locator('.card').count()], '', '<= 60', (count) => count <= 60),
  ];
  console.log(`${RUNS} runs, ${COUNT} fractals, ${cpus().length} cores`);
  console.table(results);
  await mkdir('build/bench', { recursive: true });
  await writeFile('build/bench/gallery.json', `${JSON.stringify(results, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}
