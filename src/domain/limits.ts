/** What one order may ask for, and how much may be outstanding; operators can only lower the sides and iterations. */
export interface Limits {
  /** pixels */
  readonly maxSide: number;
  readonly maxIterations: number;
  /** width x height x iterations x samples² of one order */
  readonly maxCost: bigint;
  /** the same of all unfinished orders of one client together */
  readonly maxClientCost: bigint;
  /** the same of all unfinished orders */
  readonly maxOutstandingCost: bigint;
}

export const HARD_LIMITS = {
  maxSide: 65_535,
  maxIterations: 16_777_216,
  /** magnitude of a viewport's bounds and of c: no square of it overflows */
  maxCoordinate: 1e100,
  maxDensity: 1000,
  /** per pixel and side */
  maxSamples: 16,
} as const;

export const MIN_POWER = 2;
export const MAX_POWER = 8;

export const DEFAULT_LIMITS: Limits = {
  maxSide: HARD_LIMITS.maxSide,
  maxIterations: HARD_LIMITS.maxIterations,
  /** allows 30,000 x 30,000 pixels at 10,000 iterations */
  maxCost: 10_000_000_000_000n,
  maxClientCost: 100_000_000_000_000n,
  maxOutstandingCost: 1_000_000_000_000_000n,
};
