import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import type { FractalResource } from '../../src/http/schemas.ts';
import { finished, order } from '../support/orders.ts';
import { keepScreenshot } from './browser.ts';
import { expectGoodLooks } from './good-looks.ts';
import { useService } from './service.ts';

const service = useService();
/** What reads the canvas back is this test. */
const expected = /willReadFrequently/;
const WIDTH = 2600;
const HEIGHT = 1700;
let large: FractalResource;

beforeAll(async () => {
  const { uuid } = await order(service.api.url, {
    formula: 'mandelbrot',
    width: WIDTH,
    height: HEIGHT,
    iterations: 400,
    xa: -0.7551234567,
    xb: -0.7349876543,
    ya: 0.1061234567,
    yb: 0.1193456789,
    palette: 'ember',
  });
  large = await finished(service.api.url, uuid, 'done', 60_000);
}, 90_000);

/** Red, green, blue of what the viewer shows about its middle. */
async function middleOf(page: Page, side: number): Promise<Buffer> {
  const text = await page.evaluate((side) => {
    const canvas = document.querySelector<HTMLCanvasElement>('.zoom-room canvas')!;
    const { data } = canvas
      .getContext('2d')!
      .getImageData(Math.floor((canvas.width - side) / 2), Math.floor((canvas.height - side) / 2), side, side);
    return Array.from({ length: side * side }, (_, i) =>
      String.fromCharCode(data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!),
    ).join('');
  }, side);
  return Buffer.from(text, 'latin1');
}

/** Pixels of the window for one of the file. */
const ZOOM = 8;
/** Pixels of the file that are compared, across and down. */
const BLOCKS = 12;

/**
 * Where a square out of the middle of the window is in the file.
 * @returns pixels of the file from its middle, and the share of the square that is equal there, byte for byte
 */
function placeOf(square: Buffer, png: Buffer): { x: number; y: number; share: number } {
  const side = BLOCKS * ZOOM;
  let best = { x: 0, y: 0, share: 0 };
  for (let dy = -3 * ZOOM; dy <= 3 * ZOOM; dy++)
    for (let dx = -3 * ZOOM; dx <= 3 * ZOOM; dx++) {
      let equal = 0;
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const fileX = WIDTH / 2 + Math.floor((x - side / 2 + dx) / ZOOM);
          const fileY = HEIGHT / 2 + Math.floor((y - side / 2 + dy) / ZOOM);
          const [here, there] = [3 * (y * side + x), 3 * (fileY * WIDTH + fileX)];
          if (square[here] === png[there] && square[here + 1] === png[there + 1] && square[here + 2] === png[there + 2]) equal++;
        }
      const share = equal / side ** 2;
      if (share > best.share) best = { x: dx / ZOOM, y: dy / ZOOM, share };
    }
  return best;
}

it('shows a large picture at its full size without loading it, with the very pixels of the file', async () => {
  const { page, complaints } = await service.browser.open('about:blank', { expected });
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await page.goto(`${service.api.url}/view/${large.uuid}`);
  await page.getByText('Drawn here; zoom in to the full size').waitFor();
  await page.waitForTimeout(500);
  await expectGoodLooks(page);
  await keepScreenshot(page, 'large');
  const png = await sharp(Buffer.from(await (await fetch(service.api.url + large.url)).arrayBuffer()))
    .removeAlpha()
    .raw()
    .toBuffer();
  for (let i = 0; i < 12 && !(await page.getByText('Full size, drawn here').isVisible()); i++) {
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.waitForTimeout(700);
  }
  await page.getByText('Full size, drawn here').waitFor();
  // Each pixel of the file is several of the window: whole blocks of one colour, whose colours are those of the file, in their order.
  const colours = new Set<string>();
  for (let i = 0; i < png.length; i += 3) colours.add(png.toString('latin1', i, i + 3));
  const areOfTheFile = async () => {
    const middle = await middleOf(page, 64);
    const known = Array.from({ length: 64 * 64 }, (_, i) => colours.has(middle.toString('latin1', 3 * i, 3 * i + 3)));
    return known.filter(Boolean).length / known.length;
  };
  await expect.poll(areOfTheFile, { timeout: 20_000 }).toBe(1);
  // At the deepest zoom a pixel of the file is eight wide and high, and the middle of the window is that of the file: each block is at its place.
  for (let i = 0; i < 10; i++) {
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.waitForTimeout(700);
  }
  const nearest = async () => placeOf(await middleOf(page, BLOCKS * ZOOM), png);
  await expect.poll(async () => (await nearest()).share, { timeout: 20_000 }).toBe(1);
  const { x, y } = await nearest();
  expect(Math.abs(x)).toBeLessThanOrEqual(1);
  expect(Math.abs(y)).toBeLessThanOrEqual(1);
  expect(loaded.filter((path) => path === large.url)).toEqual([]);
  await page.keyboard.press('0');
  await page.getByText('Drawn here; zoom in to the full size').waitFor();
  expect(complaints).toEqual([]);
}, 90_000);

it('says who drew it, gives it as WebP, and leads to the order form, filled in, for a larger one', async () => {
  const { page, complaints } = await service.browser.open(`${service.api.url}/view/${large.uuid}`, {
    expected,
    acceptDownloads: true,
  });
  const drawnBy = page.getByRole('region', { name: 'Drawn by' });
  expect(await drawnBy.textContent()).toMatch(new RegExp(`${large.generated_by}${large.bands} bands`));
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'WebP' }).click();
  const webp = await readFile(await (await downloading).path());
  const { format, width, height } = await sharp(webp).metadata();
  expect([format, width, height]).toEqual(['webp', WIDTH, HEIGHT]);
  // It is the same picture, as far as WebP keeps one: no more than a few of 255 beside the PNG, on average.
  const png = Buffer.from(await (await fetch(service.api.url + large.url)).arrayBuffer());
  const [left, right] = await Promise.all(
    [webp, png].map((file) => sharp(file).removeAlpha().toColourspace('srgb').raw().toBuffer()),
  );
  expect(left!.length).toBe(right!.length);
  const apart = left!.reduce((sum, value, i) => sum + Math.abs(value - right![i]!), 0) / left!.length;
  expect(apart).toBeLessThan(6);
  // And not that of any other: upside down it is farther away by far.
  const flipped = await sharp(png).flip().removeAlpha().toColourspace('srgb').raw().toBuffer();
  expect(flipped.reduce((sum, value, i) => sum + Math.abs(value - right![i]!), 0) / flipped.length).toBeGreaterThan(3 * apart);
  await page.getByRole('link', { name: 'Order it larger' }).click();
  await page.waitForURL('**/new?**');
  expect(await page.getByLabel('Width, pixels').inputValue()).toBe(String(2 * WIDTH));
  expect(await page.getByLabel('Left (xa)').inputValue()).toBe(String(large.xa));
  expect(await page.getByRole('radio', { name: 'Ember' }).isChecked()).toBe(true);
  await page.locator('.preview .sketch[data-drawn]').waitFor();
  await page.getByText('5,200 × 3,400 pixels').waitFor();
  await expectGoodLooks(page);
  await page.getByLabel('Width, pixels').fill('40');
  await page.getByLabel('Height, pixels').fill('26');
  await page.getByRole('button', { name: 'Order' }).click();
  await page.locator('.stage img.picture').waitFor();
  expect(complaints).toEqual([]);
}, 60_000);
