import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandOf, cutOf } from '../../src/domain/band.ts';
import { backoffMs, DELIVERY, turnsOf } from '../../src/domain/delivery.ts';
import { FRACTAL_MOVES, FRACTAL_STATES, isFinal, statesBefore } from '../../src/domain/states.ts';
import { aSpec } from '../support/specs.ts';

const side = fc.integer({ min: 1, max: 65_535 });
const iterations = fc.integer({ min: 1, max: 16_777_216 });

const WINDOWS = [
  { xa: -2, xb: 2, ya: -1.5, yb: 1.5 },
  { xa: -1.7, xb: 3, ya: -1.3, yb: 1.9 },
];

describe('bands', () => {
  it('cover every row once, within the limits, mirror runs from the bottom up', () => {
    fc.assert(
      fc.property(
        side,
        side,
        iterations,
        fc.constantFrom(...WINDOWS),
        fc.integer({ min: 1, max: 16 }),
        (width, height, n, viewport, samples) => {
          const spec = aSpec({ width, height, iterations: n, viewport, samples });
          const cut = cutOf(spec);
          let [top, bottom] = [0, height];
          for (let number = 0; number < cut.bands; number++) {
            const { rows, mirror } = bandOf(height, cut, number);
            if (rows.firstRow !== top || rows.lastRow <= top)
              expect.fail(`band ${number} begins at ${rows.firstRow}, not ${top}`);
            const rowCount = rows.lastRow - rows.firstRow + (mirror ? mirror.lastRow - mirror.firstRow : 0);
            const pixels = rowCount * width;
            if (rowCount > 1 && (pixels > 2 ** 22 || pixels * n * samples ** 2 > 2 ** 34))
              expect.fail(`band ${number} is too large`);
            top = rows.lastRow;
            if (!mirror) continue;
            if (mirror.lastRow !== bottom)
              expect.fail(`the mirror run of band ${number} ends at ${mirror.lastRow}, not ${bottom}`);
            bottom = mirror.firstRow;
          }
          expect(top).toBe(bottom);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are pairs where the upper half is the lower, bit for bit', () => {
    const whole = WINDOWS[0]!;
    const [height, width] = [1025, 1025];
    expect(cutOf(aSpec({ width, height, viewport: whole }))).toEqual({ bandRows: 127, bands: 5, mirrored: true });
    expect(cutOf(aSpec({ width, height, viewport: WINDOWS[1]! })).mirrored).toBe(false);
    expect(cutOf(aSpec({ width, height, viewport: { ...whole, yb: 1.5000000000000002 } })).mirrored).toBe(false);
    const mandelbrot = { formula: 'mandelbrot', c: null, cSource: null } as const;
    expect(cutOf(aSpec({ ...mandelbrot, width, height, viewport: { ...whole, xb: 0.7 } })).mirrored).toBe(true);
    expect(cutOf(aSpec({ ...mandelbrot, formula: 'burning-ship', width, height, viewport: whole })).mirrored).toBe(false);
  });

  it('become thinner towards the middle where a mirrored picture has few', () => {
    const rowsOf = (height: number) => {
      const spec = aSpec({ width: 1024, height, viewport: WINDOWS[0]! });
      const cut = cutOf(spec);
      return Array.from({ length: cut.bands }, (_, band) => bandOf(height, cut, band).rows).map((r) => r.lastRow - r.firstRow);
    };
    expect(rowsOf(1024)).toEqual([200, 152, 104, 56]);
    expect(new Set(rowsOf(4096).slice(0, -1)).size).toBe(1);
  });

  it('are larger where a picture has many and they are cheap', () => {
    const pixels = (width: number, n: number) =>
      width * cutOf(aSpec({ width, height: width, iterations: n, viewport: WINDOWS[1]! })).bandRows;
    expect(pixels(1000, 100)).toBeLessThanOrEqual(2 ** 18);
    expect(pixels(9999, 512)).toBeGreaterThan(2 ** 21);
    expect(pixels(9999, 5000)).toBeGreaterThan(2 ** 18);
    expect(pixels(9999, 5000) * 5000).toBeLessThanOrEqual(2 ** 31);
    expect(pixels(9999, 50_000)).toBeLessThanOrEqual(2 ** 18);
    const colours = aSpec({ width: 9999, height: 9999, iterations: 512, viewport: WINDOWS[1]!, palette: 'ember' });
    expect(9999 * cutOf(colours).bandRows * 3).toBeLessThanOrEqual(2 ** 22);
  });

  it('of small pictures share a turn, those of posters do not', () => {
    expect(turnsOf(4, 2 ** 18 * 256, 7)).toEqual([7, 7, 7, 7]);
    const poster = turnsOf(100, 2 ** 18 * 4096, 7);
    expect(poster[0]).toBe(7);
    expect(poster[99]).toBe(7 + 99 * 4);
  });
});

describe('rests after failures', () => {
  it('grow, are random, and have a limit', () => {
    expect(backoffMs(1, 0.5)).toBe(500);
    expect(backoffMs(3, 1)).toBe(4000);
    expect(backoffMs(30, 0.999)).toBeLessThanOrEqual(DELIVERY.backoffMaxMs);
  });
});

describe('states', () => {
  it('can all be reached, and the final ones are final', () => {
    expect(FRACTAL_STATES.filter((state) => statesBefore(state).length === 0)).toEqual([]);
    expect(FRACTAL_STATES.filter(isFinal)).toEqual(['done', 'failed', 'cancelled']);
    for (const moves of Object.values(FRACTAL_MOVES)) expect(new Set(moves).size).toBe(moves.length);
  });
});
