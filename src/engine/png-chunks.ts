/** Length, type and CRC of a chunk. */
export const AROUND_CHUNK = 12;
export const IMAGE_DATA = 0x49444154; // IDAT
/** Deflate with a window of 32 KiB, no preset dictionary. */
export const ZLIB_HEADER = Uint8Array.of(0x78, 0x01);
