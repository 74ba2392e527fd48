/*
 * Memory map of one kernel instance, in bytes. The memory is imported and holds one band:
 *
 *   0x00_0000  LANES     working state of the escape-time loops (64 KiB)
 *   0x01_0000  COLUMNS   f64 × 65,536: real part sampled by each column of the picture
 *   0x09_0000  ROWS      f64 × 65,536: imaginary part sampled by each row of the band
 *   0x11_0000  COUNTS    u32 × 2^18: escape counts of the band, row-major
 *   0x21_0000  FILTERED  u8 × (2^18 + 65,536): per row the PNG filter byte and one palette index per pixel
 *   0x26_0000  (64 KiB that vector loads and stores may touch past an end)
 *   0x27_0000  end
 *
 * A band has at most 2^18 pixels and 65,535 rows, or one row of at most 65,535 pixels (src/domain/band.ts).
 */
export const LANES: usize = 0;
export const COLUMNS: usize = 0x01_0000;
export const ROWS: usize = 0x09_0000;
export const COUNTS: usize = 0x11_0000;
export const FILTERED: usize = 0x21_0000;
export const END: usize = 0x27_0000;

/** Notes the escape count of a pixel of the band. */
@inline
export function storeCount(pixel: i32, count: i32): void {
  store<i32>(COUNTS + (<usize>pixel << 2), count);
}
