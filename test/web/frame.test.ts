import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleAt } from '../../src/domain/sampling.ts';
import { type Frame, frameOf, moved, offsetIn, placeOf, resized, viewportOf, zoomed } from '../../web/src/explore/frame.ts';

const side = fc.integer({ min: 2, max: 4000 });
const anyFrame = fc
  .record({
    width: side,
    height: side,
    re: fc.double({ min: -2, max: 2, noNaN: true }),
    im: fc.double({ min: -2, max: 2, noNaN: true }),
    depth: fc.double({ min: -3, max: 38, noNaN: true }),
    zoom: fc.double({ min: -3, max: 3, noNaN: true }),
  })
  .map(({ width, height, re, im, depth, zoom }) =>
    zoomed(frameOf({ centre: { re, im }, halfWidth: 2 ** -depth }, { width, height }), 2 ** zoom, width / 3, height / 5),
  );

/** Points between pixels, as the farm samples them in the whole picture; kernel/sample.ts. */
const sampled = (index: number, count: number, a: number, b: number, shift: number): number =>
  ((index + shift) * (b - a)) / (count - 1) + a;

describe('a frame', () => {
  it('samples exactly: pixel i of the whole picture is xa + i · step, between pixels too, and in every piece of it', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(), fc.integer({ min: 2, max: 256 }), fc.nat(255), (frame, start, piece, inside) => {
        const { xa, step, width } = frame;
        const { xb } = viewportOf(frame);
        const first = start % width;
        const index = first + (inside % piece);
        const tile = { ...moved(frame, first, 0), width: piece };
        const { xa: left, xb: right } = viewportOf(tile);
        expect(sampleAt(index, width, xa, xb)).toBe(xa + index * step);
        for (const shift of [-0.25, 0, 0.25]) {
          const whole = sampled(index, width, xa, xb, shift);
          expect(sampled(index - first, piece, left, right, shift)).toBe(whole);
          expect(whole - xa).toBe((index + shift) * step);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is found again from what it shows', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(frameOf(placeOf(frame), frame)).toEqual(frame);
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps its pixels when it is moved or takes another size, and not when it is zoomed', () => {
    fc.assert(
      fc.property(anyFrame, fc.integer({ min: -5000, max: 5000 }), side, (frame, by, width) => {
        expect(offsetIn(moved(frame, by, 0 - by), frame)).toEqual({ x: by, y: 0 - by });
        expect(offsetIn(resized(frame, { width, height: frame.height }), frame)).not.toBeNull();
        const nearer: Frame = zoomed(frame, 1.5, 10, 10);
        if (nearer !== frame) expect(offsetIn(nearer, frame)).toBeNull();
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps the point under the pointer within half a pixel of where it was', () => {
    fc.assert(
      fc.property(
        anyFrame,
        fc.double({ min: 0, max: 1000, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (frame, x, power) => {
          const next = zoomed(frame, 2 ** power, x, 7);
          fc.pre(next !== frame);
          const [before, after] = [frame.xa + x * frame.step, next.xa + x * next.step];
          expect(Math.abs(after - before)).toBeLessThanOrEqual(0.51 * next.step);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
