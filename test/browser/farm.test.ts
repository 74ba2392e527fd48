import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BandsResource, FarmStatus, ReadingList, WorkerList } from '../../src/http/farm-schemas.ts';
import { formatSpan } from '../../web/src/farm/words.ts';
import { formatCount } from '../../web/src/format.ts';
import { aFractal } from '../support/specs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { keepScreenshot, startBrowser, type TestBrowser } from './browser.ts';
import { expectGoodLooks } from './good-looks.ts';
import { type StagedFarm, stageFarm } from './staged-farm.ts';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };

const opened: Page[] = [];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let farm: StagedFarm;
let browser: TestBrowser;
beforeAll(async () => {
  folder = await temporaryFolder();
  farm = await stageFarm(folder.path);
  browser = await startBrowser();
}, 60_000);
afterEach(async () => {
  // An open page goes on asking.
  for (const page of opened.splice(0)) await page.context().close();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await farm?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

async function whole(page: Page): Promise<void> {
  opened.push(page);
  await page.getByRole('heading', { name: 'Farm', exact: true }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
  await page.locator('.plot .line').first().waitFor({ state: 'attached' });
}

describe('the farm', () => {
  for (const scheme of ['light', 'dark'] as const) {
    for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      it(`fits a ${device}, can be read in the ${scheme} theme, and axe finds nothing`, async () => {
        const { page, complaints } = await browser.open(`${farm.url}/farm`, { viewport, colorScheme: scheme });
        await whole(page);
        await page.locator('.mosaic').nth(1).waitFor();
        await page.locator('.failures > li').first().waitFor();
        await keepScreenshot(page, `farm-${device}-${scheme}`, true);
        await expectGoodLooks(page);
        expect(complaints).toEqual([]);
      });
    }
  }

  it('shows every band of a poster, by whom it is drawn, and one host apart from the others', async () => {
    const { page } = await browser.open(`${farm.url}/farm`);
    await whole(page);
    const poster = page.locator(`.in-work[data-uuid="${farm.poster}"]`);
    await poster.getByText('61 %').waitFor();
    const total = Number(/([\d,]+) bands/.exec((await poster.locator('header').textContent()) ?? '')![1]!.replace(',', ''));
    const mosaic = poster.locator('.mosaic svg');
    const cells = await mosaic.evaluate((svg) =>
      [...svg.querySelectorAll('.waits, .colour, .held')].reduce(
        (sum, path) => sum + (path.getAttribute('d')!.split('z').length - 1),
        0,
      ),
    );
    expect(cells).toBe(total);
    expect(await mosaic.getAttribute('aria-label')).toBe(`${Math.floor(total * 0.62)} of ${total} bands are drawn, 8 in work`);
    // Numbers, so that nobody has to tell colours apart.
    expect(await mosaic.locator('text').count()).toBe(Math.floor(total * 0.62) + 8);
    await mosaic.hover({ position: { x: 5, y: 5 } });
    await poster.getByText(/^Band 0: drawn, \S+$/).waitFor();
    const one = poster.getByRole('button', { name: /app-worker-3/ });
    await one.focus();
    await page.keyboard.press('Space');
    expect(await one.getAttribute('aria-pressed')).toBe('true');
    expect(await mosaic.locator('g.faint').count()).toBe((await poster.locator('.legend button').count()) - 1);
    await page.keyboard.press('Space');
    expect(await mosaic.locator('g.faint').count()).toBe(0);
  });

  it('tells of each worker, and of the queue, what the API tells', async () => {
    const { page } = await browser.open(`${farm.url}/farm`);
    await whole(page);
    const read = async (path: string) => (await (await fetch(farm.url + path)).json()) as never;
    const { objects } = (await read('/v1/workers?seen_within=600')) as WorkerList;
    expect(objects).toHaveLength(5);
    for (const { id, host, cores, threads, load, version } of objects) {
      const row = page.locator(`[data-worker="${id}"]`);
      expect(await row.locator('th').textContent()).toContain(`${host}${threads} threads, ${cores} cores`);
      expect(await row.locator('.load').textContent()).toBe(load.toFixed(2));
      expect(await row.locator('td').last().textContent()).toBe(version);
      const meter = row.locator('meter');
      expect([await meter.getAttribute('max'), await meter.getAttribute('value')]).toEqual([
        `${cores}`,
        `${Math.min(load, cores)}`,
      ]);
    }
    const value = (title: string) => page.locator('.plot', { hasText: title }).locator('.plot-value').textContent();
    const { objects: readings } = (await read('/v1/readings')) as ReadingList;
    const last = readings.at(-1)!;
    expect(await value('Bands that wait')).toBe(formatCount(last.bands_waiting));
    expect(await value('Oldest that waits')).toBe(formatSpan(last.oldest_waiting ?? 0));
  });

  it('draws each band of a poster in the colours of the worker that has it', async () => {
    const { page } = await browser.open(`${farm.url}/farm`);
    await whole(page);
    const poster = page.locator(`.in-work[data-uuid="${farm.poster}"]`);
    const svg = poster.locator('.mosaic svg');
    await svg.waitFor();
    const { hosts, by, states } = (await (await fetch(`${farm.url}/v1/fractal/${farm.poster}/bands`)).json()) as BandsResource;
    // The number and the colour of each host, as the legend has them.
    const badges = await poster.locator('.legend button').evaluateAll((buttons) =>
      buttons.map((button) => {
        const badge = button.querySelector('.host-badge')!;
        const fill = getComputedStyle(badge.querySelector('.colour')!).fill;
        return [button.querySelector('span')!.textContent, { number: badge.textContent?.trim(), fill }] as const;
      }),
    );
    const badgeOf = new Map(badges);
    expect(new Set(badges.map(([, { fill }]) => fill)).size).toBe(hosts.length);
    const cells = await svg.evaluate((element) => {
      const found: { x: number; y: number; fill: string }[] = [];
      for (const path of element.querySelectorAll('g path.colour'))
        for (const [, x, y] of path.getAttribute('d')!.matchAll(/M(\d+) (\d+)/g))
          found.push({ x: Number(x), y: Number(y), fill: getComputedStyle(path).fill });
      return found;
    });
    const numbers = await svg.locator('text').allTextContents();
    const drawn = by.flatMap((host, band) => (states[band] === 'd' ? [{ host: hosts[host!]!, band }] : []));
    expect(cells).toHaveLength(drawn.length);
    // From left to right and top to bottom they are the bands in their order.
    cells.sort((a, b) => a.y - b.y || a.x - b.x);
    for (const [i, { host, band }] of drawn.entries()) {
      expect([band, cells[i]!.fill]).toEqual([band, badgeOf.get(host)!.fill]);
      expect([band, numbers[band]]).toEqual([band, badgeOf.get(host)!.number]);
    }
  });

  it('marks the silent worker, and tells what the others do and since when', async () => {
    const { page } = await browser.open(`${farm.url}/farm`);
    await whole(page);
    await page.getByText('4 with 16 threads, 1 silent').waitFor();
    const silent = page.locator('[data-worker="worker-3"]');
    expect(await silent.textContent()).toMatch(/gpu-less-04.*Silent for \d+ (s|min)/);
    const busy = await page.locator('[data-worker="worker-0"]').textContent();
    expect(busy).toMatch(new RegExp(`${farm.poster.slice(0, 8)}\\s+band \\d+ \\d+ s`));
    await page.locator('[data-worker="worker-0"] a').first().click();
    await page.waitForURL(`**/view/${farm.poster}`);
  });

  it('goes back in the last hour, by pointer and by keyboard', async () => {
    const { page } = await browser.open(`${farm.url}/farm`);
    await whole(page);
    const bands = page.locator('.plot').first();
    const { width } = (await bands.locator('svg').boundingBox())!;
    await bands.locator('svg').hover({ position: { x: width * 0.6, y: 20 } });
    await page.locator('.plot .pointer').nth(5).waitFor({ state: 'attached' });
    // The queue was paused then.
    expect(await bands.locator('.plot-value').textContent()).toMatch(/^0\b/);
    await page.getByText(/^\d\d:\d\d:\d\d, paused$/).waitFor();
    await page.mouse.move(5, 5);
    await page.getByText('Now', { exact: true }).waitFor();
    // Another reading may have come meanwhile; the queue is at work in each.
    expect(await bands.locator('.plot-value').textContent()).toMatch(/^[1-9]/);
    const slider = page.getByRole('slider');
    await slider.focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowLeft');
    expect(await slider.getAttribute('aria-valuetext')).toMatch(
      /^\d\d:\d\d:\d\d: Bands [\d.]+ \/ s, Pixels .*, Bands that wait [\d,]+, .*Workers [45]$/,
    );
    expect(await page.locator('.plot .pointer').count()).toBe(6);
  });

  it('asks for nothing while nobody looks, and for everything when somebody does again', async () => {
    const { page } = await browser.open(`${farm.url}/farm`);
    await whole(page);
    let asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const show = (state: 'hidden' | 'visible') =>
      page.evaluate((to) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => to });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await expect.poll(() => asked.includes('/v1/status')).toBe(true);
    await show('hidden');
    await page.waitForTimeout(1_000);
    asked = [];
    await page.waitForTimeout(6_000);
    expect(asked).toEqual([]);
    await show('visible');
    await expect
      .poll(() => ['/v1/status', '/v1/workers', '/v1/readings', '/v1/fractal'].every((path) => asked.includes(path)))
      .toBe(true);
  });

  it('asks only for readings that it does not have', async () => {
    const { page } = await browser.open(`${farm.url}/farm`);
    await whole(page);
    const request = await page.waitForRequest((each) => each.url().includes('/v1/readings'));
    expect(new URL(request.url()).searchParams.get('after')).toMatch(/Z$/);
  });

  it('comes with a script of its own, which no other page loads', async () => {
    const { page } = await browser.open(farm.url);
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
    await page.getByRole('link', { name: 'Farm' }).click();
    await whole(page);
    const own = loaded.filter((path) => path.endsWith('.js'));
    expect(own.length).toBeGreaterThan(0);
    const build = new URL('../../build/web/', import.meta.url);
    const first = readFileSync(new URL('index.html', build), 'utf8');
    for (const path of own) expect(first).not.toContain(path);
  });
});

describe('a poster of thousands of bands', () => {
  it('has a cell for each, on a screen and on a phone', async () => {
    const { repository, engineVersion } = farm.parts.ports;
    const poster = aFractal({ bands: 4_096, engineVersion });
    await repository.fractals.add(poster);
    const lease = { fractal: poster.id, leaseMs: 3600_000, engineVersion };
    for (let band = 0; band < 60; band++) {
      const claimed = await repository.bands.claim({
        ...lease,
        band,
        tokenHash: `t${band}`,
        host: `app-worker-${1 + (band % 7)}`,
      });
      expect(claimed).not.toBeNull();
    }
    for (const viewport of [DESKTOP, PHONE]) {
      const { page, complaints } = await browser.open(`${farm.url}/farm`, { viewport });
      await whole(page);
      const own = page.locator(`.in-work[data-uuid="${poster.id}"]`);
      const mosaic = own.locator('.mosaic svg');
      await mosaic.waitFor();
      expect(await mosaic.getAttribute('aria-label')).toBe('0 of 4,096 bands are drawn, 60 in work');
      const cells = await mosaic.evaluate((svg) =>
        [...svg.querySelectorAll('.waits, .colour, .held')].reduce(
          (sum, path) => sum + path.getAttribute('d')!.split('z').length - 1,
          0,
        ),
      );
      expect(cells).toBe(4_096);
      // A few paths, however many bands.
      expect(await mosaic.locator('*').count()).toBeLessThan(40);
      const { height, width } = (await mosaic.boundingBox())!;
      expect(height).toBeLessThan(400);
      expect(width).toBeLessThanOrEqual(viewport.width - 32);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await own.scrollIntoViewIfNeeded();
      await keepScreenshot(page, `farm-poster-${viewport.width}`);
      expect(complaints).toEqual([]);
    }
    await repository.fractals.remove(poster.id);
  }, 60_000);
});

describe('a queue that is paused', () => {
  const pauseOf = async () => ((await (await fetch(`${farm.url}/v1/status`)).json()) as FarmStatus).pause;

  it('is paused with a word for those who wait, shown to all, and let go on', async () => {
    const { page, complaints } = await browser.open(`${farm.url}/farm`);
    const other = await browser.open(`${farm.url}/farm`, { viewport: PHONE });
    await whole(page);
    await whole(other.page);
    await page.getByRole('button', { name: 'Pause the queue' }).click();
    await page.keyboard.type('New disks, until noon');
    await keepScreenshot(page, 'farm-asking');
    await expectGoodLooks(page);
    await page.keyboard.press('Enter');
    for (const each of [page, other.page]) {
      await each.getByRole('heading', { name: /^The queue is paused, just now$/ }).waitFor();
      await each.getByText('New disks, until noon').waitFor();
      expect(await each.getByRole('button', { name: 'Pause the queue' }).count()).toBe(0);
    }
    expect(await pauseOf()).toMatchObject({ why: 'New disks, until noon' });
    await keepScreenshot(page, 'farm-paused-desktop');
    await keepScreenshot(other.page, 'farm-paused-phone');
    for (const each of [page, other.page]) await expectGoodLooks(each);
    await other.page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause the queue' }).waitFor();
    expect(await pauseOf()).toBeNull();
    expect([...complaints, ...other.complaints]).toEqual([]);
  }, 90_000);
});

describe('failures', () => {
  it('are tried again one by one, and all at once', async () => {
    const { page, complaints } = await browser.open(`${farm.url}/farm`);
    await whole(page);
    const [first] = farm.failed;
    const row = page.locator(`.failures > li[data-uuid="${first}"]`);
    await row.getByText('ended its worker 5 times').waitFor();
    await row.getByRole('button', { name: 'Retry' }).click();
    await row.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Retry all' }).click();
    await page.getByText('Nothing has failed.').waitFor();
    await page.getByText('Drawing 2 again.').waitFor();
    const states = await Promise.all(
      farm.failed.map(async (uuid) => (await (await fetch(`${farm.url}/v1/fractal/${uuid}`)).json()).state),
    );
    expect(states).toEqual(['queued', 'queued', 'queued']);
    expect(complaints).toEqual([]);
  });
});
