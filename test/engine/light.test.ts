import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { pairing, type Rows } from '../../src/domain/band.ts';
import type { Spec } from '../../src/domain/spec.ts';
import { loadKernel } from '../../src/engine/load-kernel.ts';
import { plainSlopes } from '../../src/engine/plain-kernel.ts';
import { extraSteps, type Kernel, type KernelModules, openKernel, shadeDistance } from '../../src/kernel/kernel.ts';
import { anySpec } from './any-spec.ts';
import { around, juliaSpec, mandelbrotSpec, VIEWS } from './views.ts';

let modules: KernelModules;
let kernel: Kernel;
beforeAll(async () => {
  modules = await loadKernel();
  kernel = openKernel(modules);
});

const shaded = (spec: Spec): Spec => ({ ...spec, palette: 'ember', interior: '#000000', shade: 1 });
const allRows = (spec: Spec): Rows => ({ firstRow: 0, lastRow: spec.height });

function lightsOf(spec: Spec, from = kernel): Float32Array {
  from.count(spec, { rows: allRows(spec), mirror: null });
  return from.lights().slice();
}

/** The light that a distance makes, computed with Math.log, from the plain twin; NaN for pixels that stay. */
function expectedLights(spec: Spec): number[] {
  const slopes = plainSlopes(spec, allRows(spec), extraSteps(spec.power));
  return Array.from({ length: slopes.length / 4 }, (_, pixel) => {
    const [along, across, square, count] = slopes.subarray(4 * pixel, 4 * pixel + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    if (count === spec.iterations) return Number.NaN;
    if (square > 1e300) return 1;
    const slope = Math.sqrt(along * along + across * across);
    const clamped = Math.max(square, 4);
    const distance = (clamped * Math.log(clamped)) / 2 / slope;
    const light = Math.sqrt(1 / (1 + shadeDistance(spec.viewport) / distance));
    return Number.isNaN(light) ? 0 : light;
  });
}

function expectTwin(spec: Spec, lights = lightsOf(spec)): void {
  const expected = expectedLights(spec);
  const at = expected.findIndex((light, pixel) => Math.abs(light - lights[pixel]!) > 1e-6);
  if (at >= 0) expect.fail(`pixel ${at} of ${JSON.stringify(spec)}: kernel ${lights[at]}, twin ${expected[at]}`);
}

describe('the light near the set', () => {
  it('is what the estimated distance makes it, for random pictures of every formula', () => {
    fc.assert(
      fc.property(anySpec, (spec) => expectTwin(shaded(spec))),
      { numRuns: 3000 },
    );
  });

  it.each(Object.entries(VIEWS))('is right in view %s', (_, view) => expectTwin(shaded(view(151))));

  it('is right where counts go into the thousands and differ within a bin', () => {
    const cusp = mandelbrotSpec(around(0.2500005, 0, 9e-7), 41, 37, 60_000);
    const counts = kernel.count(cusp, { rows: allRows(cusp), mirror: null })!;
    expect(new Set(counts.filter((count) => count > 4096 && count < 60_000)).size).toBeGreaterThan(10);
    expectTwin(shaded(cusp));
  }, 180_000);

  it('is right when it is computed in slices of any length', () => {
    for (const units of [1, 7]) {
      const slicing = openKernel(modules, { sliceUnits: units });
      fc.assert(
        fc.property(anySpec, (spec) => expectTwin(shaded(spec), lightsOf(shaded(spec), slicing))),
        { numRuns: 200 },
      );
    }
  });

  it('ends between slices when aborted', () => {
    const slicing = openKernel(modules, { sliceUnits: 50 });
    const spec = shaded(VIEWS.J1(60));
    let slices = 0;
    slicing.count({ ...spec, shade: 0 }, { rows: allRows(spec), mirror: null }, () => void slices++ as unknown as boolean);
    let asked = 0;
    const aborted = slicing.count(spec, { rows: allRows(spec), mirror: null }, () => ++asked > slices + 2);
    expect([aborted, asked]).toEqual([null, slices + 3]);
    expectTwin(spec, lightsOf(spec, slicing));
  });

  it('is the true distance where that is known: outside the unit circle, whose Julia set is c = 0', () => {
    // ln|z| is the potential, so the estimate is |z| ln|z|.
    const spec = shaded(juliaSpec({ re: 0, im: 0 }, { xa: 1, xb: 3, ya: 0.5, yb: 1.5 }, 64, 32, 500));
    const lights = lightsOf(spec);
    for (const pixel of [70, 500, 1500, 2047]) {
      const x = 1 + (2 * (pixel % 64)) / 63;
      const y = 0.5 + Math.floor(pixel / 64) / 31;
      const r = Math.hypot(x, y);
      expect(lights[pixel]).toBeCloseTo(Math.sqrt(1 / (1 + shadeDistance(spec.viewport) / (r * Math.log(r)))), 6);
    }
  });

  it('is the same, bit for bit, in mirrored tiles', () => {
    const symmetric = fc.tuple(anySpec, fc.integer({ min: 2, max: 60 })).map(([spec, height]): Spec => {
      const { xa, xb, ya } = spec.viewport;
      const x = Math.max(Math.abs(xa), Math.abs(xb));
      const y = Math.abs(ya) || 1;
      return shaded({ ...spec, height, viewport: { xa: -x, xb: x, ya: -y, yb: y } });
    });
    fc.assert(
      fc.property(symmetric, (spec) => {
        if (pairing(spec) === null) return;
        const half = Math.ceil(spec.height / 2);
        const whole = lightsOf(spec);
        const tile = { rows: { firstRow: 0, lastRow: half }, mirror: { firstRow: half, lastRow: spec.height } };
        const counts = kernel.count(spec, tile)!;
        const lights = kernel.lights();
        const at = counts.findIndex((count, pixel) => count < spec.iterations && !Object.is(lights[pixel], whole[pixel]));
        if (at >= 0) expect.fail(`pixel ${at}: ${lights[at]} in pairs, ${whole[at]} alone`);
      }),
      { numRuns: 1000 },
    );
  });
});
