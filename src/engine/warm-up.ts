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
  samples: 1,
};
