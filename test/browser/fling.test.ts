import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { HOME, type View } from '../../web/src/explore/view.ts';
import { explore, settled, viewOfPage } from './explorer-page.ts';
import { useService } from './service.ts';

const service = useService();
const SEAHORSES: View = { ...HOME, centre: { re: -0.7453, im: 0.1127 }, halfWidth: 0.02 };
/** Of the drag, CSS pixels. */
const WAY = 160;
const STEP = 20;
/** Of each step, by the clock that the events carry: how fast the machine passes them on is another matter. */
const STEP_MS = 8;
/** On a busy machine the touch may come when all is over. */
const TRIES = 6;

/** A pointer with a clock of its own. */
async function drag(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const began = Date.now();
  const send = (type: 'mouseMoved' | 'mousePressed' | 'mouseReleased', x: number, isDown: boolean) => {
    const timestamp = (began + ((x - 200) / STEP) * STEP_MS) / 1000;
    const button = { button: 'left', buttons: isDown ? 1 : 0, clickCount: type === 'mouseMoved' ? 0 : 1 } as const;
    return devtools.send('Input.dispatchMouseEvent', { type, x, y: 200, timestamp, ...button });
  };
  await send('mouseMoved', 200, false);
  await send('mousePressed', 200, true);
  for (let x = STEP; x <= WAY; x += STEP) await send('mouseMoved', 200 + x, true);
  await send('mouseReleased', 200 + WAY, false);
  await devtools.detach();
}

/** Drags to the right, and lets go in motion. @returns by how many pixels the view has moved in the end, to the right */
async function thrown(page: Page, before: View, afterwards: () => Promise<unknown> = async () => undefined): Promise<number> {
  // Where it is touched afterwards.
  await page.mouse.move(200 + WAY, 200);
  await drag(page);
  await afterwards();
  await settled(page);
  // The address tells a view that was rested at.
  await expect.poll(async () => (await viewOfPage(page)).centre.re).not.toBe(before.centre.re);
  for (let told = ''; told !== page.url(); ) {
    told = page.url();
    await page.waitForTimeout(600);
  }
  const after = await viewOfPage(page);
  const { height } = (await page.locator('.explorer canvas').first().boundingBox())!;
  return (before.centre.re - after.centre.re) / ((2 * before.halfWidth * (2 / 3)) / (height - 1));
}

const open = (reducedMotion: 'reduce' | 'no-preference') =>
  explore(service.browser, service.api.url, SEAHORSES, { reducedMotion });

it('goes on when it is let go in motion, slower and slower, and stands still when it is touched', async () => {
  const { page, complaints } = await open('no-preference');
  await settled(page);
  const far = await thrown(page, await viewOfPage(page));
  expect(far).toBeGreaterThan(WAY + 40);
  const touched = async () => {
    await page.mouse.down();
    await page.waitForTimeout(300);
    await page.mouse.up();
  };
  const ways: number[] = [];
  while (ways.length < TRIES && !(ways.at(-1)! < far - 20)) ways.push(await thrown(page, await viewOfPage(page), touched));
  expect(Math.min(...ways)).toBeLessThan(far - 20);
  expect(complaints).toEqual([]);
});

it('stays where it was let go for those who asked for less motion', async () => {
  const { page, complaints } = await open('reduce');
  await settled(page);
  expect(await thrown(page, await viewOfPage(page))).toBeCloseTo(WAY, 0);
  expect(complaints).toEqual([]);
});
