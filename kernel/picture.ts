/*
 * All of the kernel that no formula decides: where the pixels of a tile lie, and what becomes of their counts. memory.ts has the memory map.
 */
export { addClassic, addSmooth, clearSums, paintSmooth, resolveSums, setColours } from './colour';
export { COUNTS, DEFLATED, END, FILTERED, GRADIENT, GRADIENT_SRGB, LIGHTS, PIXELS, SQUARES, TO_SRGB } from './memory';
export { paintClassic } from './paint';
export { copyImages, sample, setGrid } from './sample';
export { deflate } from './deflate';
export { adler32, filterColours } from './filter';
