import { plainSum, weightedSum } from './filter';
import { COUNTS, FILTERED } from './memory';

const ADLER_BASE: u64 = 65_521;

/**
 * Turns the counts of `rows` rows, from that pixel of the tile on, into what the PNG compresses: per row the filter byte 0 (None) and one byte a pixel,
 * the index into the palette of 32 colours that the counts go round and round. An orbit that never left is coloured as
 * if it had left at the last test.
 * @returns Adler-32 of those bytes, unsigned
 * Source: docs/references.md#adler32
 */
export function paintClassic(firstPixel: i32, width: i32, rows: i32, iterations: i32): u32 {
  let s1: u64 = 1;
  let s2: u64 = 0;
  let from = COUNTS + (<usize>firstPixel << 2);
  let to = FILTERED;
  for (let row = 0; row < rows; row++) {
    store<u8>(to++, 0);
    s2 += s1;
    let column = 0;
    for (; column + 16 <= width; column += 16) {
      const indices = indexSixteen(from, iterations - 1);
      v128.store(to, indices);
      s2 += (s1 << 4) + weightedSum(indices);
      s1 += plainSum(indices);
      from += 64;
      to += 16;
    }
    for (; column < width; column++) {
      const index = min(load<u32>(from), <u32>(iterations - 1)) & 31;
      store<u8>(to++, <u8>index);
      s1 += index;
      s2 += s1;
      from += 4;
    }
    // The longest row, 65,535 bytes of at most 255, stays far below 2^64.
    s1 %= ADLER_BASE;
    s2 %= ADLER_BASE;
  }
  return <u32>((s2 << 16) | s1);
}

@inline
function indexSixteen(counts: usize, never: i32): v128 {
  const most = i32x4.splat(never);
  const low = i16x8.narrow_i32x4_u(indexFour(counts, most), indexFour(counts + 16, most));
  const high = i16x8.narrow_i32x4_u(indexFour(counts + 32, most), indexFour(counts + 48, most));
  return i8x16.narrow_i16x8_u(low, high);
}

@inline
function indexFour(counts: usize, most: v128): v128 {
  return v128.and(i32x4.min_u(v128.load(counts), most), i32x4.splat(31));
}
