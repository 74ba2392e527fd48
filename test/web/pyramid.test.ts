import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Spec } from '../../src/domain/spec.ts';
import { loadKernel } from '../../src/engine/load-kernel.ts';
import { openKernel } from '../../src/kernel/kernel.ts';
import { Desk } from '../../web/src/explore/desk.ts';
import { fullLevel, TILE, tileOf } from '../../web/src/view/pyramid.ts';
import { anySpec } from '../engine/any-spec.ts';
import { aSpec } from '../support/specs.ts';

const modules = await loadKernel();
const desk = new Desk(openKernel(modules));

/** Red, green, blue, 255 of each pixel. */
function drawn(...[spec, whole, key, grid]: Parameters<Desk['draw']>): Uint8ClampedArray {
  const drawing = desk.draw(spec, whole, key, grid);
  for (;;) {
    const { done, value } = drawing.next();
    if (done) return value.slice();
  }
}

/** The pixels of a part of a picture. */
function partOf(
  pixels: Uint8ClampedArray,
  width: number,
  { x, y, w, h }: { x: number; y: number; w: number; h: number },
): Buffer {
  return Buffer.concat(
    Array.from({ length: h }, (_, row) =>
      Buffer.from(pixels.slice(4 * ((y + row) * width + x), 4 * ((y + row) * width + x + w))),
    ),
  );
}

it('draws every tile of the full size as it is in the whole picture, byte for byte, wherever the window lies', () => {
  const spec = aSpec({
    formula: 'mandelbrot',
    c: null,
    cSource: null,
    // Steps that are no sum of few powers of two: a window cut by itself would sample other points.
    viewport: { xa: -0.7512345678901, xb: -0.7398765432109, ya: 0.1012345678, yb: 0.1123456789 },
    width: 401,
    height: 331,
    iterations: 400,
    palette: 'ember',
    interior: '#000000',
    shade: 0.5,
    samples: 3,
  });
  const whole = drawn(spec, spec.viewport, null);
  const level = fullLevel(spec);
  for (let y = 0; y * TILE < spec.height; y++) {
    for (let x = 0; x * TILE < spec.width; x++) {
      const { spec: piece, grid } = tileOf(spec, level, x, y);
      const tile = drawn(piece, spec.viewport, null, grid);
      const part = { x: x * TILE, y: y * TILE, w: piece.width, h: piece.height };
      expect([x, y, Buffer.from(tile).equals(partOf(whole, spec.width, part))]).toEqual([x, y, true]);
    }
  }
});

it('counts at the very points of the whole, for any order and any piece', () => {
  const piece = fc.tuple(anySpec, fc.nat(), fc.nat(), fc.nat(), fc.nat()).map(([spec, a, b, c, d]) => {
    const [x, y] = [a % spec.width, b % spec.height];
    return { spec: spec as Spec, x, y, width: 1 + (c % (spec.width - x)), height: 1 + (d % (spec.height - y)) };
  });
  fc.assert(
    fc.property(piece, ({ spec, x, y, width, height }) => {
      const kernel = openKernel(modules);
      const whole = kernel.count(spec, { rows: { firstRow: 0, lastRow: spec.height }, mirror: null })!.slice();
      const small = { ...spec, width, height };
      const grid = { x, y, width: spec.width, height: spec.height };
      const counting = kernel.counting(
        small,
        { rows: { firstRow: 0, lastRow: height }, mirror: null },
        { whole: spec.viewport, grid },
      );
      let step = counting.next();
      while (!step.done) step = counting.next();
      const { counts } = step.value;
      for (let row = 0; row < height; row++) {
        expect(counts.subarray(row * width, (row + 1) * width)).toEqual(
          whole.subarray((y + row) * spec.width + x, (y + row) * spec.width + x + width),
        );
      }
    }),
    { numRuns: 100 },
  );
});

it('halves the picture from level to level, down to one tile', () => {
  const spec = aSpec({ width: 5000, height: 3001 });
  expect(fullLevel(spec)).toBe(13);
  const { spec: smallest } = tileOf(spec, 13 - 5, 0, 0);
  expect([smallest.width, smallest.height]).toEqual([157, 94]);
  const { spec: last, grid } = tileOf(spec, 13, 19, 11);
  expect([last.width, last.height, grid]).toEqual([136, 185, { x: 4864, y: 2816, width: 5000, height: 3001 }]);
  // The middle of a block of pixels, not its corner.
  const { viewport } = tileOf(aSpec({ width: 512, height: 512, viewport: { xa: 0, xb: 511, ya: 0, yb: 511 } }), 8, 0, 0).spec;
  expect(viewport).toEqual({ xa: 0.5, xb: 510.5, ya: 0.5, yb: 510.5 });
});
