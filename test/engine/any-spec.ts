import fc from 'fast-check';
import { FORMULAS, formulaFacts } from '../../src/domain/formulas.ts';
import type { Complex, Spec, Viewport } from '../../src/domain/spec.ts';
import { juliaSpec, mandelbrotSpec } from './views.ts';

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
  .tuple(fc.constantFrom(...FORMULAS), fc.integer({ min: 2, max: 8 }), fc.boolean(), constant, viewport, side, side, iterations)
  .map(([formula, power, julia, c, window, width, height, tests]) => {
    const facts = formulaFacts(formula);
    const spec =
      julia || facts.julia === 'always'
        ? juliaSpec(c, window, width, height, tests)
        : mandelbrotSpec(window, width, height, tests);
    return { ...spec, formula, power: facts.powers ? power : 2 };
  });

function windowOf([centre, spanX, spanY, mirrorX, mirrorY]: [Complex, number, number, boolean, boolean]): Viewport {
  const x = [centre.re - spanX, centre.re + spanX] as const;
  const y = [centre.im - spanY, centre.im + spanY] as const;
  return { xa: x[mirrorX ? 1 : 0], xb: x[mirrorX ? 0 : 1], ya: y[mirrorY ? 1 : 0], yb: y[mirrorY ? 0 : 1] };
}
