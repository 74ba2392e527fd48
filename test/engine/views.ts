import fc from 'fast-check';
import type { Complex, Spec, Viewport } from '../../src/domain/spec.ts';

const COMMON = { cSource: null, seed: null, palette: 'classic' } as const;

export function juliaSpec(c: Complex, viewport: Viewport, width: number, height: number, iterations: number): Spec {
  return { ...COMMON, formula: 'julia', c, cSource: 'given', viewport, width, height, iterations };
}

export function mandelbrotSpec(viewport: Viewport, width: number, height: number, iterations: number): Spec {
  return { ...COMMON, formula: 'mandelbrot', c: null, viewport, width, height, iterations };
}

export function around(re: number, im: number, width: number): Viewport {
  return { xa: re - width / 2, xb: re + width / 2, ya: im - width / 2, yb: im + width / 2 };
}

const WHOLE_JULIA: Viewport = { xa: -2, xb: 2, ya: -1.5, yb: 1.5 };

/** The views that the benches measure, at any size. */
export const VIEWS = {
  J1: (side: number) => juliaSpec({ re: -0.8, im: 0.156 }, WHOLE_JULIA, side, side, 512),
  J2: (side: number) => juliaSpec({ re: -0.123, im: 0.745 }, WHOLE_JULIA, side, side, 512),
  M1: (side: number) => mandelbrotSpec({ xa: -2, xb: 0.5, ya: -1.25, yb: 1.25 }, side, side, 1000),
  M2: (side: number) => mandelbrotSpec(around(-0.7453, 0.1127, 1e-4), side, side, 5000),
  F: (side: number) =>
    juliaSpec(
      { re: -0.8, im: 0.156 },
      { xa: -1.77488588389, xb: 3.08249829401, ya: -1.31213919301, yb: 1.95281690897 },
      Math.round((side * 649) / 1024),
      Math.round((side * 869) / 1024),
      362,
    ),
} as const;

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Widths of windows from all that there is to where doubles can no longer tell pixels apart. */
const span = fc.double({ min: -16, max: 1, noNaN: true }).map((exponent) => 10 ** exponent);

/** Where orbits are long, or the arithmetic is at its limits. */
const place = fc.oneof(
  fc.record({ re: finite(-2.5, 2.5), im: finite(-2.5, 2.5) }),
  fc.constantFrom(
    { re: -2, im: 0 },
    { re: -1.9999, im: 1e-9 },
    { re: -0.75, im: 0.01 },
    { re: 0.25, im: 0 },
    { re: -0.7453, im: 0.1127 },
    { re: 0, im: 0 },
    { re: 0, im: 1 },
  ),
);

const viewport = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(place, span, span, fc.boolean(), fc.boolean()).map(windowOf) },
  {
    weight: 1,
    arbitrary: fc.record({ xa: finite(-1e100, 1e100), xb: finite(-3, 3), ya: finite(-3, 3), yb: finite(-1e100, 1e100) }),
  },
);

const constant = fc.oneof(
  place,
  fc.record({ re: finite(-5, 5), im: finite(-5, 5) }),
  // About |c| = 2, where an orbit may leave and come back.
  fc.tuple(finite(0, 7), finite(1.9999, 2.0001)).map(([angle, r]) => ({ re: r * Math.cos(angle), im: r * Math.sin(angle) })),
  fc.record({ re: finite(-1e100, 1e100), im: finite(-1e100, 1e100) }),
);

const side = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 45 }));
const iterations = fc.oneof(
  fc.integer({ min: 1, max: 20 }),
  fc.integer({ min: 1, max: 300 }),
  fc.constantFrom(1, 2, 3, 4, 5, 8, 9, 12, 13),
);

/** Any picture that can be ordered, small. */
export const anySpec: fc.Arbitrary<Spec> = fc
  .tuple(fc.boolean(), constant, viewport, side, side, iterations)
  .map(([julia, c, window, width, height, tests]) =>
    julia ? juliaSpec(c, window, width, height, tests) : mandelbrotSpec(window, width, height, tests),
  );

function windowOf([centre, spanX, spanY, mirrorX, mirrorY]: [Complex, number, number, boolean, boolean]): Viewport {
  const x = [centre.re - spanX, centre.re + spanX] as const;
  const y = [centre.im - spanY, centre.im + spanY] as const;
  return { xa: x[mirrorX ? 1 : 0], xb: x[mirrorX ? 0 : 1], ya: y[mirrorY ? 1 : 0], yb: y[mirrorY ? 0 : 1] };
}
