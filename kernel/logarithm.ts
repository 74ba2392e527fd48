import { CONSTANTS } from './memory';

/*
 * log2 of both lanes of a vector: the exponent, and for the mantissa m within a factor of √2 of 1 the odd function of s = (m − 1)/(m + 1) that ln m
 * is, interpolated at Chebyshev's nodes. In a fixed order of operations, so that results do not depend on who computes them.
 * Source: docs/references.md#logarithm
 *
 * Its constants lie in memory: as literals each would cost three instructions at each use.
 */

/** The bits of √½, the least mantissa that the series gets. */
const ROOT_OF_HALF: usize = CONSTANTS;
/** 2^52, whose last bit counts ones. */
const COUNTER: usize = CONSTANTS + 16;
const ONE: usize = CONSTANTS + 32;
const SERIES: usize = CONSTANTS + 48;
/** Where other constants may lie. */
export const AFTER_LOGARITHM: usize = CONSTANTS + 112;

/** To be called before the first log2. */
export function startLogarithm(): void {
  v128.store(ROOT_OF_HALF, i64x2.splat(0x3fe6_a09e_667f_3bcd));
  v128.store(COUNTER, f64x2.splat(4503599627370496));
  v128.store(ONE, f64x2.splat(1));
  v128.store(SERIES, f64x2.splat(2.8853900798033365));
  v128.store(SERIES, f64x2.splat(0.96179883880211), 16);
  v128.store(SERIES, f64x2.splat(0.5767151860190234), 32);
  v128.store(SERIES, f64x2.splat(0.43171769745887384), 48);
}

/**
 * Its error is below 2^-31.
 * @param x at least √½, finite
 */
@inline
export function log2(x: v128): v128 {
  const exponent = i64x2.shr_u(i64x2.sub(x, v128.load(ROOT_OF_HALF)), 52);
  const m = i64x2.sub(x, i64x2.shl(exponent, 52));
  const e = f64x2.sub(v128.or(exponent, v128.load(COUNTER)), v128.load(COUNTER));
  const one = v128.load(ONE);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const s2 = f64x2.mul(s, s);
  let sum = f64x2.add(f64x2.mul(v128.load(SERIES, 48), s2), v128.load(SERIES, 32));
  sum = f64x2.add(f64x2.mul(sum, s2), v128.load(SERIES, 16));
  sum = f64x2.add(f64x2.mul(sum, s2), v128.load(SERIES));
  return f64x2.add(e, f64x2.mul(s, sum));
}
