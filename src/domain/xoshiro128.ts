/**
 * xoshiro128** 1.1 (Blackman and Vigna, 2018), its state filled by SplitMix32 from a 32-bit seed.
 * @param seed unsigned 32-bit
 * @returns a function giving doubles in [0, 1) with 53 random bits: 27 bits of one output, then 26 of the next
 * Source: docs/references.md#xoshiro128
 */
export function xoshiro128(seed: number): () => number {
  const split = splitMix32(seed);
  let a = split();
  let b = split();
  let c = split();
  let d = split();
  const next = (): number => {
    const scaled = Math.imul(b, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

/** SplitMix32: a counter stepped by the golden ratio, mixed with the MurmurHash3 finaliser. */
function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) | 0;
  };
}
