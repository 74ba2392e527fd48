import type { OrderRequest } from '../actions/parse-order.ts';
import type { Formula } from '../domain/formulas.ts';
import type { Complex, Viewport } from '../domain/spec.ts';

/**
 * Ordered by `npm start` when there is no fractal yet: the first look at the page shows pictures. The last is on top of the page.
 * With 32n + 1 iterations the classic palette paints the inside black.
 */
export const WELCOME: readonly OrderRequest[] = [
  picture('julia', { re: -0.4, im: 0.6 }, around(0, 0, 1.6), 300),
  picture('julia', { re: -0.123, im: 0.745 }, around(0, 0, 1.5), 257),
  picture('mandelbrot', null, around(-0.7436438870371587, 0.131825904205312, 2.5e-5), 2000),
  picture('julia', { re: 0.285, im: 0.01 }, around(0, 0, 1.25), 400),
  picture('mandelbrot', null, around(-0.65, 0, 1.6), 513),
  picture('julia', { re: -0.8, im: 0.156 }, around(0, 0, 1.55), 512),
];

function picture(formula: Formula, c: Complex | null, viewport: Viewport, iterations: number): OrderRequest {
  return { formula, viewport, width: 1200, height: 800, iterations, cRe: c?.re, cIm: c?.im, seed: undefined, palette: 'classic' };
}

/** A window of shape 3:2 around a point. */
function around(re: number, im: number, halfWidth: number): Viewport {
  const halfHeight = (halfWidth * 2) / 3;
  return { xa: re - halfWidth, xb: re + halfWidth, ya: im - halfHeight, yb: im + halfHeight };
}
