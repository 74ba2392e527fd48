import { HARD_LIMITS, MAX_POWER, MIN_POWER } from './limits.ts';

/** Which values a number of an order may have. */
export interface Bounds {
  /** inclusive, unless `isAboveMin` */
  readonly min: number;
  /** inclusive */
  readonly max: number;
  readonly isWhole?: true;
  readonly isAboveMin?: true;
}

const COORDINATE: Bounds = { min: -HARD_LIMITS.maxCoordinate, max: HARD_LIMITS.maxCoordinate };
const SIDE: Bounds = { min: 1, max: HARD_LIMITS.maxSide, isWhole: true };
const SHARE: Bounds = { min: 0, max: 1 };

/** The numbers of an order, under their names on the wire. The API's schema is made of this table, and the command line checks with it. */
export const ORDER_BOUNDS = {
  power: { min: MIN_POWER, max: MAX_POWER, isWhole: true },
  width: SIDE,
  height: SIDE,
  iterations: { min: 1, max: HARD_LIMITS.maxIterations, isWhole: true },
  xa: COORDINATE,
  xb: COORDINATE,
  ya: COORDINATE,
  yb: COORDINATE,
  c_re: COORDINATE,
  c_im: COORDINATE,
  seed: { min: 0, max: 0xffff_ffff, isWhole: true },
  density: { min: 0, max: HARD_LIMITS.maxDensity, isAboveMin: true },
  offset: SHARE,
  shade: SHARE,
  samples: { min: 1, max: HARD_LIMITS.maxSamples, isWhole: true },
} as const satisfies Record<string, Bounds>;

export const INTERIOR_PATTERN = /^#[0-9a-fA-F]{6}$/;

/** What a value beyond its bounds must be: `must be at most 16`; null for a value within them. */
export function complaintOf(value: number, { min, max, isWhole, isAboveMin }: Bounds): string | null {
  if (!Number.isFinite(value)) return 'must be a finite number';
  if (isAboveMin ? value <= min : value < min) return `must be ${isAboveMin ? 'above' : 'at least'} ${min}`;
  if (value > max) return `must be at most ${max}`;
  return isWhole && !Number.isInteger(value) ? 'must be a whole number' : null;
}
