import { PALETTE_TABLE, type Palette } from '../domain/palettes.ts';
import { linearOf, mixedInOklab } from './oklab.ts';

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

/**
 * Control colours, at equal distances. twilight, viridis and magma are matplotlib's, thinned out; the others are our own.
 * Source: docs/references.md#gradients
 */
const STOPS: Readonly<Record<Exclude<Palette, 'classic'>, string>> = {
  ember: '#0b0206 #4a0d14 #a8200d #f0731a #ffd87a #fff6dc #d88a3a #5a1a1e',
  lagoon: '#03121f #063a5b #0b7a8f #35b8a6 #b7ecd2 #fdfbe8 #8fc9c4 #1f5a78',
  aurora: '#07021a #1c1150 #2a4fa0 #1ea48e #8be05c #f2f7b0 #c46ac0 #4a1a6a',
  twilight: '#e2d9e2 #9ebbc9 #6785be #5e43a5 #2f1436 #8e2c50 #ba6657 #ceac94',
  orchid: '#12041c #4b0f4f #a02a7a #e86a92 #ffc9c9 #fff3ea #b69be0 #4a3a8c',
  forest: '#06120a #12351d #2f6b33 #7fa645 #dcd68a #fbf6dd #a58a5c #3b2a1c',
  sepia: '#120b06 #3a2414 #7a5230 #b88a58 #e4c99a #fbf3df',
  viridis: '#440154 #482878 #3e4a89 #31688e #26828e #1f9e89 #35b779 #6ece58 #b5de2b #fde725',
  magma: '#000004 #180f3d #440f76 #721f81 #9e2f7f #cd4071 #f1605d #fd9668 #feca8d #fcfdbf',
};

/** Colours in a gradient's table, which the kernel goes round and round. */
export const GRADIENT_COLOURS = 4096;

/**
 * Linear light, 0..65,535, as red, green, blue and nothing, of each colour of the table of a palette.
 * @param distinct of a gradient, a divisor of all: fewer take less time, for a glance
 */
export function gradientOf(palette: Palette, distinct = GRADIENT_COLOURS): Uint16Array {
  if (palette === 'classic') {
    const table = new Uint16Array(4 * GRADIENT_COLOURS);
    for (let i = 0; i < 32; i++) table.set([...CLASSIC_BYTES.subarray(3 * i, 3 * i + 3)].map(linearOf), 4 * i);
    return table;
  }
  const stops = STOPS[palette].split(' ').map(parseColour);
  // Back and forth: the stops between the ends come a second time, the other way round.
  const round = PALETTE_TABLE[palette].cyclic ? stops : [...stops, ...stops.slice(1, -1).reverse()];
  const mixed = mixedInOklab(round, distinct);
  if (distinct === GRADIENT_COLOURS) return mixed;
  const table = new Uint16Array(4 * GRADIENT_COLOURS);
  const each = GRADIENT_COLOURS / distinct;
  for (let i = 0; i < GRADIENT_COLOURS; i++) {
    const from = 4 * Math.floor(i / each);
    table.set(mixed.subarray(from, from + 4), 4 * i);
  }
  return table;
}

/** @param text #rrggbb @returns red, green and blue, 0..255 */
export function parseColour(text: string): readonly [red: number, green: number, blue: number] {
  const bits = Number.parseInt(text.slice(1), 16);
  return [bits >> 16, (bits >> 8) & 255, bits & 255];
}
