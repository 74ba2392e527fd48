import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandCount, rowsOfBand, rowsPerBand } from '../../src/domain/band.ts';
import { backoffMs, DELIVERY, turnsOf } from '../../src/domain/delivery.ts';
import { FRACTAL_MOVES, FRACTAL_STATES, isFinal, statesBefore } from '../../src/domain/states.ts';

const side = fc.integer({ min: 1, max: 65_535 });
const iterations = fc.integer({ min: 1, max: 16_777_216 });

describe('bands', () => {
  it('cover every row once, in order, within the limits', () => {
    fc.assert(
      fc.property(side, side, iterations, (width, height, n) => {
        const bandRows = rowsPerBand({ width, height, iterations: n });
        const bands = bandCount(height, bandRows);
        let next = 0;
        for (const band of bands <= 3 ? Array.from({ length: bands }, (_, i) => i) : [0, 1, bands - 1]) {
          const { firstRow, lastRow } = rowsOfBand(height, bandRows, band);
          if (band === bands - 1) next = firstRow;
          expect(firstRow).toBe(next);
          expect(lastRow).toBeGreaterThan(firstRow);
          const pixels = (lastRow - firstRow) * width;
          if (lastRow - firstRow > 1) expect(pixels <= 2 ** 18 && pixels * n <= 2 ** 34).toBe(true);
          next = lastRow;
        }
        expect(next).toBe(height);
      }),
    );
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
