import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { HOME, type View } from '../../web/src/explore/view.ts';
import { explore, settled, viewOfPage } from './explorer-page.ts';
import { useService } from './service.ts';

const service = useService();
const SEAHORSES: View = { ...HOME, centre: { re: -0.7453, im: 0.1127 }, halfWidth: 0.02 };
/** Of the drag, CSS pixels. */
const WAY = 160;

/** Drags to the right, and lets go in motion. @returns by how many pixels the view has moved in the end, to the right */
async function thrown(page: Page, before: View, afterwards: () => Promise<unknown> = async () => undefined): Promise<number> {
  await page.mouse.move(200, 200);
  await page.mouse.down();
  for (let x = 0; x <= WAY; x += 20) {
    await page.mouse.move(200 + x, 200);
    await page.waitForTimeout(8);
  }
  await page.mouse.up();
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
  expect(await thrown(page, await viewOfPage(page), touched)).toBeLessThan(far - 20);
  expect(complaints).toEqual([]);
});

it('stays where it was let go for those who asked for less motion', async () => {
  const { page, complaints } = await open('reduce');
  await settled(page);
  expect(await thrown(page, await viewOfPage(page))).toBeCloseTo(WAY, 0);
  expect(complaints).toEqual([]);
});
