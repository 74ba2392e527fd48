import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/domain/engine.ts';
import { pictureText } from '../../src/domain/picture-text.ts';
import { PRESETS } from '../../src/domain/presets.ts';
import type { Spec } from '../../src/domain/spec.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { FractalResource } from '../../src/http/schemas.ts';
import { HOME, type View, viewOfPreset } from '../../web/src/explore/view.ts';
import { pngOf } from '../engine/png-of.ts';
import { finished, send } from '../support/orders.ts';
import { canvasOf, explore, settled, specOfPage } from './explorer-page.ts';
import { useService } from './service.ts';

/*
 * What the explorer shows is what the farm prints: the canvas, read back from a real browser, against the PNG of the farm's engine, byte for byte.
 */

const service = useService();
let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(() => engine[Symbol.asyncDispose]());

const pixelsOf = (png: Buffer): Promise<Buffer> => sharp(png).removeAlpha().toColourspace('srgb').raw().toBuffer();
const farmPixels = async (spec: Spec): Promise<Buffer> => pixelsOf(await pngOf(engine, spec));

const preset = (name: string): View => viewOfPreset(PRESETS.find((each) => each.name === name)!);

const VIEWS: Readonly<Record<string, View>> = {
  'the Mandelbrot set': HOME,
  'a valley with shade': preset('seahorse-valley'),
  'a Julia set': preset('feathers'),
  'the documented colours': preset('snail'),
  'the burning ship': preset('armada'),
  'a Julia set of the tricorn': preset('tricorn-star'),
  'a multibrot set of an odd power': { ...preset('cubic-mandelbrot-set'), offset: 0.4, interior: '#30401f' },
  'far down': preset('deep-in-the-valley'),
  'where doubles end': {
    ...HOME,
    centre: { re: -0.7436438870371587, im: 0.13182590420531198 },
    halfWidth: 2e-11,
    iterations: 20_000,
  },
  'colours at another density': { ...preset('elephant-valley'), density: 3.5, palette: 'twilight' },
};

describe('what the explorer shows, the farm draws byte for byte', () => {
  for (const [name, view] of Object.entries(VIEWS)) {
    it(`${name}`, async () => {
      const { page, complaints } = await explore(service.browser, service.api.url, view);
      await settled(page);
      const { pixels } = await canvasOf(page);
      const expected = await farmPixels(await specOfPage(page, 2));
      expect(differences(pixels, expected)).toBe(0);
      expect(new Set(pixels).size).toBeGreaterThan(8);
      expect(complaints).toEqual([]);
      await page.context().close();
    });
  }

  it('also when it is ordered of the service, and fetched from there', async () => {
    const view = preset('feathers');
    const { page } = await explore(service.browser, service.api.url, view);
    await settled(page);
    const spec = await specOfPage(page, 2);
    const answer = await send(`${service.api.url}/v1/fractal`, 'POST', JSON.parse(pictureText(spec)));
    expect(answer.status).toBe(201);
    const { uuid } = (await answer.json()) as FractalResource;
    const { url, checksum } = await finished(service.api.url, uuid);
    const png = Buffer.from(await (await fetch(service.api.url + url)).arrayBuffer());
    expect(createHash('sha256').update(png).digest('hex')).toBe(checksum);
    expect(differences((await canvasOf(page)).pixels, await pixelsOf(png))).toBe(0);
    // And the very file that the engine here makes of it.
    expect(png.equals(await pngOf(engine, spec))).toBe(true);
    await page.context().close();
  });

  it('also after it was dragged, moved and zoomed, in other colours', async () => {
    const { page, complaints } = await explore(service.browser, service.api.url, preset('mini-set'), { reducedMotion: 'reduce' });
    await page.mouse.move(200, 200);
    await page.mouse.down();
    await page.mouse.move(133, 251, { steps: 5 });
    await page.mouse.up();
    await page.keyboard.press('ArrowRight');
    const before = page.url();
    await page.mouse.wheel(0, -150);
    await page.waitForURL((url) => String(url) !== before);
    await page.keyboard.press('Shift+ArrowDown');
    await settled(page);
    expect(differences((await canvasOf(page)).pixels, await farmPixels(await specOfPage(page, 2)))).toBe(0);
    await page.keyboard.press('p');
    await page.getByRole('radio', { name: 'magma' }).check({ force: true });
    await settled(page);
    expect(differences((await canvasOf(page)).pixels, await farmPixels(await specOfPage(page, 2)))).toBe(0);
    expect(complaints).toEqual([]);
  });
});

/** Bytes that are not the same. */
function differences(a: Buffer, b: Buffer): number {
  expect(a.length).toBe(b.length);
  let count = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) count++;
  return count;
}
