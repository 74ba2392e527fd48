import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../web/src/api/farm.ts';
import { badgeOf } from '../../web/src/farm/crew.ts';
import { gridOf } from '../../web/src/farm/grid.ts';
import { extend, pausedSpans, pieces, topOf } from '../../web/src/farm/history.ts';
import { formatLarge, formatSpan } from '../../web/src/farm/words.ts';

const START = Date.parse('2026-03-01T12:00:00Z');
const readingAt = (seconds: number, more: Partial<Reading> = {}): Reading => ({
  ...{ at: new Date(START + seconds * 1000).toISOString(), bands_per_second: 1, pixels_per_second: 2, steps_per_second: 3 },
  ...{ workers: 1, bands_waiting: 0, bands_leased: 0, oldest_waiting: null, paused: false, ...more },
});

describe('the mosaic', () => {
  it('has a cell for every band, however many there are and however narrow the window', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 200, max: 2_000 }), (bands, width) => {
        const { columns, rows, cell } = gridOf(bands, width);
        expect(columns * rows).toBeGreaterThanOrEqual(bands);
        expect(columns * (rows - 1)).toBeLessThan(bands);
        expect(columns * cell).toBeLessThanOrEqual(width);
        expect(cell).toBeGreaterThanOrEqual(4);
        // A poster of four thousand bands fits on a screen.
        if (bands <= 4_096 && width >= 320) expect(rows * cell).toBeLessThan(400);
      }),
    );
  });

  it('gives 48 hosts looks of their own, and each the same one always', () => {
    const looks = Array.from({ length: 48 }, (_, i) => badgeOf(`host-${i}`)).map(({ colour, pattern }) => `${colour} ${pattern}`);
    expect(new Set(looks).size).toBe(48);
    expect(badgeOf('host-7')).toEqual({ number: 8, colour: 7, pattern: expect.any(String) });
    // Neighbours differ in their pattern, too, for those who see few colours.
    expect(new Set(looks.slice(0, 6).map((look) => look.split(' ')[1])).size).toBe(6);
  });
});

describe('the last hour', () => {
  it('is drawn in pieces where readings are missing', () => {
    const readings = [0, 10, 20, 60, 70].map((at) => readingAt(at));
    expect(pieces(readings).map((piece) => piece.length)).toEqual([3, 2]);
    expect(pieces([])).toEqual([]);
  });

  it('grows by what is new, and forgets what is older than an hour', () => {
    const before = [0, 10, 20].map((at) => readingAt(at));
    expect(extend(before, [])).toEqual(before);
    const seconds = extend(before, [readingAt(3_610), readingAt(3_615)]).map(({ at }) => (Date.parse(at) - START) / 1000);
    expect(seconds).toEqual([20, 3_610, 3_615]);
    expect(extend([], [])).toEqual([]);
  });

  it('marks when the queue was paused', () => {
    const readings = [0, 900, 1_800, 2_700, 3_600].map((at) => readingAt(at, { paused: at === 900 || at === 1_800 }));
    const [span, ...others] = pausedSpans(readings, START + 3_600_000);
    expect(others).toEqual([]);
    expect(span!.from).toBeCloseTo(0.25);
    expect(span!.to).toBeCloseTo(0.5, 1);
  });

  it.each([
    [[], 1],
    [[0.2], 1],
    [[1.1], 2],
    [[3, 4.9], 5],
    [[51], 100],
    [[7.04e6], 1e7],
  ])('of %j has a scale up to %d', (values, top) => {
    expect(topOf(values)).toBe(top);
  });
});

describe('figures of the farm', () => {
  it.each([
    [0, '0'],
    [0.0123, '0.0123'],
    [12.345, '12.3'],
    [999, '999'],
    [999.9, '1000'],
    [1_234, '1.23 k'],
    [999_999, '1 M'],
    [1.55e9, '1.55 G'],
    [9.99e15, '9.99 P'],
    [5e18, '5000 P'],
  ])('%d is %s', (value, text) => {
    expect(formatLarge(value)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [99.9, '99 s'],
    [100, '1 min'],
    [5_999, '99 min'],
    [7_200, '2 h'],
    [11_100, '3 h 5 min'],
    [187_200, '2 d 4 h'],
    [259_200, '3 d'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatSpan(seconds)).toBe(text);
  });
});
