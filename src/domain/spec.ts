import type { Formula } from './formulas.ts';
import { isSmooth, type Palette } from './palettes.ts';

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
  /** 2..8; 2 for every formula but multibrot */
  readonly power: number;
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
  /** how fast a gradient runs through its colours, above 0..1000; 1 for classic */
  readonly density: number;
  /** where a gradient begins, as a share of it, 0..1; 0 for classic */
  readonly offset: number;
  /** colour of orbits that never left, #rrggbb; null for classic, which has its own rule */
  readonly interior: string | null;
  /** how much of the light is lost near the set, by the estimated distance from it: 0..1; 0 for classic */
  readonly shade: number;
  /** samples x samples points a pixel, averaged in linear light; 1..16 */
  readonly samples: number;
}

/** Whether a pixel of the picture is one byte, the index of its colour; else it is three: red, green and blue. */
export const isIndexed = (spec: Pick<Spec, 'palette' | 'samples'>): boolean => !isSmooth(spec.palette) && spec.samples === 1;

/** Bytes of a pixel in the picture's rows. */
export const pixelBytes = (spec: Pick<Spec, 'palette' | 'samples'>): number => (isIndexed(spec) ? 1 : 3);

/** Work in one order: sampled points times iterations, an upper bound on the steps. Exceeds 2^53 at the largest sizes. */
export function costOf(spec: Pick<Spec, 'width' | 'height' | 'iterations' | 'samples'>): bigint {
  return BigInt(spec.width) * BigInt(spec.height) * BigInt(spec.iterations) * BigInt(spec.samples) ** 2n;
}

/** Sums of costs are kept in this unit, so that they fit a double and every database's integers: about a millisecond of one thread. */
export const COST_UNIT = 2 ** 20;

/** A cost in units, rounded up. */
export const inUnits = (cost: bigint): number => Number((cost + BigInt(COST_UNIT) - 1n) / BigInt(COST_UNIT));

const SAME = [
  'formula',
  'power',
  'width',
  'height',
  'iterations',
  'cSource',
  'seed',
  'palette',
  'density',
  'offset',
  'interior',
  'shade',
  'samples',
] as const;

/** Whether two specs order the same picture in the same words. */
export function sameSpec(a: Spec, b: Spec): boolean {
  return (
    SAME.every((name) => a[name] === b[name]) &&
    a.viewport.xa === b.viewport.xa &&
    a.viewport.xb === b.viewport.xb &&
    a.viewport.ya === b.viewport.ya &&
    a.viewport.yb === b.viewport.yb &&
    a.c?.re === b.c?.re &&
    a.c?.im === b.c?.im
  );
}
