import { describe, expect, it } from 'vitest';
import { bandOf, cutOf } from '../../src/domain/band.ts';
import { costOf, inUnits } from '../../src/domain/spec.ts';
import { Speedometer, unitsOf } from '../../src/worker/speedometer.ts';
import { aSpec } from '../support/specs.ts';

describe('what bands count for', () => {
  it.each([
    ['mirrored', aSpec({ width: 1000, height: 801, iterations: 5000, samples: 2 })],
    ['plain', aSpec({ width: 1000, height: 801, iterations: 5000, viewport: { xa: -2, xb: 2, ya: -1, yb: 1.5 } })],
  ])('adds up to the cost of the picture: %s', (_, spec) => {
    const cut = cutOf(spec);
    expect(cut.bands).toBeGreaterThan(1);
    const units = Array.from({ length: cut.bands }, (_, band) => unitsOf(spec, bandOf(spec.height, cut, band)));
    const sum = units.reduce((a, b) => a + b);
    expect(Math.ceil(sum - 1e-6)).toBe(inUnits(costOf(spec)));
  });
});

describe('the speedometer', () => {
  it('tells what was delivered a second, over the last half minute', () => {
    let now = 5_000;
    const meter = new Speedometer(() => now);
    expect(meter.read()).toEqual({ bands: 0, speed: 0, bandsPerSecond: 0 });
    meter.count(100);
    expect(meter.read(), 'a worker that has just begun').toEqual({ bands: 1, speed: 100, bandsPerSecond: 1 });
    now += 10_000;
    meter.count(400);
    expect(meter.read()).toEqual({ bands: 2, speed: 50, bandsPerSecond: 0.2 });
    now += 15_000;
    expect(meter.read()).toEqual({ bands: 2, speed: 20, bandsPerSecond: 0.08 });
    now += 5_000;
    expect(meter.read(), 'the first one is forgotten').toEqual({ bands: 2, speed: 400 / 30, bandsPerSecond: 1 / 30 });
    now += 10_000;
    expect(meter.read()).toEqual({ bands: 2, speed: 0, bandsPerSecond: 0 });
    meter.count(30);
    expect(meter.read()).toEqual({ bands: 3, speed: 1, bandsPerSecond: 1 / 30 });
  });
});
