import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Drawn, drawPicture, drawValue, RANGES, rangeOf } from '../../src/cli/draw-order.ts';
import { drawView, orderOf } from '../../src/cli/draw-view.ts';
import { FORMULAS } from '../../src/domain/formulas.ts';
import { parseFractalId } from '../../src/domain/ids.ts';
import { DEFAULT_LIMITS } from '../../src/domain/limits.ts';
import { PALETTES } from '../../src/domain/palettes.ts';
import { parseOrder } from '../../src/domain/parse-order.ts';
import { PRESETS } from '../../src/domain/presets.ts';
import type { Spec } from '../../src/domain/spec.ts';
import { type OrderBody, orderBody } from '../../src/http/schemas.ts';

/** What the service makes of an order. */
function accepted(order: OrderBody): Spec {
  const { uuid: _, xa, xb, ya, yb, c_re: cRe, c_im: cIm, ...same } = orderBody.parse(order);
  return parseOrder(parseFractalId(crypto.randomUUID()), { ...same, viewport: { xa, xb, ya, yb }, cRe, cIm }, DEFAULT_LIMITS);
}

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

  it('orders nothing that the service refuses, whichever view it takes', () => {
    for (const [i, { name: expected }] of PRESETS.entries()) {
      let calls = 0;
      const { name, ...order } = drawView(() => (calls++ === 0 ? (i + 0.5) / PRESETS.length : 0.5));
      expect(name).toBe(expected);
      expect(accepted(order)).toMatchObject({ formula: PRESETS[i]!.formula, palette: PRESETS[i]!.palette, samples: 2 });
    }
  });
});

describe('the presets', () => {
  it('are orders that the service takes, in every shape, over all formulas and palettes', () => {
    for (const preset of PRESETS) {
      const shapes = [
        [1200, 800],
        [300, 400],
        [7680, 4320],
      ] as const;
      for (const [width, height] of shapes) {
        const { viewport } = accepted(orderOf(preset, width, height));
        expect((viewport.xa + viewport.xb) / 2).toBeCloseTo(preset.centre.re, 12);
        expect(viewport.xb - viewport.xa).toBeGreaterThan(0);
      }
    }
    expect(new Set(PRESETS.map(({ name }) => name)).size).toBe(PRESETS.length);
    expect(new Set(PRESETS.map(({ formula }) => formula))).toEqual(new Set(FORMULAS));
    expect(new Set(PRESETS.map(({ palette }) => palette))).toEqual(new Set(PALETTES));
  });
});
