import type { Complex, CSource, Viewport } from './spec.ts';
import { xoshiro128 } from './xoshiro128.ts';

const MAX_DRAWS_FROM_WINDOW = 10_000;
const ORBIT_TESTS = 100;
const FALLBACK: Viewport = { xa: -2, xb: 2, ya: -1.5, yb: 1.5 };

/**
 * Draws the constant of a Julia set from a seed, as the Fractals application did inside its workers: points of the
 * window until the orbit of the point itself escapes late enough to be interesting. Small or far windows may hold no
 * such point, so after 10,000 draws the search goes on in [-2,2] x [-1.5,1.5], where about one draw in thirty fits.
 * Depends on nothing but its arguments: the same seed and window give the same c on every machine.
 * @param seed unsigned 32-bit
 */
export function chooseC(seed: number, window: Viewport): { readonly c: Complex; readonly source: CSource } {
  const next = xoshiro128(seed);
  for (let draw = 0; ; draw++) {
    const fallback = draw >= MAX_DRAWS_FROM_WINDOW;
    const { xa, xb, ya, yb } = fallback ? FALLBACK : window;
    const re = next() * (xb - xa) + xa;
    const im = next() * (yb - ya) + ya;
    const i = escapeOfOwnOrbit(re, im);
    if (i > 10 && i < ORBIT_TESTS) return { c: { re, im }, source: fallback ? 'fallback' : 'window' };
  }
}

/** Number of the first test at which the orbit that starts at c has left |z| <= 2; ORBIT_TESTS when none. */
function escapeOfOwnOrbit(re: number, im: number): number {
  let x = re;
  let y = im;
  for (let i = 0; i < ORBIT_TESTS; i++) {
    const x2 = x * x;
    const y2 = y * y;
    if (x2 + y2 > 4) return i;
    y = x * y + x * y + im;
    x = x2 - y2 + re;
  }
  return ORBIT_TESTS;
}

/** The seed of a fractal that was ordered without one: its uuid's first 32 bits, so that the same order is the same picture. */
export function seedFromUuid(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16) >>> 0;
}
