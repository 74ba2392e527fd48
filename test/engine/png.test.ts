import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/domain/engine.ts';
import type { Spec } from '../../src/domain/spec.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { pngOf } from './png-of.ts';
import { around, juliaSpec, mandelbrotSpec, VIEWS } from './views.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(() => engine[Symbol.asyncDispose]());

/** The picture as it is documented, word for word: not by way of the engine's own code. */
function documentedPixels({ formula, c, viewport, width, height, iterations }: Spec): Buffer {
  const { xa, xb, ya, yb } = viewport;
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sx = width === 1 ? (xa + xb) / 2 : (x * (xb - xa)) / (width - 1) + xa;
      const sy = height === 1 ? (ya + yb) / 2 : (y * (yb - ya)) / (height - 1) + ya;
      let [zx, zy, cx, cy] = formula === 'julia' ? [sx, sy, c!.re, c!.im] : [0, 0, sx, sy];
      let i = 0;
      while (i < iterations - 1 && zx * zx + zy * zy <= 4) {
        [zx, zy] = [zx * zx - zy * zy + cx, 2 * zx * zy + cy];
        i++;
      }
      pixels.set([(i % 8) * 32, (i % 16) * 16, (i % 32) * 8], (y * width + x) * 3);
    }
  }
  return pixels;
}

interface Chunk {
  readonly type: string;
  readonly content: Buffer;
  readonly crc: number;
}

function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const end = at + 8 + length;
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), content: png.subarray(at + 8, end), crc: png.readUInt32BE(end) });
    at = end + 4;
  }
  return chunks;
}

/** CRC-32 bit by bit, as the PNG standard's annex defines it. */
function crcOf(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

const WHOLE = { xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
const RABBIT = { re: -0.123, im: 0.745 };

describe('the PNG file', () => {
  it.each<[string, Spec]>([
    ['one band', VIEWS.J1(200)],
    ['the documented sample window', VIEWS.F(512)],
    ['several bands, the last one shorter', juliaSpec(RABBIT, WHOLE, 1001, 600, 90)],
    ['several bands because iterations are many', mandelbrotSpec(around(1.5, 1.5, 1), 64, 50, 16_777_216)],
    ['the Mandelbrot set', VIEWS.M1(150)],
    ['a mirrored window', juliaSpec(RABBIT, { xa: 2, xb: -1, ya: 1.5, yb: -1.25 }, 123, 77, 100)],
    ['a constant beyond |c| = 2', juliaSpec({ re: -2.3, im: 0.01 }, WHOLE, 99, 98, 100)],
    ['one iteration', juliaSpec(RABBIT, WHOLE, 40, 30, 1)],
    ['one pixel', juliaSpec(RABBIT, WHOLE, 1, 1, 100)],
    ['the longest row', juliaSpec(RABBIT, WHOLE, 65_535, 1, 100)],
    ['the longest column', juliaSpec(RABBIT, WHOLE, 1, 65_535, 100)],
    ['the longest rows, several bands', juliaSpec(RABBIT, WHOLE, 65_535, 9, 20)],
  ])('decodes to the documented picture: %s', async (_, spec) => {
    const { data, info } = await sharp(await pngOf(engine, spec), { limitInputPixels: false, failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([spec.width, spec.height, 3]);
    const expected = documentedPixels(spec);
    const at = data.compare(expected) === 0 ? -1 : data.findIndex((byte, i) => byte !== expected[i]);
    expect(at, 'offset of the first byte that differs').toBe(-1);
  });

  it('has the chunks of an indexed PNG, with their checksums', async () => {
    const png = await pngOf(engine, juliaSpec(RABBIT, { ...WHOLE, yb: 1.4 }, 1000, 500, 50));
    expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    const chunks = chunksOf(png);
    expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'tEXt', 'iTXt', 'PLTE', 'IDAT', 'IDAT', 'IDAT', 'IEND']);
    for (const { type, content, crc } of chunks) expect(crc).toBe(crcOf(Buffer.concat([Buffer.from(type), content])));
    expect([...chunks[0]!.content]).toEqual([0, 0, 3, 232, 0, 0, 1, 244, 8, 3, 0, 0, 0]);
    expect(chunks[3]!.content.length).toBe(3 * 32);
    expect([...chunks[3]!.content.subarray(-3)]).toEqual([224, 240, 248]);
  });

  it('ends each band on a byte boundary, so that none depends on another', async () => {
    const png = await pngOf(engine, juliaSpec(RABBIT, WHOLE, 1000, 500, 50));
    const bands = chunksOf(png).filter(({ type, content }) => type === 'IDAT' && content.length > 6);
    for (const { content } of bands) expect(content.subarray(-4).toString('hex')).toBe('0000ffff');
  });
});
