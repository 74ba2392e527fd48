/** The formulas the engine draws. */
export const FORMULAS = ['julia', 'mandelbrot'] as const;
export type Formula = (typeof FORMULAS)[number];

/** How escape counts become colours. `classic` is the documented 32-colour palette. */
export const PALETTES = ['classic'] as const;
export type Palette = (typeof PALETTES)[number];

/** How the c of a Julia set came about; see choose-c.ts. */
export const C_SOURCES = ['given', 'window', 'fallback'] as const;
export type CSource = (typeof C_SOURCES)[number];

/**
 * The window on the complex plane that the picture shows, in doubles: pixel column 0 samples xa, the last column xb;
 * row 0 samples ya, the last row yb. May be mirrored (xa > xb or ya > yb), never empty.
 */
export interface Viewport {
  readonly xa: number;
  readonly xb: number;
  readonly ya: number;
  readonly yb: number;
}

export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** What to draw. Immutable from the moment the fractal is ordered; equal specs give equal bytes. */
export interface Spec {
  readonly formula: Formula;
  readonly viewport: Viewport;
  /** pixels, 1..65535 */
  readonly width: number;
  /** pixels, 1..65535 */
  readonly height: number;
  /** the most tests an orbit gets, 1..16,777,216 */
  readonly iterations: number;
  /** the constant of a Julia set; null for formulas whose c is the pixel */
  readonly c: Complex | null;
  readonly cSource: CSource | null;
  /** unsigned 32-bit; null unless c was drawn from it */
  readonly seed: number | null;
  readonly palette: Palette;
}

/** Work in one order: pixels times iterations, an upper bound on the steps. Exceeds 2^53 at the largest sizes. */
export function costOf(spec: Pick<Spec, 'width' | 'height' | 'iterations'>): bigint {
  return BigInt(spec.width) * BigInt(spec.height) * BigInt(spec.iterations);
}

/** Whether two specs order the same picture in the same words. */
export function sameSpec(a: Spec, b: Spec): boolean {
  return (
    a.formula === b.formula &&
    a.width === b.width &&
    a.height === b.height &&
    a.iterations === b.iterations &&
    a.viewport.xa === b.viewport.xa &&
    a.viewport.xb === b.viewport.xb &&
    a.viewport.ya === b.viewport.ya &&
    a.viewport.yb === b.viewport.yb &&
    a.c?.re === b.c?.re &&
    a.c?.im === b.c?.im &&
    a.cSource === b.cSource &&
    a.seed === b.seed &&
    a.palette === b.palette
  );
}
