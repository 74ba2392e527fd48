/**
 * log2 of both lanes, with an error below 2^-36: the exponent, and for the mantissa m within a factor of √2 of 1 the series
 * ln m = 2·(s + s³/3 + s⁵/5 + …) with s = (m − 1)/(m + 1). In a fixed order of operations, so that results do not depend on who computes them.
 * @param x positive, normal and finite
 */
@inline
export function log2(x: v128): v128 {
  const biased = i64x2.shr_u(x, 52);
  const mantissa = v128.or(v128.and(x, i64x2.splat(0x000f_ffff_ffff_ffff)), i64x2.splat(0x3ff0_0000_0000_0000));
  const isLarge = f64x2.gt(mantissa, f64x2.splat(1.4142135623730951));
  const m = v128.bitselect(f64x2.mul(mantissa, f64x2.splat(0.5)), mantissa, isLarge);
  // A lane of isLarge is -1 where the exponent is one more.
  const exponent = i64x2.sub(i64x2.sub(biased, i64x2.splat(1023)), isLarge);
  const low = v128.shuffle<i32>(exponent, exponent, 0, 2, 0, 2);
  const e = f64x2.convert_low_i32x4_s(low);
  const one = f64x2.splat(1);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const s2 = f64x2.mul(s, s);
  let sum = f64x2.splat(1.0 / 13.0);
  sum = f64x2.add(f64x2.mul(sum, s2), f64x2.splat(1.0 / 11.0));
  sum = f64x2.add(f64x2.mul(sum, s2), f64x2.splat(1.0 / 9.0));
  sum = f64x2.add(f64x2.mul(sum, s2), f64x2.splat(1.0 / 7.0));
  sum = f64x2.add(f64x2.mul(sum, s2), f64x2.splat(1.0 / 5.0));
  sum = f64x2.add(f64x2.mul(sum, s2), f64x2.splat(1.0 / 3.0));
  sum = f64x2.add(f64x2.mul(sum, s2), one);
  return f64x2.add(e, f64x2.mul(f64x2.mul(s, sum), f64x2.splat(2.8853900817779268)));
}
