import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { frameOf, viewportOf } from '../../web/src/explore/frame.ts';
import { HOME, iterationsOf, type View } from '../../web/src/explore/view.ts';
import { viewOfQuery, viewOfText } from '../../web/src/explore/view-text.ts';
import { formatComplex } from '../../web/src/format.ts';
import { finished, order } from '../support/orders.ts';
import { keepScreenshot } from './browser.ts';
import { canvasOf, drawnBy, explore, settled, specOfPage, viewOfPage } from './explorer-page.ts';
import { expectGoodLooks } from './good-looks.ts';
import { useService } from './service.ts';

const service = useService();
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 1 };
const SEAHORSES: View = { ...HOME, centre: { re: -0.7453, im: 0.1127 }, halfWidth: 0.02 };
const open = (view: View | null, options?: Parameters<typeof explore>[3]) =>
  explore(service.browser, service.api.url, view, { reducedMotion: 'reduce', ...options });

const AT_REST_MS = 600;

/** Resolves with the view that the address tells once it tells another than before, and has come to rest: on a busy machine it is told in the midst of a drag, too. */
async function afterwards(page: Page, work: () => Promise<unknown>): Promise<View> {
  const before = page.url();
  await work();
  await expect.poll(() => page.url()).not.toBe(before);
  for (let told = ''; told !== page.url(); ) {
    told = page.url();
    await page.waitForTimeout(AT_REST_MS);
  }
  await settled(page, 'full');
  return viewOfPage(page);
}

it('is dragged with what is drawn staying drawn, and zoomed by the wheel at the pointer', async () => {
  const { page, complaints } = await open(SEAHORSES);
  await settled(page);
  const step = 2 * 0.02 * (2 / 3 / 419);
  const drawn = await drawnBy(page);
  const dragged = await afterwards(page, async () => {
    await page.mouse.move(300, 200);
    await page.mouse.down();
    await page.mouse.move(310, 215, { steps: 4 });
    await page.mouse.up();
  });
  expect((SEAHORSES.centre.re - dragged.centre.re) / step).toBeCloseTo(10, 0);
  expect((SEAHORSES.centre.im - dragged.centre.im) / step).toBeCloseTo(15, 0);
  await settled(page);
  // One column and one row of tiles, each twice at most.
  expect((await drawnBy(page)) - drawn).toBeLessThanOrEqual(2 * 6);

  const { width, height, viewport } = await specOfPage(page, 1);
  const under = (at: View, x: number, y: number) => {
    const { xa, xb, ya, yb } = viewportOf(frameOf(at, { width, height }));
    return [xa + ((xb - xa) * x) / (width - 1), ya + ((yb - ya) * y) / (height - 1)];
  };
  expect(viewport.xa).toBe(under(dragged, 0, 0)[0]);
  const zoomed = await afterwards(page, () => page.mouse.wheel(0, -200));
  const [nearer, same] = [under(zoomed, 310, 215), under(dragged, 310, 215)];
  expect(zoomed.halfWidth / dragged.halfWidth).toBeCloseTo(2 ** (-200 / 240), 1);
  expect(Math.abs(nearer[0]! - same[0]!) / step).toBeLessThan(1);
  expect(Math.abs(nearer[1]! - same[1]!) / step).toBeLessThan(1);
  expect(complaints).toEqual([]);
});

it('goes everywhere by keyboard, and back and forth by undo and redo', async () => {
  const { page, complaints } = await open(SEAHORSES);
  await settled(page);
  const first = viewOfPage(page);
  const right = await afterwards(page, () => page.keyboard.press('ArrowRight'));
  expect(right.centre.re).toBeGreaterThan(first.centre.re);
  const nearer = await afterwards(page, () => page.keyboard.press('+'));
  expect(nearer.halfWidth / right.halfWidth).toBeCloseTo(1 / 1.5, 1);
  await page.waitForTimeout(300);
  expect(await afterwards(page, () => page.keyboard.press('Control+z'))).toEqual(right);
  expect(await afterwards(page, () => page.keyboard.press('Control+z'))).toEqual(first);
  expect(await afterwards(page, () => page.keyboard.press('Control+Shift+Z'))).toEqual(right);
  const home = await afterwards(page, () => page.keyboard.press('0'));
  expect(home.halfWidth).toBeGreaterThan(1);
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keys and gestures' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Keys and gestures' }).waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
});

it('has an address for every view, which shows the same pixels again', async () => {
  const { page } = await open(SEAHORSES);
  await page.mouse.move(320, 260);
  await afterwards(page, () => page.mouse.wheel(0, -77));
  await settled(page);
  const before = await canvasOf(page);
  const again = await service.browser.open(page.url(), { viewport: { width: 640, height: 420 }, expected: /willReadFrequently/ });
  await settled(again.page);
  const after = await canvasOf(again.page);
  expect(after.width).toBe(before.width);
  expect(Buffer.compare(before.pixels, after.pixels)).toBe(0);
});

it('is coloured again without counting anything', async () => {
  const { page, complaints } = await open(SEAHORSES);
  await settled(page);
  await page.keyboard.press('p');
  const [drawn, before] = [await drawnBy(page), await canvasOf(page)];
  await afterwards(page, () => page.getByRole('radio', { name: 'ember' }).check({ force: true }));
  await settled(page);
  await afterwards(page, () => page.getByRole('slider', { name: 'Offset' }).fill('0.4'));
  await settled(page);
  expect(await drawnBy(page)).toBe(drawn);
  expect(viewOfPage(page)).toMatchObject({ palette: 'ember', offset: 0.4 });
  expect(Buffer.compare(before.pixels, (await canvasOf(page)).pixels)).not.toBe(0);
  await afterwards(page, () => page.getByLabel('Iterations').fill('900'));
  await settled(page);
  expect(await drawnBy(page)).toBeGreaterThan(drawn);
  expect(complaints).toEqual([]);
});

it('changes formula, density and shade while one looks', async () => {
  const { page, complaints } = await open(SEAHORSES, { viewport: { width: 1000, height: 700 } });
  const change = async (work: () => Promise<unknown>) => {
    const [before, drawn] = [await canvasOf(page), await drawnBy(page)];
    const view = await afterwards(page, work);
    await settled(page);
    expect(Buffer.compare(before.pixels, (await canvasOf(page)).pixels)).not.toBe(0);
    return { view, counted: (await drawnBy(page)) - drawn };
  };
  // The slider is the power of two.
  const dense = await change(() => page.getByRole('slider', { name: 'Density' }).fill('1'));
  expect(dense).toMatchObject({ view: { density: 2, formula: 'mandelbrot' }, counted: 0 });
  const shaded = await change(() => page.getByRole('slider', { name: 'Shade' }).fill('0.5'));
  expect(shaded.view).toMatchObject({ shade: 0.5, density: 2 });
  const tricorn = await change(() => page.getByRole('combobox', { name: 'Formula' }).selectOption('tricorn'));
  // The colours stay.
  expect(tricorn.view).toMatchObject({ formula: 'tricorn', density: 2, shade: 0.5, palette: SEAHORSES.palette });
  expect(tricorn.counted).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
});

it('copies the coordinates and a link, which lead back to the view', async () => {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const { page, complaints } = await open(
    { ...SEAHORSES, palette: 'magma' },
    { viewport: { width: 1000, height: 700 }, permissions },
  );
  const view = viewOfPage(page);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole('button', { name: 'Copy the coordinates' }).click();
  await page.getByText('Coordinates copied.').waitFor();
  const coordinates = await copied();
  expect(coordinates).toBe(`centre ${view.centre.re} + ${view.centre.im}i half-width ${view.halfWidth}`);
  expect(viewOfText(coordinates, HOME)).toMatchObject({ centre: view.centre, halfWidth: view.halfWidth });
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('Link copied.').waitFor();
  const link = new URL(await copied());
  expect(link.origin + link.pathname).toBe(`${service.api.url}/explore`);
  expect(viewOfQuery(link.search)).toEqual(view);
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await page.locator('.explorer > canvas').focus();
  await page.keyboard.press('Control+c');
  await expect.poll(copied).toBe(coordinates);
  const there = await open(null, { viewport: { width: 1000, height: 700 } });
  await there.page.goto(link.href);
  await settled(there.page);
  expect(viewOfPage(there.page)).toEqual(view);
  expect([...complaints, ...there.complaints]).toEqual([]);
});

it('has as many workers as the machine has cores', async () => {
  const { page } = await open(SEAHORSES);
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  expect(cores).toBeGreaterThan(0);
  expect(page.workers().filter((worker) => /\/worker-/.test(worker.url()))).toHaveLength(Math.min(16, cores));
  const four = await service.browser.open('about:blank', { expected: /willReadFrequently/ });
  await four.page.addInitScript(() => Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 4 }));
  await four.page.goto(`${service.api.url}/explore`);
  await settled(four.page);
  expect(four.page.workers().filter((worker) => /\/worker-/.test(worker.url()))).toHaveLength(4);
});

/** What is said of the point of the window that is there. */
function captionAt(x: number, y: number): string {
  const { xa, xb, ya, yb } = viewportOf(frameOf(SEAHORSES, { width: 640, height: 420 }));
  return formatComplex(xa + ((xb - xa) * x) / 639, ya + ((yb - ya) * y) / 419, 4);
}

it('shows the Julia set under the pointer, goes there by a click, and comes back by Back', async () => {
  const { page, complaints } = await open(SEAHORSES);
  await page.mouse.move(200, 150);
  await page.getByRole('button', { name: 'Go to the Julia set' }).waitFor();
  const inset = page.locator('.julia-inset canvas');
  await expect.poll(() => inset.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL().length)).toBeGreaterThan(3000);
  // The preview follows the pointer: another place, another c, another picture.
  const shown = () => inset.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const caption = () => page.locator('.julia-caption').textContent();
  await expect.poll(caption).toContain(captionAt(200, 150));
  const before = await shown();
  await page.mouse.move(420, 300, { steps: 5 });
  await expect.poll(caption).toContain(captionAt(420, 300));
  await expect.poll(shown).not.toBe(before);
  const elsewhere = await shown();
  await page.mouse.move(200, 150, { steps: 5 });
  await expect.poll(caption).toContain(captionAt(200, 150));
  await expect.poll(shown).not.toBe(elsewhere);
  const julia = await afterwards(page, () => page.mouse.click(200, 150));
  expect(julia.formula).toBe('julia');
  const { xa, xb, ya, yb } = viewportOf(frameOf(SEAHORSES, { width: 640, height: 420 }));
  expect(julia.c!.re).toBeCloseTo(xa + ((xb - xa) * 200) / 639, 4);
  expect(julia.c!.im).toBeCloseTo(ya + ((yb - ya) * 150) / 419, 4);
  expect((await afterwards(page, () => page.goBack())).formula).toBe('mandelbrot');
  expect(complaints).toEqual([]);
});

it('takes pinches and double taps, and fits a telephone', async () => {
  const { page, complaints } = await open(SEAHORSES, PHONE);
  const touch = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: readonly (readonly [number, number])[]) =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  // One finger drags, by as many pixels as it moves.
  const step = (2 * SEAHORSES.halfWidth) / 359;
  const dragged = await afterwards(page, async () => {
    await send('touchStart', [[150, 300]]);
    for (let moved = 10; moved <= 60; moved += 10) await send('touchMove', [[150 + moved, 300 - moved / 2]]);
    // It comes to rest, so that nothing is flung.
    await page.waitForTimeout(300);
    await send('touchMove', [[210, 270]]);
    await page.waitForTimeout(300);
    await send('touchEnd', []);
  });
  expect(dragged.halfWidth).toBeCloseTo(SEAHORSES.halfWidth, 3);
  expect((SEAHORSES.centre.re - dragged.centre.re) / step).toBeGreaterThan(40);
  expect((SEAHORSES.centre.re - dragged.centre.re) / step).toBeLessThan(75);
  expect((dragged.centre.im - SEAHORSES.centre.im) / step).toBeGreaterThan(18);
  expect((dragged.centre.im - SEAHORSES.centre.im) / step).toBeLessThan(40);
  const pinched = await afterwards(page, async () => {
    await send('touchStart', [[150, 300]]);
    await send('touchStart', [
      [150, 300],
      [210, 300],
    ]);
    for (let apart = 35; apart <= 90; apart += 5) {
      await send('touchMove', [
        [180 - apart, 300],
        [180 + apart, 300],
      ]);
    }
    await send('touchEnd', []);
  });
  expect(SEAHORSES.halfWidth / pinched.halfWidth).toBeGreaterThan(2);
  expect(SEAHORSES.halfWidth / pinched.halfWidth).toBeLessThan(4);
  await page.waitForTimeout(400);
  const tapped = await afterwards(page, async () => {
    await page.touchscreen.tap(180, 300);
    await page.touchscreen.tap(180, 300);
  });
  expect(pinched.halfWidth / tapped.halfWidth).toBeCloseTo(2.5, 1);
  await page.touchscreen.tap(100, 200);
  await page.getByRole('button', { name: 'Go to the Julia set' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await settled(page);
  await keepScreenshot(page, 'explore-phone');
  await page.getByRole('button', { name: 'Show the panel' }).tap();
  await page.getByRole('radio', { name: 'ember' }).waitFor();
  await page.waitForTimeout(400);
  await keepScreenshot(page, 'explore-phone-panel');
  await page.getByRole('button', { name: 'Hide the panel', exact: true }).first().tap();
  expect(complaints).toEqual([]);
});

it('zooms to a rectangle, and says when doubles end', async () => {
  const { page, complaints } = await open(SEAHORSES);
  const nearer = await afterwards(page, async () => {
    await page.keyboard.down('Shift');
    await page.mouse.move(100, 100);
    await page.mouse.down();
    await page.mouse.move(260, 205, { steps: 3 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
  });
  expect(SEAHORSES.halfWidth / nearer.halfWidth).toBeCloseTo(4, 0);
  const deep = { ...SEAHORSES, halfWidth: 4e-12, iterations: 300 };
  const bottom = await open(deep);
  for (let i = 0; i < 8; i++) await bottom.page.keyboard.press('+');
  await bottom.page.getByText('As deep as double precision goes').waitFor();
  expect([...complaints, ...bottom.complaints]).toEqual([]);
});

it('keeps places in the browser, shows presets, and takes what is pasted', async () => {
  const { page, complaints } = await open(SEAHORSES, { viewport: { width: 1000, height: 700 } });
  await page.getByText('Your places').click();
  await page.getByRole('button', { name: 'Keep this place' }).click();
  await page.getByRole('textbox', { name: /^Name of/ }).fill('Seahorses');
  await page.getByRole('textbox', { name: /^Name of/ }).press('Enter');
  await afterwards(page, async () => {
    await page.getByLabel('Coordinates, link or order').fill('−1.25 + 0.02i, 0.05');
    await page.getByRole('button', { name: 'Go', exact: true }).click();
  });
  expect(viewOfPage(page).centre.re).toBeCloseTo(-1.25, 3);
  await page.reload();
  await page.getByText('Your places').click();
  const back = await afterwards(page, () => page.getByRole('button', { name: 'Go to Seahorses' }).click());
  expect(back.halfWidth / SEAHORSES.halfWidth).toBeCloseTo(1, 1);
  await page.getByRole('button', { name: 'Forget Seahorses' }).click();
  await page.getByText('Nothing yet.').waitFor();
  await page.getByLabel('Coordinates, link or order').fill('somewhere nice');
  await page.getByRole('button', { name: 'Go', exact: true }).click();
  await page.getByText('This tells no place.').waitFor();

  await page.getByText('Presets').click();
  const ship = await afterwards(page, () => page.getByRole('button', { name: 'Burning ship' }).click());
  expect(ship).toMatchObject({ formula: 'burning-ship', palette: 'magma', iterations: 600 });
  const pasted = JSON.stringify({ formula: 'julia', xa: -1.5, xb: 1.5, ya: -1, yb: 1, c_re: 0.285, c_im: 0.01, iterations: 777 });
  const julia = await afterwards(page, () =>
    page.evaluate((text) => {
      const data = new DataTransfer();
      data.setData('text/plain', text);
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
    }, pasted),
  );
  expect(julia).toMatchObject({ formula: 'julia', c: { re: 0.285, im: 0.01 }, iterations: 777 });
  expect(complaints).toEqual([]);
});

it('has the farm draw the view, at the size that was chosen, and shows it coming in', async () => {
  await finished(service.api.url, (await order(service.api.url, { width: 300, height: 200, c_re: -0.8, c_im: 0.156 })).uuid);
  const { page, complaints } = await open(SEAHORSES, { viewport: { width: 1000, height: 700 } });
  const view = viewOfPage(page);
  await page.getByRole('button', { name: 'Order this view' }).click();
  await page.getByRole('dialog').getByText('not known yet: only small pictures').waitFor();
  await page.getByRole('radio', { name: 'Your own' }).check({ force: true });
  await page.getByLabel('Width, pixels').fill('900');
  await page.getByLabel('Height, pixels').fill('450');
  await page.getByText('900 × 450 pixels').waitFor();
  await expectGoodLooks(page);
  await keepScreenshot(page, 'explore-order');
  await page.getByRole('button', { name: 'Order', exact: true }).click();
  await page.locator('.stage img.picture').waitFor();
  const uuid = new URL(page.url()).pathname.replace('/view/', '');
  const viewport = viewportOf(frameOf(view, { width: 900, height: 450 }));
  expect(await finished(service.api.url, uuid)).toMatchObject({
    width: 900,
    height: 450,
    samples: 2,
    palette: 'lagoon',
    ...viewport,
  });
  await page.getByRole('link', { name: 'Explore from here' }).click();
  await settled(page, 'full');
  // The same view: the ordered window is what is in sight, in the same colours.
  const again = viewOfPage(page);
  const { xa, xb, ya, yb } = viewport;
  expect(again).toMatchObject({ formula: view.formula, palette: view.palette, c: view.c, iterations: iterationsOf(view) });
  expect(again.centre.re).toBeCloseTo((xa + xb) / 2, 6);
  expect(again.centre.im).toBeCloseTo((ya + yb) / 2, 6);
  const { width, height } = await canvasOf(page);
  const seen = viewportOf(frameOf(again, { width, height }));
  const slack = (xb - xa) / 100;
  expect(seen.xa).toBeLessThanOrEqual(xa + slack);
  expect(seen.xb).toBeGreaterThanOrEqual(xb - slack);
  expect(seen.ya).toBeLessThanOrEqual(ya + slack);
  expect(seen.yb).toBeGreaterThanOrEqual(yb - slack);
  // And no more than the shape of the window asks for.
  expect(Math.min((seen.xb - seen.xa) / (xb - xa), (seen.yb - seen.ya) / (yb - ya))).toBeLessThan(1.05);
  expect(complaints).toEqual([]);
});

it('can be used without eyes or a mouse: axe finds nothing, in both themes and on a telephone', async () => {
  for (const colorScheme of ['dark', 'light'] as const) {
    for (const device of [{ viewport: { width: 1280, height: 800 } }, PHONE]) {
      const { page, complaints } = await open(null, { colorScheme, ...device });
      await settled(page);
      if (device === PHONE) await page.getByRole('button', { name: 'Show the panel' }).click();
      else await keepScreenshot(page, `explore-desktop-${colorScheme}`);
      await page.getByText('Presets').click();
      await expectGoodLooks(page);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  }
});

it('costs those nothing who only look at the gallery: at most 60 kB of script, packed, until all is still', async () => {
  await finished(service.api.url, (await order(service.api.url, { seed: 1 })).uuid);
  const { page } = await service.browser.open('about:blank');
  const paths: string[] = [];
  page.on('response', (response) => paths.push(new URL(response.url()).pathname));
  await page.goto(service.api.url);
  await page.locator('.card img.picture').first().waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.waitForTimeout(2_000);
  // No page hears of what its shared worker is made of.
  const fetched = async (path: string) => {
    const answer = await fetch(service.api.url + path);
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  };
  const files = new Map<string, Buffer>();
  for (const path of paths.filter((each) => /[.](js|wasm)$/.test(each))) files.set(path, await fetched(path));
  const text = [...files.values()].map(String).join();
  for (const [worker] of text.matchAll(/\/assets\/events-worker-[\w-]+[.]js/g)) files.set(worker, await fetched(worker));
  const scripts = [...files.keys()];
  expect(scripts.join()).toContain('events-worker');
  const bytes = [...files.values()].reduce((sum, file) => sum + gzipSync(file).length, 0);
  expect(scripts.length).toBeGreaterThan(3);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThanOrEqual(60_000);
  expect(scripts.filter((path) => /wasm|page-|painter-|\/worker-|early-|zoom-|zip-|drawn-/.test(path))).toEqual([]);
});
