import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Rows } from '../../src/domain/band.ts';
import type { Spec } from '../../src/domain/spec.ts';
import { loadKernel } from '../../src/engine/engine.ts';
import { type Kernel, openKernel } from '../../src/engine/kernel.ts';
import { plainCounts } from '../../src/engine/plain-kernel.ts';
import { anySpec } from './any-spec.ts';
import { around, juliaSpec, mandelbrotSpec, VIEWS } from './views.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = openKernel(await loadKernel());
});

const allRows = (spec: Spec): Rows => ({ firstRow: 0, lastRow: spec.height });

function countsOf(spec: Spec, rows = allRows(spec)): Uint32Array {
  return kernel.count(spec, rows)!.slice();
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

  it('in slices of any length', async () => {
    const module = await loadKernel();
    for (const units of [1, 2, 7, 100]) {
      const slicing = openKernel(module, units);
      const expectSliced = (spec: Spec) =>
        expectSame(slicing.count(spec, allRows(spec))!, plainCounts(spec, allRows(spec)), spec.width);
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
    expect(() => kernel.count(spec, { firstRow, lastRow })).toThrow(/no band/);
  });

  it('are refused when larger than the memory', () => {
    expect(() => countsOf(VIEWS.J1(1024))).toThrow(/no band/);
  });

  it('end between slices when aborted', () => {
    let asked = 0;
    const spec = VIEWS.J2(200); // about a dozen slices
    expect(kernel.count(spec, allRows(spec), () => ++asked === 3)).toBeNull();
    expect(asked).toBe(3);
    expectTwin(spec);
  });
});
