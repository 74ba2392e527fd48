import type { Spec } from '../domain/spec.ts';

/** A small picture with short and long orbits: drawn before the first ordered one, so that the code is compiled well by then. */
export const WARM_UP: Spec = {
  formula: 'julia',
  viewport: { xa: -2, xb: 2, ya: -1.5, yb: 1.5 },
  width: 96,
  height: 96,
  iterations: 500,
  c: { re: -0.8, im: 0.156 },
  cSource: 'given',
  seed: null,
  palette: 'classic',
  power: 2,
  density: 1,
  offset: 0,
  interior: null,
  shade: 0,
  samples: 1,
};

const MANDELBROT: Spec = {
  ...WARM_UP,
  formula: 'mandelbrot',
  viewport: { xa: -2, xb: 0.6, ya: -1.2, yb: 1.2 },
  c: null,
  cSource: null,
};
const smooth = (spec: Spec): Spec => ({ ...spec, palette: 'ember', interior: '#000000' });

/** One for each of the loops that most pictures need. */
export const WARM_UPS: readonly Spec[] = [WARM_UP, MANDELBROT, smooth(WARM_UP), smooth(MANDELBROT)];
