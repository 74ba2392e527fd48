import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutOf } from '../../src/domain/band.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { PALETTES, type Palette } from '../../src/domain/palettes.ts';
import type { Spec } from '../../src/domain/spec.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { loadKernel } from '../../src/engine/load-kernel.ts';
import { plainCounts, plainSquares } from '../../src/engine/plain-kernel.ts';
import { createPngFrame } from '../../src/engine/png.ts';
import { ENGINE_VERSION } from '../../src/engine/version.ts';
import { extraSteps, openKernel } from '../../src/kernel/kernel.ts';
import { gradientOf } from '../../src/kernel/palettes.ts';
import { anySpec } from './any-spec.ts';
import { pngOf } from './png-of.ts';
import { around, juliaSpec, mandelbrotSpec, VIEWS } from './views.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(() => engine[Symbol.asyncDispose]());

async function pixelsOf(spec: Spec): Promise<Buffer> {
  const { data, info } = await sharp(await pngOf(engine, spec), { failOn: 'warning' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([spec.width, spec.height, 3]);
  return data;
}

const srgb = (light: number): number => {
  const value = light / 65_535;
  return 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
};

/** Linear light of every pixel at one sample, computed another way: with Math.log2, from the plain twin. */
function lightOf(spec: Spec): number[] {
  const rows = { firstRow: 0, lastRow: spec.height };
  const counts = plainCounts(spec, rows);
  const extra = extraSteps(spec.power);
  const squares = plainSquares(spec, rows, extra);
  const table = gradientOf(spec.palette);
  const clamp = (x: number, low: number, high: number) => (x > low ? Math.min(x, high) : low);
  return [...counts].flatMap((count, i) => {
    if (count === spec.iterations) return [0, 0, 0];
    const modulus = Math.log2(clamp(squares[i]!, 4, 1e300)) / 2;
    const mu = count + extra + 1 - Math.log2(modulus) / Math.log2(spec.power);
    const t = spec.offset + (spec.density * Math.log2(Math.max(mu, -0.9) + 2)) / 3;
    const place = 4 * Math.min(4095, Math.floor((t - Math.floor(t)) * 4096));
    return [...table.subarray(place, place + 3)];
  });
}

/** The largest difference between two neighbouring colours of the table: what a place that is off by one may make. */
const TOLERANCE = 3;

describe('smooth colours', () => {
  it('are the gradient at the continuous escape count', async () => {
    const palette = fc.constantFrom(...(PALETTES.filter((name) => name !== 'classic') as Palette[]));
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    const colours = fc.record({ palette, density: number(0.01, 8), offset: number(0, 1) });
    await fc.assert(
      fc.asyncProperty(anySpec, colours, async (base, chosen) => {
        const spec: Spec = { ...base, ...chosen, interior: '#000000' };
        const [pixels, light] = [await pixelsOf(spec), lightOf(spec)];
        const at = light.findIndex((value, i) => Math.abs(srgb(value) - pixels[i]!) > TOLERANCE);
        if (at >= 0) expect.fail(`byte ${at}: ${pixels[at]}, expected ${srgb(light[at]!)}`);
      }),
      { numRuns: 200 },
    );
  });

  it('lose light to the shade of the set, by its strength', async () => {
    const spec: Spec = { ...VIEWS.J2(90), palette: 'orchid', interior: '#336699', shade: 0.7 };
    const kernel = openKernel(await loadKernel());
    const counts = kernel.count(spec, { rows: { firstRow: 0, lastRow: spec.height }, mirror: null })!.slice();
    const lights = kernel.lights().slice();
    const [pixels, unshaded] = [await pixelsOf(spec), lightOf(spec)];
    const interior = [0x33, 0x66, 0x99];
    for (const [at, value] of unshaded.entries()) {
      const pixel = Math.floor(at / 3);
      const stays = counts[pixel] === spec.iterations;
      const expected = stays ? interior[at % 3]! : srgb(value * (1 - spec.shade * (1 - lights[pixel]!)));
      expect(Math.abs(expected - pixels[at]!)).toBeLessThan(TOLERANCE);
    }
    expect(new Set(lights).size).toBeGreaterThan(1000);
  });

  it('leave the chosen colour inside', async () => {
    const inside = await pixelsOf({ ...mandelbrotSpec(around(-0.1, 0, 0.01), 9, 7, 300), palette: 'magma', interior: '#12abef' });
    expect(inside).toEqual(Buffer.concat(Array.from({ length: 63 }, () => Buffer.from('12abef', 'hex'))));
  });

  it('come back to where they began: no seam in any gradient', () => {
    for (const palette of PALETTES.filter((name) => name !== 'classic')) {
      const table = gradientOf(palette);
      for (let i = 0; i < 4096; i++) {
        const [here, next] = [table.subarray(4 * i, 4 * i + 3), table.subarray(4 * ((i + 1) % 4096), 4 * ((i + 1) % 4096) + 3)];
        for (const part of [0, 1, 2]) expect(Math.abs(srgb(here[part]!) - srgb(next[part]!))).toBeLessThan(TOLERANCE);
      }
    }
  });
});

describe('samples', () => {
  it.each<[string, Spec]>([
    ['of smooth colours', { ...VIEWS.J1(40), palette: 'lagoon', interior: '#000000' }],
    ['of the documented colours', juliaSpec({ re: -0.123, im: 0.745 }, { xa: -1.3, xb: 1.2, ya: -1.5, yb: 1.5 }, 37, 41, 90)],
    ['of one pixel', { ...mandelbrotSpec(around(-0.75, 0.1, 1), 1, 1, 90), palette: 'ember', interior: '#000000' }],
  ])('are averaged in linear light: %s', async (_, spec) => {
    const samples = 3;
    const sums = new Array<number>(spec.width * spec.height * 3).fill(0);
    const { xa, xb, ya, yb } = spec.viewport;
    const step = (a: number, b: number, count: number) => (b - a) / Math.max(1, count - 1);
    for (let i = 0; i < samples ** 2; i++) {
      const [dx, dy] = [((i % samples) - 1) / samples, (Math.floor(i / samples) - 1) / samples];
      const [x, y] = [dx * step(xa, xb, spec.width), dy * step(ya, yb, spec.height)];
      const moved = { ...spec, viewport: { xa: xa + x, xb: xb + x, ya: ya + y, yb: yb + y } };
      const light = spec.palette === 'classic' ? classicLight(moved) : lightOf(moved);
      for (const [at, value] of light.entries()) sums[at]! += value;
    }
    const pixels = await pixelsOf({ ...spec, samples });
    // Points moved another way are not the same to the last bit, so here and there a count differs.
    const far = sums.filter((sum, at) => Math.abs(srgb(sum / samples ** 2) - pixels[at]!) > TOLERANCE).length;
    expect(far).toBeLessThan(sums.length / 50);
  });

  it('make no difference where there is nothing to average', async () => {
    const inside = { ...mandelbrotSpec(around(-0.1, 0, 0.01), 9, 7, 300), palette: 'magma', interior: '#123456' } as const;
    expect(await pixelsOf({ ...inside, samples: 16 })).toEqual(await pixelsOf(inside));
  });
});

function classicLight(spec: Spec): number[] {
  const table = gradientOf('classic');
  return [...plainCounts(spec, { firstRow: 0, lastRow: spec.height })].flatMap((count) => {
    const index = Math.min(count, spec.iterations - 1) % 32;
    return [...table.subarray(4 * index, 4 * index + 3)];
  });
}

describe('a picture cut in mirrored pairs', () => {
  it.each<[string, Spec]>([
    ['turned', { ...VIEWS.J1(301), palette: 'ember', interior: '#000000' }],
    ['turned, only here and there', { ...VIEWS.J2(999), height: 259 }],
    ['mirrored', { ...VIEWS.M1(300), palette: 'aurora', interior: '#102030' }],
    ['with shade', { ...VIEWS.J1(200), palette: 'ember', interior: '#000000', shade: 1 }],
    ['with samples', { ...VIEWS.M1(160), samples: 4, palette: 'viridis', interior: '#000000' }],
    ['turned, with samples', { ...VIEWS.J1(161), samples: 2 }],
  ])('is the same picture: %s', async (_, spec) => {
    expect(cutOf(spec).mirrored).toBe(true);
    const pixels = await pixelsOf(spec);
    // Drawn in one run: nothing is copied.
    const whole = openKernel(await loadKernel(), { shortcuts: false });
    const band = { rows: { firstRow: 0, lastRow: spec.height }, mirror: null };
    whole.paint(spec, band);
    const { filtered } = whole.filter({ first: 0, count: spec.height });
    expect(unfiltered(filtered, spec)).toEqual(pixels);
  });
});

describe('a band of several mirrored tiles', () => {
  it.each<[string, Spec]>([
    ['of indices', { ...VIEWS.J1(4), width: 3001, height: 401, iterations: 100 }],
    [
      'of colours that hardly deflate',
      { ...VIEWS.J1(4), width: 3001, height: 401, iterations: 100, palette: 'ember', density: 900, interior: '#000000' },
    ],
  ])('lies in the picture as it is drawn in small ones: %s', async (_, spec) => {
    const band = { rows: { firstRow: 0, lastRow: 201 }, mirror: { firstRow: 201, lastRow: 401 } };
    const { bytes, split, adler, mirrorAdler } = await engine.renderBand(spec, band);
    const frame = createPngFrame();
    const tail = frame.tail(spec, [
      { rows: band.rows, adler },
      { rows: band.mirror, adler: mirrorAdler },
    ]);
    expect(split).toBeGreaterThan(0);
    const png = Buffer.concat([frame.head(spec, ENGINE_VERSION), bytes, tail]);
    const pixels = await sharp(png, { failOn: 'warning' }).raw().toBuffer();
    expect(cutOf(spec).bands).toBeGreaterThan(3);
    expect(pixels.equals(await pixelsOf(spec))).toBe(true);
  });
});

/** Red, green and blue of rows as PNG has them, filters None, Sub and Up. */
function unfiltered(filtered: Uint8Array, { width, height, palette, samples }: Spec): Buffer {
  const indexed = palette === 'classic' && samples === 1;
  const bytes = indexed ? 1 : 3;
  const pixels = Buffer.alloc(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = row * (width * bytes + 1);
    for (let i = 0; i < width * bytes; i++) {
      const value = filtered[from + 1 + i]!;
      const at = row * width * 3 + i;
      if (indexed) pixels.set([(value % 8) * 32, (value % 16) * 16, value * 8], (row * width + i) * 3);
      else if (filtered[from] === 1) pixels[at] = value + (i < 3 ? 0 : pixels[at - 3]!);
      else pixels[at] = value + pixels[at - width * 3]!;
    }
  }
  return pixels;
}
