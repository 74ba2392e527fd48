import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { Spec } from '../../src/domain/spec.ts';
import { plainCounts } from '../../src/engine/plain-kernel.ts';
import type { Drawing } from './program.ts';

/** A picture of fewer colours shows too little to be compared. */
const FEWEST_COLOURS = 16;

/**
 * Whether a picture shows `drawn`, in whatever colours: the share of pixels that have the colour which most pixels with the same escape count
 * have, and the colour of the inside if, and only if, they are inside: a program that stops early fails. Without such a colour, the share of
 * the pixels outside. 1 is the same counts throughout; our views drawn half a pixel off have 0.79 (M2) to 0.98 (J2).
 */
export async function agreementOf({ output, inside, drawn }: Drawing): Promise<number> {
  const counts = countsOf(drawn);
  const pixels = await colours(output, counts.length);
  if (new Set(pixels).size < FEWEST_COLOURS) return 0;
  const tallies = new Map<number, Map<number, number>>();
  let compared = 0;
  for (const [pixel, count] of counts.entries()) {
    if (inside === null && count === drawn.iterations) continue;
    compared++;
    const colour = pixels[pixel]!;
    if (inside !== null && (colour === inside) !== (count === drawn.iterations)) continue;
    const tally = tallies.get(count) ?? new Map<number, number>();
    tallies.set(count, tally.set(colour, (tally.get(colour) ?? 0) + 1));
  }
  let agreeing = 0;
  for (const tally of tallies.values()) agreeing += Math.max(...tally.values());
  return agreeing / compared;
}

const counted = new Map<string, Uint32Array>();

function countsOf(spec: Spec): Uint32Array {
  const key = JSON.stringify(spec);
  const counts = counted.get(key) ?? plainCounts(spec, { firstRow: 0, lastRow: spec.height });
  counted.set(key, counts);
  return counts;
}

/** @returns 0xRRGGBB of each pixel, row-major */
async function colours(path: string, pixels: number): Promise<Uint32Array> {
  const rgb = path.endsWith('.ppm')
    ? ppmBytes(path, pixels)
    : await sharp(path).removeAlpha().toColourspace('srgb').raw().toBuffer();
  if (rgb.length !== pixels * 3) throw new Error(`${path} has ${rgb.length / 3} pixels, not ${pixels}`);
  return Uint32Array.from({ length: pixels }, (_, pixel) => rgb.readUIntBE(pixel * 3, 3));
}

/** The end of the file, after a header of a few words; sharp reads no PPM. Source: ppm(5) */
function ppmBytes(path: string, pixels: number): Buffer {
  const file = readFileSync(path);
  return file.subarray(Math.max(0, file.length - pixels * 3));
}
