import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Spec } from '../../src/domain/spec.ts';
import { frameOf, viewportOf } from '../../web/src/explore/frame.ts';
import { specOf, type View } from '../../web/src/explore/view.ts';
import { queryOf, viewOfQuery } from '../../web/src/explore/view-text.ts';
import type { TestBrowser } from './browser.ts';

/** Resolves when all that is in the window is drawn as finely as it will be, and its address says so. */
export async function settled(page: Page, phase: 'full' | 'fine' = 'fine'): Promise<void> {
  const phases = phase === 'full' ? ['full', 'fine'] : ['fine'];
  const look = (wanted: string[]) => wanted.includes(document.querySelector<HTMLElement>('.explorer')?.dataset.phase ?? '');
  await page.waitForFunction(look, phases, { timeout: 30_000 });
}

/** What the address says. */
export const viewOfPage = (page: Page): View => viewOfQuery(new URL(page.url()).search);

/** Tiles that workers were asked to count so far. */
export const drawnBy = async (page: Page): Promise<number> =>
  Number(await page.locator('.explorer > canvas').getAttribute('data-drawn'));

/** The canvas as it is: red, green, blue of each pixel. */
export async function canvasOf(page: Page): Promise<{ width: number; height: number; pixels: Buffer }> {
  const { width, height, text } = await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.explorer > canvas')!;
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
    let text = '';
    for (let from = 0; from < data.length; from += 32_768) text += String.fromCharCode(...data.subarray(from, from + 32_768));
    return { width, height, text: btoa(text) };
  });
  const rgba = Buffer.from(text, 'base64');
  const pixels = Buffer.alloc(3 * width * height);
  for (let i = 0; i < width * height; i++) rgba.copy(pixels, 3 * i, 4 * i, 4 * i + 3);
  return { width, height, pixels };
}

/** What the farm is to draw for the same picture. */
export async function specOfPage(page: Page, samples: number): Promise<Spec> {
  const { width, height } = await canvasOf(page);
  const view = viewOfPage(page);
  return specOf(view, viewportOf(frameOf(view, { width, height })), { width, height, samples });
}

/** The explorer at a view. */
export async function explore(
  browser: TestBrowser,
  api: string,
  view: View | null,
  options: Parameters<TestBrowser['open']>[1] = {},
) {
  const tab = await browser.open(`${api}/explore${view ? `?${queryOf(view)}` : ''}`, {
    viewport: { width: 640, height: 420 },
    // It is what reads the canvas back that is meant, and that is this test.
    expected: /willReadFrequently/,
    ...options,
  });
  await settled(tab.page);
  expect(tab.complaints).toEqual([]);
  return tab;
}
