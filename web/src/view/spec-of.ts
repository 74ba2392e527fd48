import type { Spec } from '../../../src/domain/spec.ts';
import type { Fractal } from '../api/client.ts';

/** What was ordered, as the kernel takes it. */
export function specOfFractal(fractal: Fractal): Spec {
  const { formula, power, width, height, iterations, xa, xb, ya, yb, c_re, c_im, c_source, seed, palette } = fractal;
  const { density, offset, interior, shade, samples } = fractal;
  return {
    formula,
    power,
    width,
    height,
    iterations,
    viewport: { xa, xb, ya, yb },
    c: c_re !== null && c_im !== null ? { re: c_re, im: c_im } : null,
    cSource: c_source,
    seed,
    palette,
    density,
    offset,
    interior,
    shade,
    samples,
  };
}
