import type { Complex, Spec, Viewport } from '../../src/domain/spec.ts';
import { aSpec } from '../support/specs.ts';

export function juliaSpec(c: Complex, viewport: Viewport, width: number, height: number, iterations: number): Spec {
  return aSpec({ c, viewport, width, height, iterations });
}

export function mandelbrotSpec(viewport: Viewport, width: number, height: number, iterations: number): Spec {
  return aSpec({ formula: 'mandelbrot', c: null, cSource: null, viewport, width, height, iterations });
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
