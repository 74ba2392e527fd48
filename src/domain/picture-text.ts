import type { Spec } from './spec.ts';

/** The keyword of the text that a picture carries about itself. */
export const PICTURE_TEXT_KEYWORD = 'faafo';

/**
 * What a picture says about itself: JSON with the names of the API, ready to be ordered again. Holds exactly what decides the pixels, so the same
 * picture has the same text however its c came about. Numbers are written so that they read back as the same doubles.
 */
export function pictureText(spec: Spec): string {
  const { formula, power, width, height, iterations, viewport, c, palette, density, offset, interior, shade, samples } = spec;
  const { xa, xb, ya, yb } = viewport;
  return JSON.stringify({
    formula,
    ...(formula === 'multibrot' && { power }),
    width,
    height,
    iterations,
    xa,
    xb,
    ya,
    yb,
    ...(c && { c_re: c.re, c_im: c.im }),
    palette,
    ...(interior !== null && { density, offset, interior, shade }),
    samples,
  });
}
