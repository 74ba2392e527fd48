import { beforeAll, expect, it } from 'vitest';
import type { OrderBody } from '../../src/http/schemas.ts';
import { finished, order } from '../support/orders.ts';
import { keepScreenshot } from './browser.ts';
import { expectGoodLooks } from './good-looks.ts';
import { useService } from './service.ts';

const service = useService();
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
let newest: string;

/** A window of shape 3:2 around a point. */
function view(formula: 'julia' | 'mandelbrot', [re, im]: readonly number[], radius: number, more: Partial<OrderBody>) {
  const [centreRe, centreIm] = formula === 'julia' ? [0, 0] : [re!, im!];
  const [dx, dy] = [radius * 1.5, radius];
  const c = formula === 'julia' ? { c_re: re, c_im: im } : {};
  const window = { xa: centreRe - dx, xb: centreRe + dx, ya: centreIm - dy, yb: centreIm + dy };
  return { formula, width: 900, height: 600, iterations: 513, ...window, ...c, ...more };
}

const PICTURES: readonly Partial<OrderBody>[] = [
  view('julia', [-0.8, 0.156], 1.1, {}),
  view('julia', [-0.123, 0.745], 1.1, { iterations: 257 }),
  {
    seed: 7,
    width: 649,
    height: 869,
    iterations: 362,
    xa: -1.77488588389,
    xb: 3.08249829401,
    ya: -1.31213919301,
    yb: 1.95281690897,
  },
  view('mandelbrot', [-0.7453, 0.1127], 6.5e-4, { iterations: 2017 }),
  view('mandelbrot', [-0.65, 0], 1.15, { palette: 'lagoon', samples: 2 }),
  view('julia', [-0.7269, 0.1889], 1.1, { palette: 'ember', density: 1.5, samples: 2 }),
  view('julia', [0.285, 0.01], 1.15, { width: 1200, height: 800, iterations: 417 }),
];

beforeAll(async () => {
  for (const picture of PICTURES) {
    const { uuid } = await finished(service.api.url, (await order(service.api.url, picture)).uuid);
    newest = uuid;
  }
});

for (const scheme of ['dark', 'light'] as const) {
  for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    it(`fits a ${device} and can be read in the ${scheme} theme`, async () => {
      const pages = { gallery: '/', view: `/view/${newest}`, form: '/new', missing: '/no/such/page' };
      for (const [name, path] of Object.entries(pages)) {
        const { page, complaints } = await service.browser.open(service.api.url + path, {
          viewport,
          colorScheme: scheme,
          expected: /404/,
        });
        await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
        await page.locator('h1').waitFor();
        if (name === 'view') await page.getByRole('link', { name: 'Older fractal' }).waitFor();
        await expectGoodLooks(page);
        await keepScreenshot(page, `${name}-${device}-${scheme}`, true);
        expect(complaints).toEqual([]);
        await page.context().close();
      }
    });
  }
}

for (const colorScheme of ['dark', 'light'] as const) {
  it(`has a reference of the API that fits every window and can be read in the ${colorScheme} theme`, async () => {
    for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      const { page, complaints } = await service.browser.open(`${service.api.url}/docs`, { viewport, colorScheme });
      await page.getByRole('heading', { name: 'faafo', exact: true }).waitFor();
      await page.getByRole('heading', { name: 'Order a fractal' }).waitFor();
      await expectGoodLooks(page);
      await keepScreenshot(page, `docs-${device}-${colorScheme}`);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });
}

it('can be read while it says what is wrong, and while it asks', async () => {
  for (const scheme of ['dark', 'light'] as const) {
    const options = { viewport: PHONE, colorScheme: scheme, expected: /422/ };
    const form = await service.browser.open(`${service.api.url}/new`, options);
    await form.page.getByLabel('Width').fill('0');
    await form.page.getByLabel('Real part').fill('a third');
    await form.page.getByRole('button', { name: 'Order' }).click();
    await form.page.locator('#width-error').waitFor();
    await expectGoodLooks(form.page);
    await keepScreenshot(form.page, `refused-phone-${scheme}`, true);

    const { page } = await service.browser.open(`${service.api.url}/view/${newest}`, options);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').waitFor();
    await expectGoodLooks(page);
    await keepScreenshot(page, `asking-phone-${scheme}`);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Make a link' }).click();
    await page.getByLabel('Link, ').waitFor();
    await expectGoodLooks(page);
    await keepScreenshot(page, `share-phone-${scheme}`);
  }
});

it('keeps still for those who ask for less motion', async () => {
  const { page } = await service.browser.open(service.api.url, { reducedMotion: 'reduce' });
  await page.locator('.card img.picture').first().waitFor();
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});
