import { FILTERED, PIXELS } from './memory';

/*
 * PNG filters: each row of PIXELS becomes, in FILTERED, its filter byte and what is left of its bytes when what is expected has been taken away.
 * Source: docs/references.md#png
 */
const SUB: u8 = 1;
const UP: u8 = 2;
const COLOURS: i32 = 3;
const ADLER_BASE: u64 = 65_521;

/**
 * Filters rows of three bytes a pixel, from that pixel of the tile on: Sub in the first, so that it needs none above it, Up below.
 * @returns Adler-32 of FILTERED, unsigned
 */
export function filterColours(firstPixel: i32, width: i32, rows: i32): u32 {
  const rowBytes = width * COLOURS;
  let from = PIXELS + <usize>(firstPixel * COLOURS);
  let to = FILTERED;
  store<u8>(to, SUB);
  for (let i = 0; i < rowBytes; i++) {
    const left = i < COLOURS ? 0 : load<u8>(from + i - COLOURS);
    store<u8>(to + 1 + i, load<u8>(from + i) - left);
  }
  for (let row = 1; row < rows; row++) {
    from += rowBytes;
    to += rowBytes + 1;
    store<u8>(to, UP);
    // The last vector may write beyond the row: the next one writes over that.
    for (let i = 0; i < rowBytes; i += 16) {
      v128.store(to + 1 + i, i8x16.sub(v128.load(from + i), v128.load(from + i - rowBytes)));
    }
  }
  return adler32(FILTERED, rows * (rowBytes + 1));
}

/** Adler-32 of so many bytes. Source: docs/references.md#adler32 */
export function adler32(address: usize, length: i32): u32 {
  let s1: u64 = 1;
  let s2: u64 = 0;
  let at = address;
  let left = length;
  while (left > 0) {
    // Sums of so many bytes of at most 255 stay far below 2^64.
    const piece = min(left, 65_536);
    const end = at + piece;
    for (; at + 16 <= end; at += 16) {
      const bytes = v128.load(at);
      s2 += (s1 << 4) + weightedSum(bytes);
      s1 += plainSum(bytes);
    }
    for (; at < end; at++) {
      s1 += load<u8>(at);
      s2 += s1;
    }
    s1 %= ADLER_BASE;
    s2 %= ADLER_BASE;
    left -= piece;
  }
  return <u32>((s2 << 16) | s1);
}

/** Sum of sixteen bytes. */
@inline
export function plainSum(bytes: v128): u64 {
  return sumOfLanes(i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes)));
}

/** 16·b0 + 15·b1 + … + 1·b15: how often each byte enters the second sum. */
@inline
export function weightedSum(bytes: v128): u64 {
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(bytes), i16x8(16, 15, 14, 13, 12, 11, 10, 9));
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(bytes), i16x8(8, 7, 6, 5, 4, 3, 2, 1));
  return sumOfLanes(i32x4.add(low, high));
}

@inline
function sumOfLanes(lanes: v128): u64 {
  const halves = i32x4.add(lanes, v128.shuffle<i32>(lanes, lanes, 2, 3, 0, 1));
  return <u64>(<u32>(i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1)));
}
