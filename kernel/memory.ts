/*
 * Memory map of one kernel, in bytes. The memory is imported, shared by all its modules, and holds one tile:
 *
 *   0x00_0000  LANES           working state of the escape-time loops (60 KiB)
 *   0x00_f000  CONSTANTS       vectors of two equal numbers (4 KiB)
 *   0x01_0000  COLUMNS         f64 × 65,536: real part sampled by each column of the first run's rows
 *   0x09_0000  MIRROR_COLUMNS  f64 × 65,536: the same for the mirror run's rows
 *   0x11_0000  OPEN_COLUMNS    f64 × 65,536: those of MIRROR_COLUMNS that must be counted, because they mirror no column
 *   0x19_0000  OPEN_INDICES    u32 × 65,536: their column numbers
 *   0x1d_0000  ROWS            f64 × 65,536: imaginary part sampled by each row, the first run's and then the mirror run's
 *   0x25_0000  COUNTS          u32 × 2^18: escape counts, row-major
 *   0x35_0000  SQUARES         f64 × 2^18: |z|² some steps after the escape (smooth palettes)
 *   0x55_0000  SUMS            u32 × 3 × 2^18: red, green and blue in linear light, over all samples
 *   0x85_0000  PIXELS          u8 × 3 × 2^18: red, green and blue, or one palette index a pixel
 *   0x92_0000  FILTERED        u8 × (3 × 2^18 + 65,536): per row the PNG filter byte and the filtered pixels
 *   0x9f_0000  GRADIENT        u16 × 4 × 4096: linear light; filled by the host
 *   0x9f_8000  GRADIENT_SRGB   u8 × 4 × 4096; filled by the host
 *   0x9f_c000  (16 KiB)
 *   0xa0_0000  TO_SRGB         u8 × 65,536: sRGB of linear light; filled by the host
 *   0xa1_0000  SCRATCH         1 MiB for the order of pixels by their counts, and then for the encoder
 *   0xb1_0000  DEFLATED        1 MiB
 *   0xc1_0000  LIGHTS          f32 × 2^18: how light each pixel is in the shade of the set, 0..1 (with shade)
 *   0xd1_0000  (64 KiB that vector loads and stores may touch past an end)
 *   0xd2_0000  end
 *
 * A tile has at most 2^18 pixels and 65,535 columns and rows.
 */
export const LANES: usize = 0;
export const CONSTANTS: usize = 0x00_f000;
export const COLUMNS: usize = 0x01_0000;
export const MIRROR_COLUMNS: usize = 0x09_0000;
export const OPEN_COLUMNS: usize = 0x11_0000;
export const OPEN_INDICES: usize = 0x19_0000;
export const ROWS: usize = 0x1d_0000;
export const COUNTS: usize = 0x25_0000;
export const SQUARES: usize = 0x35_0000;
export const SUMS: usize = 0x55_0000;
export const PIXELS: usize = 0x85_0000;
export const FILTERED: usize = 0x92_0000;
export const GRADIENT: usize = 0x9f_0000;
export const GRADIENT_SRGB: usize = 0x9f_8000;
export const TO_SRGB: usize = 0xa0_0000;
export const SCRATCH: usize = 0xa1_0000;
export const DEFLATED: usize = 0xb1_0000;
export const LIGHTS: usize = 0xc1_0000;
export const END: usize = 0xd2_0000;

@inline
export function storeCount(pixel: i32, count: i32): void {
  store<i32>(COUNTS + (<usize>pixel << 2), count);
}

@inline
export function storeSquare(pixel: i32, square: f64): void {
  store<f64>(SQUARES + (<usize>pixel << 3), square);
}
