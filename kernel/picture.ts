/*
 * All of the kernel that no formula decides: where the pixels of a tile lie, and what becomes of their counts. memory.ts has the memory map.
 */
export { COUNTS, DEFLATED, END, FILTERED, GRADIENT, GRADIENT_SRGB, PIXELS, SQUARES, TO_SRGB } from './memory';
export { paintClassic } from './paint';
export { copyImages, sample } from './sample';
