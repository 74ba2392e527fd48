import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { pairing, type Rows } from '../../src/domain/band.ts';
import type { Spec } from '../../src/domain/spec.ts';
import { loadKernel } from '../../src/engine/load-kernel.ts';
import { plainCounts, plainSquares } from '../../src/engine/plain-kernel.ts';
import { extraSteps, type Kernel, openKernel } from '../../src/kernel/kernel.ts';
import { anySpec } from './any-spec.ts';
import { around, juliaSpec, mandelbrotSpec, VIEWS } from './views.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = openKernel(await loadKernel());
});

const allRows = (spec: Spec): Rows => ({ firstRow: 0, lastRow: spec.height });

function countsOf(spec: Spec, rows = allRows(spec)): Uint32Array {
  return kernel.count(spec, { rows, mirror: null })!.slice();
}

/** Says where the first difference is; comparing arrays element by element with expect takes far longer. */
function expectSame(actual: Uint32Array, expected: Uint32Array, width: number): void {
  expect(actual.length).toBe(expected.length);
  const at = actual.findIndex((count, pixel) => count !== expected[pixel]);
  if (at >= 0) {
    expect.fail(`pixel (${at % width}, ${Math.floor(at / width)}): kernel ${actual[at]}, twin ${expected[at]}`);
  }
}

function expectTwin(spec: Spec, rows = allRows(spec)): void {
  expectSame(countsOf(spec, rows), plainCounts(spec, rows), spec.width);
}

describe('the kernel counts what its plain twin counts', () => {
  it('for thousands of random pictures', () => {
    fc.assert(
      fc.property(anySpec, (spec) => expectTwin(spec)),
      { numRuns: 4000 },
    );
  });

  it.each(Object.entries(VIEWS))('for view %s', (_, view) => {
    expectTwin(view(207));
  });

  it.each([
    ['one pixel', 1, 1],
    ['one row', 1021, 1],
    ['one column', 1, 1021],
    ['the longest row', 65_535, 1],
    ['the longest column', 1, 65_535],
  ])('for %s', (_, width, height) => {
    expectTwin(juliaSpec({ re: -0.8, im: 0.156 }, { xa: -2, xb: 2, ya: -1.5, yb: 1.5 }, width, height, 200));
    expectTwin(mandelbrotSpec({ xa: 0.5, xb: -2, ya: 1.25, yb: -1.25 }, width, height, 200));
  });

  it('for orbits at the tip of the Mandelbrot set, where |c| is 2', () => {
    for (const span of [1, 1e-3, 1e-6, 1e-9, 1e-15]) expectTwin(mandelbrotSpec(around(-2, 0, span), 61, 61, 500));
  });

  it('for constants with |c| of 2 and more', () => {
    for (const re of [-1.9999, -2, -2.0000000000000004, -2.01, -2.1, -2.2, 2, 3]) {
      expectTwin(juliaSpec({ re, im: 0 }, { xa: -3, xb: 3, ya: 0, yb: 1e-3 }, 301, 31, 300));
    }
  });

  it('near the boundary of what the shortcuts know to stay', () => {
    // The cusp and points of the cardioid, the tip and the side of the disc of period 2.
    for (const [re, im] of [
      [0.25, 0],
      [-0.125, 0.6495],
      [-0.75, 0],
      [-1.25, 0],
      [-1, 0.25],
    ] as const) {
      for (const span of [1e-2, 1e-4, 1e-6, 1e-7, 1e-8]) expectTwin(mandelbrotSpec(around(re, im, span), 23, 21, 20_000));
    }
  });

  it('without its shortcuts, too', async () => {
    const plodding = openKernel(await loadKernel(), { shortcuts: false });
    for (const view of Object.values(VIEWS)) {
      const spec = view(101);
      expectSame(plodding.count(spec, { rows: allRows(spec), mirror: null })!, plainCounts(spec, allRows(spec)), spec.width);
    }
  });

  it('and the same squares after the escape', () => {
    fc.assert(
      fc.property(anySpec, (classic) => {
        const spec: Spec = { ...classic, palette: 'ember' };
        const counts = countsOf(spec);
        const squares = kernel.squares();
        const expected = plainSquares(spec, allRows(spec), extraSteps(spec.power));
        const at = counts.findIndex((count, i) => count < spec.iterations && !Object.is(squares[i], expected[i]));
        if (at >= 0) expect.fail(`pixel ${at}, count ${counts[at]}: kernel ${squares[at]}, twin ${expected[at]}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('in mirrored tiles', () => {
    const symmetric = fc.tuple(anySpec, fc.integer({ min: 2, max: 90 }), fc.boolean()).map(([spec, height, turned]): Spec => {
      const { xa, xb, ya } = spec.viewport;
      const x = Math.max(Math.abs(xa), Math.abs(xb));
      const y = Math.abs(ya) || 1;
      return { ...spec, height, viewport: turned ? { xa: -x, xb: x, ya: y, yb: -y } : { xa, xb, ya: -y, yb: y } };
    });
    fc.assert(
      fc.property(symmetric, fc.nat(), (spec, n) => {
        if (pairing(spec) === null) return;
        const half = Math.ceil(spec.height / 2);
        const firstRow = n % half;
        const lastRow = firstRow + 1 + (n % (half - firstRow));
        const mirror = { firstRow: Math.max(half, spec.height - lastRow), lastRow: spec.height - firstRow };
        const tile = { rows: { firstRow, lastRow }, mirror: mirror.firstRow < mirror.lastRow ? mirror : null };
        const counts = kernel.count(spec, tile)!;
        const expected = [tile.rows, ...(tile.mirror ? [tile.mirror] : [])].flatMap((rows) => [...plainCounts(spec, rows)]);
        expectSame(counts, Uint32Array.from(expected), spec.width);
      }),
      { numRuns: 3000 },
    );
  });

  it('in slices of any length', async () => {
    const module = await loadKernel();
    for (const units of [1, 2, 7, 100]) {
      const slicing = openKernel(module, { sliceUnits: units });
      const expectSliced = (spec: Spec) =>
        expectSame(slicing.count(spec, { rows: allRows(spec), mirror: null })!, plainCounts(spec, allRows(spec)), spec.width);
      fc.assert(fc.property(anySpec, expectSliced), { numRuns: 300 });
    }
  });

  it('with the most iterations there are', () => {
    const outside = { xa: 0.26, xb: 3, ya: 0.7, yb: 1.7 };
    expectTwin(mandelbrotSpec(outside, 37, 29, 16_777_216));
    expectTwin(juliaSpec({ re: 0.5, im: 0.5 }, outside, 37, 29, 16_777_216));
  });

  it('for long orbits that stay, up to the last test', () => {
    expectTwin(mandelbrotSpec(around(-0.1, 0.1, 0.01), 5, 3, 100_003));
  });
});

describe('bands', () => {
  it('count what the whole picture counts in their rows', () => {
    const cut = fc.tuple(anySpec, fc.nat(), fc.nat()).map(([spec, a, b]) => {
      const firstRow = a % spec.height;
      return { spec, rows: { firstRow, lastRow: firstRow + 1 + (b % (spec.height - firstRow)) } };
    });
    fc.assert(
      fc.property(cut, ({ spec, rows }) => {
        const whole = countsOf(spec).subarray(rows.firstRow * spec.width, rows.lastRow * spec.width);
        expectSame(countsOf(spec, rows), whole, spec.width);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [-1, 2],
    [0, 11],
    [3, 3],
    [0.5, 2],
    [0, Number.NaN],
  ])('are refused outside the picture: rows %d to %d of 10', (firstRow, lastRow) => {
    const spec = VIEWS.J1(10);
    expect(() => kernel.count(spec, { rows: { firstRow, lastRow }, mirror: null })).toThrow(/no band/);
  });

  it('are refused when larger than the memory', () => {
    expect(() => countsOf(VIEWS.J1(1024))).toThrow(/no band/);
  });

  it('end between slices when aborted', () => {
    let asked = 0;
    const spec = VIEWS.J1(400); // about a dozen slices
    expect(kernel.count(spec, { rows: allRows(spec), mirror: null }, () => ++asked === 3)).toBeNull();
    expect(asked).toBe(3);
    expectTwin(spec);
  });
});
