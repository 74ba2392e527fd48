import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { axeFindings } from './axe.ts';
import { faintTexts } from './contrast.ts';

/** What holds on every page in every state: nothing is wider than the window, every text can be read, and axe finds nothing. */
export async function expectGoodLooks(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  expect(await faintTexts(page)).toEqual([]);
  expect(await axeFindings(page)).toEqual([]);
}
