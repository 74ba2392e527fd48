import { describe, expect, it } from 'vitest';
import { bandOf, cutOf } from '../../src/domain/band.ts';
import { costOf, inUnits } from '../../src/domain/spec.ts';
import { amountOf, Speedometer } from '../../src/worker/speedometer.ts';
import { aSpec } from '../support/specs.ts';

describe('what bands count for', () => {
  it.each([
    ['mirrored', aSpec({ width: 1000, height: 801, iterations: 5000, samples: 2 })],
    ['plain', aSpec({ width: 1000, height: 801, iterations: 5000, viewport: { xa: -2, xb: 2, ya: -1, yb: 1.5 } })],
  ])('adds up to the cost of the picture: %s', (_, spec) => {
    const cut = cutOf(spec);
    expect(cut.bands).toBeGreaterThan(1);
    const amounts = Array.from({ length: cut.bands }, (_, band) => amountOf(spec, bandOf(spec.height, cut, band)));
    const units = amounts.reduce((sum, each) => sum + each.units, 0);
    expect(Math.ceil(units - 1e-6)).toBe(inUnits(costOf(spec)));
    expect(amounts.reduce((sum, { pixels }) => sum + pixels, 0)).toBe(spec.width * spec.height);
  });
});

describe('the speedometer', () => {
  it('tells what was delivered a second, over the last half minute', () => {
    let now = 5_000;
    const meter = new Speedometer(() => now);
    const amount = (units: number) => ({ units, pixels: 1000 * units });
    const expectRead = (bands: number, speed: number, bandsPerSecond: number, why?: string) => {
      const { pixelsPerSecond, ...read } = meter.read();
      expect(read, why).toEqual({ bands, speed, bandsPerSecond });
      expect(pixelsPerSecond).toBeCloseTo(1000 * speed);
    };
    expectRead(0, 0, 0);
    meter.count(amount(100));
    expectRead(1, 100, 1, 'a worker that has just begun');
    now += 10_000;
    meter.count(amount(400));
    expectRead(2, 50, 0.2);
    now += 15_000;
    expectRead(2, 20, 0.08);
    now += 5_000;
    expectRead(2, 400 / 30, 1 / 30, 'the first one is forgotten');
    now += 10_000;
    expectRead(2, 0, 0);
    meter.count(amount(30));
    expectRead(3, 1, 1 / 30);
  });
});
