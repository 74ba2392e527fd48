import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finished, order } from '../support/orders.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { settled, viewOfPage } from './explorer-page.ts';
import { expectGoodLooks } from './good-looks.ts';
import { useService } from './service.ts';
import { type StagedFarm, stageFarm } from './staged-farm.ts';
import { walkByTab } from './tab-walk.ts';

/* Every page by keyboard alone, in a window and on 360 pixels: every control is reached by Tab and shows that it has the focus, and what the page is for can be done. */

const service = useService();
const WINDOWS = { 'a window': { width: 1280, height: 900 }, '360 pixels': { width: 360, height: 740 } };
let uuid: string;

beforeAll(async () => {
  for (const seed of [1, 2, 3]) {
    const small = await order(service.api.url, { seed, width: 300, height: 200, palette: 'ember' });
    uuid = (await finished(service.api.url, small.uuid)).uuid;
  }
});

/** Presses Tab until that has the focus. */
async function tabTo(page: Page, role: 'button' | 'link' | 'combobox', name: string | RegExp): Promise<void> {
  const wanted = page.getByRole(role, { name, exact: typeof name === 'string' });
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluateAll((elements) => elements.includes(document.activeElement as never))) return;
  }
  throw new Error(`Tab never comes to ${role} ${name}`);
}

describe.each(Object.entries(WINDOWS))('in %s', (_, viewport) => {
  const open = async (path: string) => {
    const { page, complaints } = await service.browser.open(service.api.url + path, {
      viewport,
      reducedMotion: 'reduce',
      expected: /willReadFrequently/,
    });
    await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
    return { page, complaints };
  };

  it('the gallery: filters, cards, and one is opened', async () => {
    const { page, complaints } = await open('/');
    await page.locator('.card img.picture').nth(2).waitFor();
    const names = await walkByTab(page);
    for (const part of [/Skip to the content/, /Palette/, /^a Julia/, /^input Select Julia/]) {
      expect(names.filter((name) => part.test(name))).toHaveLength(1);
    }
    await expectGoodLooks(page);
    await tabTo(page, 'link', /^Julia/);
    const focused = await page.evaluate(() => document.activeElement?.closest('.card')?.getAttribute('data-uuid'));
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/view/${focused}`);
    expect(complaints).toEqual([]);
  });

  it('a fractal: its tools, a dialog, and the way to the explorer', async () => {
    const { page, complaints } = await open(`/view/${uuid}`);
    await page.getByRole('link', { name: 'Older fractal' }).waitFor();
    const names = await walkByTab(page);
    expect(names.filter((name) => /Copy /.test(name)).length).toBeGreaterThan(10);
    await tabTo(page, 'button', 'Share');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect((await walkByTab(page)).length).toBeGreaterThanOrEqual(4);
    await expectGoodLooks(page);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // The focus is where it was, so that one goes on from there.
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Share');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Delete');
    await tabTo(page, 'link', 'Explore from here');
    await page.keyboard.press('Enter');
    await settled(page, 'full');
    expect(complaints).toEqual([]);
  });

  it('the explorer: panel, presets, places, the order dialog, and a Julia set by J', async () => {
    const { page, complaints } = await open('/explore');
    await settled(page);
    const focusedName = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    await page.keyboard.press('j');
    await expect.poll(() => viewOfPage(page).formula).toBe('julia');
    await settled(page);
    await page.keyboard.press('Control+z');
    await expect.poll(() => viewOfPage(page).formula).toBe('mandelbrot');
    const narrow = (await page.getByRole('button', { name: 'Hide the panel', exact: true }).count()) === 0;
    if (narrow) {
      await tabTo(page, 'button', 'Show the panel (P)');
      await page.keyboard.press('Enter');
      await page.getByRole('combobox', { name: 'Formula' }).waitFor();
      await expect.poll(focusedName).toBe('Hide the panel');
      await page.keyboard.press('Enter');
      await expect.poll(focusedName).toBe('Show the panel (P)');
      await page.keyboard.press('Enter');
    }
    await page.getByRole('combobox', { name: 'Formula' }).waitFor();
    const closed = await walkByTab(page);
    const everywhere = ['select Formula', 'input Iterations', 'button Order this view'];
    // On a telephone the panel lies over the ways about.
    for (const part of narrow ? everywhere : [...everywhere, 'button Copy the coordinates', 'button Zoom in'])
      expect(closed.filter((name) => name.startsWith(part))).toHaveLength(1);
    for (const heading of ['Presets', 'Your places']) {
      await page.locator('summary', { hasText: heading }).focus();
      await page.keyboard.press('Enter');
    }
    await page.getByRole('button', { name: 'Burning ship' }).waitFor();
    const opened = await walkByTab(page);
    expect(opened.length).toBeGreaterThan(closed.length + 20);
    await expectGoodLooks(page);
    await tabTo(page, 'button', 'Burning ship');
    await page.keyboard.press('Enter');
    await expect.poll(() => viewOfPage(page).formula).toBe('burning-ship');
    await settled(page, 'full');
    await tabTo(page, 'button', 'Order this view');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    const dialog = await walkByTab(page);
    expect(dialog.filter((name) => /^button (Cancel|Order)$/.test(name))).toHaveLength(2);
    await expectGoodLooks(page);
    await tabTo(page, 'button', 'Order');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/view/**');
    expect(complaints).toEqual([]);
  }, 90_000);

  it('the order form: every field, and Enter orders', async () => {
    const { page, complaints } = await open('/new');
    const names = await walkByTab(page);
    for (const part of ['input Iterations', 'input Width, pixels', 'button Surprise me'])
      expect(names.filter((name) => name.startsWith(part))).toHaveLength(1);
    await expectGoodLooks(page);
    await page.getByLabel('Width, pixels').focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('90');
    await page.keyboard.press('Tab');
    await page.keyboard.type('60');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/view/**');
    expect(complaints).toEqual([]);
  });

  it('the reference of the API: the focus can be seen wherever it goes', async () => {
    const { page, complaints } = await service.browser.open(`${service.api.url}/docs`, { viewport, reducedMotion: 'reduce' });
    await page.getByRole('heading', { name: 'Order a fractal' }).waitFor();
    const names = await walkByTab(page, 40);
    expect(new Set(names).size).toBeGreaterThan(15);
    expect(complaints).toEqual([]);
  });
});

describe.each(Object.entries(WINDOWS))('the farm in %s', (_, viewport) => {
  const opened = new AsyncDisposableStack();
  let farm: StagedFarm;
  beforeAll(async () => {
    farm = opened.use(await stageFarm(opened.use(await temporaryFolder()).path));
  }, 60_000);
  afterAll(() => opened.disposeAsync());

  it('is paused and let go on, and a failure is tried again', async () => {
    const { page, complaints } = await service.browser.open(`${farm.url}/farm`, { viewport, reducedMotion: 'reduce' });
    await page.locator('.mosaic').nth(1).waitFor();
    await page.locator('.failures > li').first().waitFor();
    const names = await walkByTab(page);
    expect(names.filter((name) => /^button Retry(?! all)/.test(name))).toHaveLength(farm.failed.length);
    await tabTo(page, 'button', 'Pause the queue');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect((await walkByTab(page)).length).toBe(3);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
    await expect.poll(focused).toBe('Pause the queue');
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('why');
    await page.keyboard.type('New disks');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^The queue is paused/ }).waitFor();
    await expectGoodLooks(page);
    await expect.poll(focused).toBe('Resume');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^The queue is paused/ }).waitFor({ state: 'detached' });
    await expect.poll(focused).toBe('Pause the queue');
    const before = await page.locator('.failures > li').count();
    await tabTo(page, 'button', /^Retry(?! all)/);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.failures > li').count()).toBe(before - 1);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);
});
