/**
 * The documented colours: R = i mod 8 · 32, G = i mod 16 · 16, B = i mod 32 · 8. They repeat after 32, which is what
 * lets the kernel write i mod 32 as the index of a pixel.
 */
function classic(): Uint8Array {
  const colours = Array.from({ length: 32 }, (_, i) => [(i % 8) * 32, (i % 16) * 16, i * 8]);
  return Uint8Array.from(colours.flat());
}

/** Red, green and blue of each colour, 0..255, as in PNG's PLTE chunk. */
export const CLASSIC_BYTES: Uint8Array = classic();
