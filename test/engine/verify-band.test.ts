import { constants, inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bandOf, cutOf } from '../../src/domain/band.ts';
import type { Engine, RenderedBand } from '../../src/domain/engine.ts';
import { pixelBytes, type Spec } from '../../src/domain/spec.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { createPngFrame } from '../../src/engine/png.ts';
import { ENGINE_VERSION } from '../../src/engine/version.ts';
import { chunkOf, deflated, EMPTY, forgeRuns, stored } from '../support/forge-band.ts';
import { pngOf } from './png-of.ts';
import { juliaSpec, mandelbrotSpec, VIEWS } from './views.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(() => engine[Symbol.asyncDispose]());

const { verifyBand, verifyThumbnail, head, tail } = createPngFrame();
const WHOLE = { xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
const RABBIT = { re: -0.123, im: 0.745 };
const PLAIN = juliaSpec(RABBIT, { ...WHOLE, yb: 1.4 }, 1000, 500, 50);
const MIRRORED = juliaSpec(RABBIT, WHOLE, 1000, 500, 50);
const ODD = juliaSpec(RABBIT, WHOLE, 7, 3, 50);
const COLOURED: Spec = { ...MIRRORED, palette: 'ember', density: 900, interior: '#000000', samples: 2 };
const LONG_ROWS = juliaSpec(RABBIT, WHOLE, 65_535, 9, 20);
const SLOW = mandelbrotSpec({ xa: -1, xb: -0.9, ya: 0.2, yb: 0.3 }, 64, 50, 16_777_216);

async function drawn(spec: Spec, number: number) {
  const band = bandOf(spec.height, cutOf(spec), number);
  return { band, rendered: await engine.renderBand(spec, band) };
}

describe('a delivered band', () => {
  it.each<[string, Spec, number]>([
    ['the first one', PLAIN, 0],
    ['one in the middle', PLAIN, 1],
    ['the first mirrored one', MIRRORED, 0],
    ['the last mirrored one', MIRRORED, cutOf(MIRRORED).bands - 1],
    ['of few rows', ODD, 0],
    ['in colours that hardly deflate', COLOURED, 1],
    ['of the longest rows', LONG_ROWS, 0],
    ['of the longest rows, the last', LONG_ROWS, cutOf(LONG_ROWS).bands - 1],
    ['of a single pixel', juliaSpec(RABBIT, WHOLE, 1, 1, 100), 0],
    ['of the largest size', juliaSpec(RABBIT, WHOLE, 8192, 8192, 10), 3],
    ['of one value', { ...VIEWS.J1(2), iterations: 1 }, 0],
  ])('is known for what it is, wherever it lies in memory: %s', async (_, spec, number) => {
    const { band, rendered } = await drawn(spec, number);
    expect(await verifyBand(rendered, spec, band)).toBeNull();
    const elsewhere = Buffer.concat([Buffer.from('.'), rendered.bytes]).subarray(1);
    expect(await verifyBand({ ...rendered, bytes: elsewhere }, spec, band)).toBeNull();
  });

  it('may be deflated in another way', async () => {
    const { band, rendered } = await drawn(PLAIN, 1);
    const rows = inflateRawSync(rendered.bytes.subarray(8, -4), { finishFlush: constants.Z_SYNC_FLUSH });
    for (const content of [Buffer.concat([stored(rows), EMPTY]), deflated(rows)]) {
      const bytes = chunkOf('IDAT', content);
      expect(await verifyBand({ ...rendered, bytes, split: bytes.length }, PLAIN, band)).toBeNull();
    }
  });

  it('is known among many that are looked at at once', async () => {
    const { band, rendered } = await drawn(MIRRORED, 1);
    const verdicts = await Promise.all(Array.from({ length: 40 }, () => verifyBand(rendered, MIRRORED, band)));
    expect(new Set(verdicts)).toEqual(new Set([null]));
  });

  it('is none when any of its bytes is another, or it is cut short, or too long, or split elsewhere', async () => {
    const { band, rendered } = await drawn(MIRRORED, 1);
    const { bytes, split } = rendered;
    const verdict = (change: Partial<RenderedBand>) => verifyBand({ ...rendered, ...change }, MIRRORED, band);
    for (const at of [0, 3, 4, 8, 100, split - 1, split, split + 5, bytes.length - 1]) {
      const damaged = bytes.slice();
      damaged[at] = damaged[at]! ^ 1;
      expect(await verdict({ bytes: damaged }), `byte ${at}`).not.toBeNull();
    }
    for (const length of [0, 1, 11, 12, split - 1, split, split + 1, bytes.length - 1]) {
      const short = { bytes: bytes.subarray(0, length), split: Math.min(length, split) };
      expect(await verdict(short), `${length} bytes`).not.toBeNull();
    }
    for (const wrong of [-1, 0, split - 1, split + 1, bytes.length, bytes.length + 1]) {
      expect(await verdict({ split: wrong }), `split at ${wrong}`).not.toBeNull();
    }
    expect(await verdict({ bytes: Buffer.concat([bytes, Buffer.from('!')]) })).not.toBeNull();
    for (const adler of ['adler', 'mirrorAdler'] as const) {
      expect(await verdict({ [adler]: (rendered[adler] ^ 1) >>> 0 })).toMatch(/Adler-32/);
    }
  });

  it('is none of another picture, or of other rows of the same', async () => {
    const { band, rendered } = await drawn(MIRRORED, 1);
    expect(await verifyBand(rendered, { ...MIRRORED, width: 999 }, band)).not.toBeNull();
    expect(await verifyBand(rendered, { ...MIRRORED, palette: 'ember' }, band)).not.toBeNull();
    expect(await verifyBand(rendered, MIRRORED, { ...band, mirror: null })).toMatch(/second run/);
    const wider = { firstRow: band.rows.firstRow, lastRow: band.rows.lastRow + 1 };
    expect(await verifyBand(rendered, MIRRORED, { ...band, rows: wider })).not.toBeNull();
    const first = bandOf(MIRRORED.height, cutOf(MIRRORED), 0);
    expect(await verifyBand(rendered, MIRRORED, first)).not.toBeNull();
  });

  it.each<[string, Spec, number]>([
    ['that begins the stream', PLAIN, 0],
    ['in the middle', PLAIN, 1],
    ['in colours', { ...COLOURED, viewport: PLAIN.viewport }, 1],
  ])('is none when somebody made it up: one %s', async (_, spec, number) => {
    const { band, rendered } = await drawn(spec, number);
    const run = { chunk: rendered.bytes, adler: rendered.adler, hasHeader: number === 0 };
    const forged = forgeRuns(run, 1 + spec.width * pixelBytes(spec));
    expect(forged.length).toBeGreaterThan(20);
    for (const { name, chunk, adler } of forged) {
      const result = { ...rendered, bytes: chunk, split: chunk.length, adler };
      expect(await verifyBand(result, spec, band), name).not.toBeNull();
    }
  });

  it('does not cost the memory that a bomb asks for', async () => {
    const { band, rendered } = await drawn(PLAIN, 1);
    const run = { chunk: rendered.bytes, adler: rendered.adler, hasHeader: false };
    const bomb = forgeRuns(run, 1001).find(({ name }) => name.startsWith('a bomb'))!;
    const before = process.memoryUsage.rss();
    await Promise.all(
      Array.from({ length: 20 }, () => verifyBand({ ...rendered, bytes: bomb.chunk, split: bomb.chunk.length }, PLAIN, band)),
    );
    expect(process.memoryUsage.rss() - before).toBeLessThan(48 * 2 ** 20);
  });

  it.each<[string, Uint8Array]>([
    ['a text', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ['zeros', new Uint8Array(100)],
    ['the head of a PNG file', head(PLAIN, ENGINE_VERSION)],
    ['its tail', tail(PLAIN, [])],
    ['a length of almost 4 GiB', Buffer.from('ffffffff4944415400000000', 'hex')],
  ])('is not %s', async (_, bytes) => {
    const { band, rendered } = await drawn(PLAIN, 0);
    expect(await verifyBand({ ...rendered, bytes, split: bytes.length }, PLAIN, band)).toMatch(/not one IDAT/);
  });

  it('is no whole picture', async () => {
    const { band, rendered } = await drawn(PLAIN, 0);
    const bytes = await pngOf(engine, PLAIN);
    expect(await verifyBand({ ...rendered, bytes, split: bytes.length }, PLAIN, band)).not.toBeNull();
  });
});

describe('a delivered thumbnail', () => {
  it.each<[string, Spec]>([
    ['of a large picture', MIRRORED],
    ['of a small one', ODD],
    ['of a long one', LONG_ROWS],
    ['of a slow one', { ...SLOW, iterations: 1000 }],
    ['in colours', COLOURED],
  ])('is known for what it is: %s', async (_, spec) => {
    const { bytes } = await engine.renderThumbnail(spec);
    expect(verifyThumbnail(bytes, spec)).toBeNull();
    expect(verifyThumbnail(Buffer.concat([Buffer.from('.'), bytes]).subarray(1), spec)).toBeNull();
  });

  it('is none of another size, kind or length', async () => {
    const bytes = Buffer.from((await engine.renderThumbnail(MIRRORED)).bytes);
    expect(verifyThumbnail(bytes, { ...MIRRORED, height: 700 })).toBe('it has 320 x 160 pixels in place of 320 x 224');
    for (const at of [0, 4, 8, 12, 16, 20, 23, 26, 27, 28, 29]) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1;
      expect(verifyThumbnail(damaged, MIRRORED), `byte ${at}`).not.toBeNull();
    }
    for (const length of [0, 12, 29, bytes.length - 1])
      expect(verifyThumbnail(bytes.subarray(0, length), MIRRORED)).not.toBeNull();
    expect(verifyThumbnail(Buffer.concat([bytes, Buffer.from('<script>')]), MIRRORED)).toMatch(/length/);
    const behind = Buffer.concat([bytes, Buffer.from('EXIF\x08\0\0\0<script>', 'latin1')]);
    behind.writeUInt32LE(behind.length - 8, 4);
    expect(verifyThumbnail(behind, MIRRORED)).toMatch(/length/);
  });
});
