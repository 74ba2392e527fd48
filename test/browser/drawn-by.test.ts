import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FractalId } from '../../src/domain/ids.ts';
import { pictureKey } from '../../src/domain/store.ts';
import type { OneFractalResource } from '../../src/http/schemas.ts';
import { serveParts } from '../support/farm.ts';
import { order } from '../support/orders.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { keepScreenshot, startBrowser, type TestBrowser } from './browser.ts';
import { expectGoodLooks } from './good-looks.ts';

const HOSTS = ['app-worker-1', 'lab-mac-mini.example.org'] as const;
const RESULT = { sha256: 'a'.repeat(64), sizeBytes: 100, split: 100, adler: 1, mirrorAdler: 1 };
/** So large that the page draws it, and asks for no file; many bands, and none of them mirrored. */
const POSTER = {
  width: 6_000,
  height: 4_500,
  iterations: 600,
  xa: -0.76,
  xb: -0.72,
  ya: 0.09,
  yb: 0.12,
  palette: 'ember',
} as const;
/** Of each five bands the second host draws the last two. */
const hostOf = (band: number) => HOSTS[band % 5 < 3 ? 0 : 1]!;

type Parts = Awaited<ReturnType<typeof serveParts>>;

const opened = new AsyncDisposableStack();
let url: string;
let browser: TestBrowser;
let poster: OneFractalResource;
let crowded: OneFractalResource;

beforeAll(async () => {
  const { path } = opened.use(await temporaryFolder());
  const parts = opened.use(await serveParts(path));
  browser = opened.use(await startBrowser());
  url = parts.url;
  poster = await drawnBy(parts, POSTER, hostOf);
  crowded = await drawnBy(parts, { ...POSTER, width: 24_000, height: 18_000 }, (band) => `app-worker-${1 + (band % 60)}`);
});
afterAll(() => opened.disposeAsync());

/** Ordered, drawn and put together, as far as the API is told. */
async function drawnBy({ ports }: Parts, spec: object, hostOf: (band: number) => string): Promise<OneFractalResource> {
  const { repository, engineVersion } = ports;
  const { uuid, bands } = await order(url, { ...spec, formula: 'mandelbrot' });
  const fractal = uuid as FractalId;
  for (let band = 0; band < bands; band++) {
    const tokenHash = crypto.randomUUID();
    const lease = { fractal, band, tokenHash, host: hostOf(band), leaseMs: 60_000, engineVersion };
    const { attempt } = (await repository.bands.claim(lease))!;
    await repository.bands.accept(
      { fractal, band, attempt, tokenHash },
      { ...RESULT, renderMs: hostOf(band) === HOSTS[0] ? 500 : 250 },
    );
  }
  const assembly = (await repository.assemblies.claim(60_000))!;
  const key = pictureKey(assembly.fractal.storeKey, assembly.attempt);
  await repository.assemblies.finish(fractal, assembly.attempt, {
    checksum: 'e'.repeat(64),
    sizeBytes: 9_876_543,
    key,
    sums: null,
  });
  return (await (await fetch(`${url}/v1/fractal/${uuid}`)).json()) as OneFractalResource;
}

it('is told by the API: which bands, how many, and how long, those who drew most first', () => {
  const numbers = Array.from({ length: poster.bands }, (_, band) => band);
  expect(poster.bands).toBeGreaterThan(10);
  expect(poster.drawn_by?.map(({ host }) => host)).toEqual(HOSTS);
  for (const [place, { host, bands, seconds, ranges }] of poster.drawn_by!.entries()) {
    const theirs = numbers.filter((band) => hostOf(band) === host);
    expect(ranges!.flatMap(([first, last]) => numbers.slice(first, last! + 1))).toEqual(theirs);
    expect([bands, seconds]).toEqual([theirs.length, theirs.length * (place === 0 ? 0.5 : 0.25)]);
  }
});

for (const colorScheme of ['dark', 'light'] as const) {
  for (const [device, viewport] of Object.entries({
    desktop: { width: 1280, height: 900 },
    phone: { width: 360, height: 740 },
  })) {
    it(`is shown on the page of a fractal as a mosaic of its bands, on a ${device} in the ${colorScheme} theme`, async () => {
      const { page, complaints } = await browser.open(`${url}/view/${poster.uuid}`, { viewport, colorScheme });
      const part = page.getByRole('region', { name: 'Drawn by' });
      const mosaic = part.locator('.mosaic svg');
      await mosaic.waitFor();
      await part.scrollIntoViewIfNeeded();
      await expectGoodLooks(page);
      await keepScreenshot(page, `drawn-by-${device}-${colorScheme}`);
      for (const { host, bands, seconds } of poster.drawn_by!) {
        const words = `${host}${bands} bands, ${Number(seconds.toPrecision(3))} s`;
        expect((await part.getByRole('button', { name: host }).textContent())?.replace(/^\d/, '')).toBe(words);
      }
      // Each cell is in the colours of the host that drew its band, and tells so.
      const { width } = (await mosaic.boundingBox())!;
      const cell =
        Number(
          await mosaic
            .locator('g path.colour')
            .first()
            .getAttribute('d')
            .then((d) => /h(\d+)/.exec(d!)![1]),
        ) + 2;
      const columns = Math.floor(width / cell);
      for (const band of [0, 3, Math.min(columns + 1, 7), poster.bands - 1]) {
        const position = { x: (band % columns) * cell + 3, y: Math.floor(band / columns) * cell + 3 };
        await mosaic.hover({ position });
        await part.getByText(`Band ${band}: drawn, ${hostOf(band)}`, { exact: true }).waitFor();
        const group = await mosaic.evaluate((svg, { x, y }) => {
          const { left, top } = svg.getBoundingClientRect();
          const path = document.elementsFromPoint(left + x, top + y).find((element) => element.matches('path.colour'));
          return [...svg.querySelectorAll('g')].indexOf(path?.parentElement as never);
        }, position);
        expect(HOSTS[group]).toBe(hostOf(band));
      }
      await part.getByRole('button', { name: HOSTS[1] }).focus();
      await page.keyboard.press('Enter');
      expect(await mosaic.locator('g.faint').count()).toBe(1);
      expect(complaints).toEqual([]);
      await page.context().close();
    });
  }
}

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } })) {
  it(`names the first of many hosts, and the others when asked, on a ${device}`, async () => {
    expect(crowded.drawn_by).toHaveLength(60);
    const { page, complaints } = await browser.open(`${url}/view/${crowded.uuid}`, { viewport });
    await page.getByText('app-worker-1, app-worker-2 and 58 more', { exact: true }).waitFor();
    const entries = page.getByRole('list', { name: 'Who drew it' }).getByRole('listitem');
    await page.getByRole('button', { name: 'and 36 more' }).scrollIntoViewIfNeeded();
    expect(await entries.count()).toBe(25);
    await expectGoodLooks(page);
    await keepScreenshot(page, `drawn-by-many-${device}`);
    await page.getByRole('button', { name: 'and 36 more' }).press('Enter');
    await expect.poll(() => entries.count()).toBe(60);
    await expectGoodLooks(page);
    expect(complaints).toEqual([]);
  });
}
