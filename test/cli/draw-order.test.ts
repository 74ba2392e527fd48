import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Drawn, drawPicture, drawValue, RANGES, rangeOf } from '../../src/cli/draw-order.ts';
import { drawView } from '../../src/cli/draw-view.ts';
import { PRESETS } from '../../src/domain/presets.ts';

const NAMES = Object.keys(RANGES) as Drawn[];
const aName = fc.constantFrom(...NAMES);
const aRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const aBound = fc.double({ min: -10, max: 10, noNaN: true });

describe('a random order', () => {
  it('draws each value from its documented range', () => {
    fc.assert(
      fc.property(aName, aRandom, (name, random) => {
        const value = drawValue(name, {}, () => random);
        const [from, to] = RANGES[name];
        expect(value).toBeGreaterThanOrEqual(Math.min(from, to));
        expect(value).toBeLessThanOrEqual(Math.max(from, to));
      }),
    );
  });

  it('reaches both ends of a range of whole numbers', () => {
    expect(drawValue('tasks', {}, () => 0)).toBe(1);
    expect(drawValue('tasks', {}, () => 0.999_999)).toBe(10);
    expect(drawValue('width', { min: 300, max: 301 }, () => 0.6)).toBe(301);
  });

  it('takes two bounds in either order', () => {
    fc.assert(
      fc.property(aName, aBound, aBound, aRandom, (name, a, b, random) => {
        const [min, max] = ['xa', 'xb', 'ya', 'yb'].includes(name) ? [a, b] : [Math.round(a), Math.round(b)];
        const value = drawValue(name, { min, max }, () => random);
        expect(value).toBe(drawValue(name, { min: max, max: min }, () => random));
        expect(value).toBeGreaterThanOrEqual(Math.min(min, max));
        expect(value).toBeLessThanOrEqual(Math.max(min, max));
      }),
    );
  });

  it('never passes over a single bound, even one beyond the documented range', () => {
    expect(rangeOf('width', { max: 100 })).toEqual([100, 100]);
    expect(rangeOf('width', { min: 9999 })).toEqual([9999, 9999]);
    expect(rangeOf('width', { max: 500 })).toEqual([256, 500]);
    expect(rangeOf('xa', { min: -2 })).toEqual([-2, -4]);
    expect(rangeOf('xa', { max: -2 })).toEqual([-1, -2]);
    expect(rangeOf('xa', { max: -0.5 })).toEqual([-0.5, -0.5]);
  });

  it('leaves given values alone, outside of the ranges, too', () => {
    const wishes = Object.fromEntries(NAMES.map((name, i) => [name, { value: 10_000 + i, min: 1, max: 2 }]));
    expect(drawPicture(wishes as Parameters<typeof drawPicture>[0], Math.random)).toMatchObject({ width: 10_001, yb: 10_007 });
  });
});

describe('the demo', () => {
  it('orders windows with square pixels around its views', () => {
    const randoms = fc.array(aRandom, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(randoms, (numbers) => {
        let i = 0;
        const { name, xa, xb, ya, yb, width, height } = drawView(() => numbers[i++ % numbers.length]!);
        expect(PRESETS.map((preset) => preset.name)).toContain(name);
        expect((xb - xa) / width).toBeCloseTo((yb - ya) / height, 9);
        expect(xb).toBeGreaterThan(xa);
      }),
    );
  });
});
