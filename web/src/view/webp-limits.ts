import type { Fractal } from '../api/client.ts';

/** The format's own. */
const MAX_SIDE = 16_383;
/** Browsers hold four bytes a pixel, twice. */
const MAX_PIXELS = 2 ** 26;

/** Whether this browser can make a WebP of it. */
export const canBeWebp = ({ width, height }: Pick<Fractal, 'width' | 'height'>): boolean =>
  Math.max(width, height) <= MAX_SIDE && width * height <= MAX_PIXELS;
