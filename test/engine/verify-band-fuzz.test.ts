import { constants, crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Band } from '../../src/domain/band.ts';
import type { Engine, RenderedBand } from '../../src/domain/engine.ts';
import { pixelBytes, type Spec } from '../../src/domain/spec.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { createPngFrame } from '../../src/engine/png.ts';
import { adlerOf, chunkOf, EMPTY, stored } from '../support/forge-band.ts';
import { plainInflateRun } from '../support/plain-inflate.ts';
import { juliaSpec } from './views.ts';

/* What any bytes at all may do to the parser that stands between workers and the store. BANDS=100000 tries more, SEED=7 the same again. */

const RUNS = { numRuns: Number(process.env.BANDS ?? 4_000), seed: Number(process.env.SEED ?? Date.now() % 1e9) };
/** A verdict takes a millisecond; with a processor that others use, too, not this. */
const HANGS_MS = 20_000;
const { verifyBand, verifyThumbnail } = createPngFrame();

const RABBIT = { re: -0.123, im: 0.745 };
const WHOLE = { xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
const PLAIN = juliaSpec(RABBIT, { ...WHOLE, yb: 1.4 }, 90, 60, 50);
const COLOURED: Spec = { ...PLAIN, palette: 'ember', density: 900, interior: '#000000' };
const PLACES: readonly (readonly [Spec, Band])[] = [
  [PLAIN, { rows: { firstRow: 0, lastRow: 20 }, mirror: null }],
  [PLAIN, { rows: { firstRow: 20, lastRow: 45 }, mirror: null }],
  [COLOURED, { rows: { firstRow: 40, lastRow: 60 }, mirror: null }],
  [juliaSpec(RABBIT, WHOLE, 64, 50, 50), { rows: { firstRow: 0, lastRow: 25 }, mirror: { firstRow: 25, lastRow: 50 } }],
  [juliaSpec(RABBIT, WHOLE, 1, 1, 50), { rows: { firstRow: 0, lastRow: 1 }, mirror: null }],
];
const MIB = 2 ** 20;
/** So many times as long as it is inflated, with a beginning and an end wherever one cuts it. */
const ZEROS = deflateRawSync(Buffer.alloc(MIB), { finishFlush: constants.Z_SYNC_FLUSH, level: 9 });
const BOMBS = [1, 2, 16].map((count) => Buffer.concat(Array<Buffer>(count).fill(ZEROS)));

let engine: Engine;
let bands: RenderedBand[];
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
  bands = await Promise.all(PLACES.map(([spec, band]) => engine.renderBand(spec, band)));
});
afterAll(() => engine[Symbol.asyncDispose]());

const place = fc.nat(PLACES.length - 1);
const at = fc.nat(20_000);
const some = fc.uint8Array({ maxLength: 40 });

/** What is done to the deflated rows of a run, or to the rows before they are deflated again. */
const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ how: fc.constant('flip'), at, mask: fc.integer({ min: 1, max: 255 }) }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constant('cut'), at, length: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constant('insert'), at, bytes: some }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constant('splice'), at, from: place, start: at, length: fc.nat(400) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      how: fc.constant('end'),
      bytes: fc.constantFrom(EMPTY, EMPTY.subarray(1), Buffer.of(1, 0, 0, 255, 255)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ how: fc.constant('replace'), bytes: fc.uint8Array({ maxLength: 600 }) }) },
  { weight: 1, arbitrary: fc.record({ how: fc.constant('bomb'), size: fc.nat(BOMBS.length - 1) }) },
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

const forgery = fc.record({
  place,
  run: fc.nat(1),
  /** what the changes are made to: the rows, deflated again in one of three ways, or what the engine has deflated */
  inside: fc.constantFrom('deflated', 'deflated', 'stored', 'fixed', 'strong'),
  changes: fc.array(change, { maxLength: 3 }),
  /** whether length and CRC of the chunk are made to fit again */
  fits: fc.constantFrom('all', 'all', 'all', 'crc', 'none'),
  adler: fc.oneof({ weight: 6, arbitrary: fc.constant('right' as const) }, fc.constant('told' as const), fc.maxSafeNat()),
  split: fc.oneof({ weight: 8, arbitrary: fc.constant('right' as const) }, fc.integer({ min: -5, max: 5_000 })),
});
type Forgery = typeof forgery extends fc.Arbitrary<infer T> ? T : never;

function changed(bytes: Buffer, each: Change): Buffer {
  const here = 'at' in each ? each.at % (bytes.length + 1) : 0;
  const [before, after] = [bytes.subarray(0, here), bytes.subarray(here)];
  if ('mask' in each) {
    const copy = Buffer.from(bytes);
    if (here < copy.length) copy[here]! ^= each.mask;
    return copy;
  }
  if ('start' in each) {
    const other = bands[each.from]!.bytes;
    const start = each.start % other.length;
    return Buffer.concat([before, other.subarray(start, start + each.length), after.subarray(each.length)]);
  }
  if ('length' in each) return Buffer.concat([before, after.subarray(each.length)]);
  if ('size' in each) return BOMBS[each.size]!;
  if (each.how === 'insert') return Buffer.concat([before, each.bytes, after]);
  return each.how === 'end' ? Buffer.concat([bytes, each.bytes]) : Buffer.from(each.bytes);
}

const again = (rows: Uint8Array, how: 'stored' | 'fixed' | 'strong'): Buffer => {
  if (how === 'stored') return Buffer.concat([stored(rows), EMPTY]);
  const strategy = how === 'fixed' ? constants.Z_FIXED : constants.Z_DEFAULT_STRATEGY;
  return deflateRawSync(rows, { level: 9, strategy, finishFlush: constants.Z_SYNC_FLUSH });
};

const wellFormed = (bytes: Uint8Array): string | undefined =>
  bytes.length < 12 || Buffer.from(bytes).readUInt32BE(0) !== bytes.length - 12
    ? undefined
    : Buffer.from(bytes).toString('latin1', 4, 8);

/** The rows of one run as somebody else reads it; null where it is none. */
function rowsOf(chunk: Uint8Array, firstRow: number, length: number): Uint8Array | null {
  if (wellFormed(chunk) !== 'IDAT' || crc32(chunk.subarray(4, -4)) !== Buffer.from(chunk).readUInt32BE(chunk.length - 4))
    return null;
  const content = Buffer.from(chunk.subarray(8, -4));
  if (firstRow === 0 && content.toString('hex', 0, 2) !== '7801') return null;
  const rows = plainInflateRun(content.subarray(firstRow === 0 ? 2 : 0), length + 1);
  return rows?.length === length ? rows : null;
}

function forge(wish: Forgery): { readonly spec: Spec; readonly band: Band; readonly forged: RenderedBand } {
  const [spec, band] = PLACES[wish.place]!;
  const true_ = bands[wish.place]!;
  const isSecond = wish.run === 1 && band.mirror !== null;
  const chunks = [true_.bytes.subarray(0, true_.split), true_.bytes.subarray(true_.split)];
  const chunk = chunks[isSecond ? 1 : 0]!;
  const rows = isSecond ? band.mirror! : band.rows;
  const header = rows.firstRow === 0 ? 2 : 0;
  const rowBytes = 1 + spec.width * pixelBytes(spec);
  const length = (rows.lastRow - rows.firstRow) * rowBytes;
  const deflated = Buffer.from(chunk.subarray(8 + header, -4));
  const apply = (bytes: Buffer) => wish.changes.reduce(changed, bytes);
  const content =
    wish.inside === 'deflated' ? apply(deflated) : again(apply(Buffer.from(rowsOf(chunk, rows.firstRow, length)!)), wish.inside);
  const whole = chunkOf('IDAT', Buffer.concat([chunk.subarray(8, 8 + header), content]));
  if (wish.fits !== 'all') whole.set(chunk.subarray(0, 4));
  if (wish.fits === 'none') whole.set(chunk.subarray(-4), whole.length - 4);
  const told = isSecond ? true_.mirrorAdler : true_.adler;
  const given = wish.adler === 'right' ? plainInflateRun(content, length + 1) : null;
  const adler = given ? adlerOf(given) : typeof wish.adler === 'number' ? wish.adler % 2 ** 32 : told;
  const bytes = isSecond ? Buffer.concat([chunks[0]!, whole]) : Buffer.concat([whole, chunks[1]!]);
  const split = wish.split === 'right' ? (isSecond ? true_.split : whole.length) : wish.split;
  return { spec, band, forged: { ...true_, bytes, split, ...(isSecond ? { mirrorAdler: adler } : { adler }) } };
}

/** Whether they are runs of so many rows, each with a filter that there is and the Adler-32 that was told. */
function isTrue({ bytes, split, adler, mirrorAdler }: RenderedBand, spec: Spec, { rows, mirror }: Band): boolean {
  const rowBytes = 1 + spec.width * pixelBytes(spec);
  if (split < 0 || split > bytes.length || (mirror === null && split !== bytes.length)) return false;
  const runs = [
    [bytes.subarray(0, split), rows, adler] as const,
    ...(mirror ? [[bytes.subarray(split), mirror, mirrorAdler] as const] : []),
  ];
  return runs.every(([chunk, { firstRow, lastRow }, sum]) => {
    const found = rowsOf(chunk, firstRow, (lastRow - firstRow) * rowBytes);
    return found !== null && adlerOf(found) === sum && found.every((byte, i) => i % rowBytes !== 0 || byte <= 4);
  });
}

describe('a delivered band that anybody may have made', () => {
  it('costs the memory of its rows, not what a bomb asks for', async () => {
    const spec = { ...COLOURED, width: 1_000, height: 1_000 };
    const band = { rows: { firstRow: 100, lastRow: 300 }, mirror: null };
    const before = process.resourceUsage().maxRSS;
    // The longest that are inflated at all: 585 KiB give 585 MiB, each.
    for (let round = 0; round < 10; round++) {
      const bombs = Array.from({ length: 6 }, (_, i) => chunkOf('IDAT', Buffer.concat(Array<Buffer>(570 + i).fill(ZEROS))));
      const verdicts = bombs.map((bytes) => verifyBand({ ...bands[1]!, bytes, split: bytes.length }, spec, band));
      expect(new Set(await Promise.all(verdicts))).toEqual(
        new Set(['its data do not give the rows and the Adler-32 that were told']),
      );
    }
    expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(96 * MIB);
  });

  it('is taken when another decoder finds its rows, and refused in a sentence when not; nothing is thrown', async () => {
    let [taken, refused] = [0, 0];
    const property = fc.asyncProperty(forgery, async (wish) => {
      const { spec, band, forged } = forge(wish);
      const verdict = await verifyBand(forged, spec, band);
      if (verdict !== null) expect(verdict).toMatch(/^\w[\w' -]+[\w]$/);
      // What is longer than its rows is refused, whatever it holds.
      const isLong = verdict === 'it is longer than its rows make it';
      expect(isLong || (verdict === null) === isTrue(forged, spec, band), verdict ?? 'taken').toBe(true);
      if (verdict === null) taken++;
      else refused++;
    });
    await fc.assert(property, { ...RUNS, timeout: HANGS_MS });
    // Of both there were enough for the above to mean something.
    expect(Math.min(taken, refused)).toBeGreaterThan(RUNS.numRuns / 20);
  }, 300_000);

  it('is none when it is any bytes at all', async () => {
    const property = fc.asyncProperty(place, fc.uint8Array({ maxLength: 2_000 }), fc.integer(), async (n, bytes, split) => {
      const [spec, band] = PLACES[n]!;
      for (const each of [bytes, chunkOf('IDAT', bytes), chunkOf('IDAT', Buffer.concat([Buffer.of(0x78, 1), bytes, EMPTY]))])
        for (const where of [split, each.length])
          expect(typeof (await verifyBand({ ...bands[n]!, bytes: each, split: where }, spec, band))).toBe('string');
    });
    await fc.assert(property, { ...RUNS, numRuns: RUNS.numRuns / 4, timeout: HANGS_MS });
  }, 300_000);
});

describe('a delivered thumbnail that anybody may have made', () => {
  it('is a WebP of that size as far as it is taken, and refused in a sentence when not', async () => {
    const true_ = Buffer.from((await engine.renderThumbnail(PLAIN)).bytes);
    const property = fc.property(fc.array(change, { maxLength: 3 }), fc.boolean(), (changes, isOfRightLength) => {
      const bytes = Buffer.from(changes.reduce(changed, true_));
      if (isOfRightLength && bytes.length > 20) {
        bytes.writeUInt32LE(bytes.length - 8, 4);
        bytes.writeUInt32LE(bytes.length - 20, 16);
      }
      const verdict = verifyThumbnail(bytes, PLAIN);
      if (verdict !== null) return void expect(verdict).toMatch(/^\w[\w' -]+\w$/);
      expect(bytes.toString('latin1', 0, 4) + bytes.toString('latin1', 8, 16)).toBe('RIFFWEBPVP8 ');
      expect([bytes.readUInt16LE(26), bytes.readUInt16LE(28)]).toEqual([90, 60]);
      expect(Math.abs(bytes.length - 8 - bytes.readUInt32LE(4))).toBe(0);
    });
    fc.assert(property, RUNS);
  });
});
