import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Band } from '../../src/domain/band.ts';
import type { Engine } from '../../src/domain/engine.ts';
import type { Spec } from '../../src/domain/spec.ts';
import { drawPng } from '../../src/engine/draw-png.ts';
import { createEngine, openPool, PooledEngine } from '../../src/engine/engine.ts';
import { createPngFrame } from '../../src/engine/png.ts';
import { ENGINE_VERSION } from '../../src/engine/version.ts';
import { SIEGEL_DISC } from '../support/orders.ts';
import { until } from '../support/until.ts';
import { collect, pngOf } from './png-of.ts';
import { juliaSpec, VIEWS } from './views.ts';

const WHOLE = { xa: -2, xb: 2, ya: -1.5, yb: 1.5 };

/** One band that takes many seconds: 2^34 tests. */
const ENDLESS = juliaSpec(
  { re: SIEGEL_DISC.c_re, im: SIEGEL_DISC.c_im },
  { xa: -0.4, xb: -0.34, ya: -0.36, yb: -0.32 },
  512,
  512,
  65_536,
);
const rows = (lastRow: number): Band => ({ rows: { firstRow: 0, lastRow }, mirror: null });
const ALL_OF_IT = rows(512);

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function expectWorks(engine: Engine): Promise<void> {
  const { bytes, sha256: checksum } = await engine.renderBand(VIEWS.J1(32), rows(32));
  expect(checksum).toBe(sha256(bytes));
}

/** Threads of this process by their niceness. Source: proc(5), field 19 */
function threadsAt(niceness: number): number {
  const stats = readdirSync('/proc/self/task').map((task) => readFileSync(`/proc/self/task/${task}/stat`, 'utf8'));
  return stats.filter((stat) => Number(stat.split(') ').at(-1)!.split(' ')[16]) === niceness).length;
}

describe('the engine', () => {
  it.runIf(process.platform === 'linux')('draws in the background when it is told to, with these threads alone', async () => {
    const niceness = Math.max(10, getPriority());
    const before = threadsAt(niceness);
    await using engine = await createEngine({ threads: 1 });
    await expectWorks(engine);
    if (getPriority() < niceness) expect(threadsAt(niceness)).toBe(before);
    await using background = await createEngine({ threads: 2, isBackground: true });
    await expectWorks(background);
    await until(() => threadsAt(niceness) >= before + 2);
  });

  it('draws the same bytes with one thread and with two', async () => {
    await using one = await createEngine({ threads: 1 });
    await using two = await createEngine({ threads: 2 });
    expect([one.threads, two.threads]).toEqual([1, 2]);
    for (const spec of [VIEWS.J1(900), VIEWS.M1(700)]) {
      expect(sha256(await pngOf(two, spec))).toBe(sha256(await pngOf(one, spec)));
    }
  });

  /*
   * The checksum of a picture is a promise to whoever ordered it. When one of these changes, and it has to,
   * raise ENGINE_VERSION: bands of one picture must not come from two engines.
   */
  it('draws the pictures whose checksums were promised', async () => {
    const promised = JSON.parse(await readFile(new URL('./checksums.json', import.meta.url), 'utf8'));
    const pictures: Record<string, Spec> = {
      J1: VIEWS.J1(640),
      J2: VIEWS.J2(333),
      M1: VIEWS.M1(400),
      M2: VIEWS.M2(200),
      F: VIEWS.F(1024),
      'smooth J1': { ...VIEWS.J1(640), palette: 'ember', interior: '#000000' },
      'smooth M2, samples': { ...VIEWS.M2(150), palette: 'viridis', density: 2.5, offset: 0.3, interior: '#203040', samples: 3 },
      'classic, samples': { ...VIEWS.M1(99), samples: 2 },
      'shaded J1': { ...VIEWS.J1(200), palette: 'lagoon', interior: '#000000', shade: 0.8 },
      'shaded ship, samples': {
        ...VIEWS.M1(99),
        formula: 'burning-ship',
        palette: 'ember',
        interior: '#000000',
        shade: 1,
        samples: 2,
      },
      'burning ship': { ...VIEWS.M1(200), formula: 'burning-ship', palette: 'magma', interior: '#000000' },
      'tricorn, Julia': { ...VIEWS.J2(151), formula: 'tricorn', palette: 'orchid', interior: '#ffffff' },
      'multibrot 5': { ...VIEWS.M1(200), formula: 'multibrot', power: 5, palette: 'forest', interior: '#000000' },
      'one pixel': juliaSpec({ re: -0.8, im: 0.156 }, WHOLE, 1, 1, 512),
      'mirrored, beyond |c| = 2': juliaSpec({ re: -2.2, im: 0.01 }, { xa: 2, xb: -2, ya: 1.5, yb: -1.5 }, 301, 299, 128),
    };
    await using engine = await createEngine({ threads: 2 });
    const checksums: Record<string, string> = {};
    for (const [name, spec] of Object.entries(pictures)) checksums[name] = sha256(await pngOf(engine, spec));
    expect({ engineVersion: ENGINE_VERSION, checksums }).toEqual(promised);
  });

  it('gives buffers of their own, exactly as long as the band', async () => {
    await using engine = await createEngine({ threads: 1 });
    const { bytes, renderMs } = await engine.renderBand(VIEWS.J1(32), rows(32));
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
    expect(renderMs).toBeGreaterThan(0);
  });

  it('refuses rows outside the picture', async () => {
    await using engine = await createEngine({ threads: 1 });
    await expect(engine.renderBand(VIEWS.J1(32), rows(33))).rejects.toMatchObject({ code: 'invalid' });
    await expectWorks(engine);
  });
});

describe('an abort', () => {
  it('ends a band in work, and the thread goes on with the next', async () => {
    await using engine = await createEngine({ threads: 1 });
    const control = new AbortController();
    const rendering = engine.renderBand(ENDLESS, ALL_OF_IT, control.signal);
    const reason = new Error('nobody needs it');
    setTimeout(() => control.abort(reason), 150);
    await expect(rendering).rejects.toBe(reason);
    await expectWorks(engine);
  });

  it('drops a band that waits without waiting for the one before it', async () => {
    await using engine = await createEngine({ threads: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const running = engine.renderBand(ENDLESS, ALL_OF_IT, first.signal);
    const ended = expect(running).rejects.toThrow('first');
    await soon(150);
    const waiting = engine.renderBand(ENDLESS, ALL_OF_IT, second.signal);
    second.abort(new Error('second'));
    await expect(waiting).rejects.toThrow('second');
    first.abort(new Error('first'));
    await ended;
    await expectWorks(engine);
  });

  it('that came before the call is obeyed', async () => {
    await using engine = await createEngine({ threads: 1 });
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(engine.renderBand(ENDLESS, ALL_OF_IT, signal)).rejects.toThrow('too late');
  });

  it('of a whole picture ends all its bands', async () => {
    await using engine = await createEngine({ threads: 2 });
    const pieces = drawPng(engine, createPngFrame(), { ...ENDLESS, height: 4000 }, AbortSignal.timeout(200));
    await expect(collect(pieces)).rejects.toMatchObject({ name: 'TimeoutError' });
    await expectWorks(engine);
  });

  it('is what leaving the loop over a picture comes to', async () => {
    await using engine = await createEngine({ threads: 1 });
    for await (const piece of drawPng(engine, createPngFrame(), VIEWS.J1(1500))) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    await expectWorks(engine);
  });
});

describe('a thread that dies', () => {
  it('fails its band as unavailable, and another takes its place', async () => {
    const pool = await openPool(1);
    await using engine = new PooledEngine(pool);
    const rendering = engine.renderBand(ENDLESS, ALL_OF_IT);
    const failed = expect(rendering).rejects.toMatchObject({ name: 'Fault', code: 'unavailable' });
    await soon(150);
    await pool.threads[0]!.terminate();
    await failed;
    await expectWorks(engine);
  });

  it('while it has nothing to do is replaced, too', async () => {
    const pool = await openPool(1);
    await using engine = new PooledEngine(pool);
    await expectWorks(engine);
    await pool.threads[0]!.terminate();
    await expectWorks(engine);
  });
});

/** Threads that some pictures make go wrong, with the engine's own limits. */
const openUnwellPool = () => openPool(1, new URL('./unwell-thread.ts', import.meta.url));
const unwell = (iterations: number): Spec => ({ ...VIEWS.J1(32), iterations });

describe('a thread that goes wrong', () => {
  it.each([
    ['takes more memory than it may', 102],
    ['ends itself', 103],
  ])('and %s fails its band as unavailable; the pool goes on, as often as it happens', async (_, iterations) => {
    await using engine = new PooledEngine(await openUnwellPool());
    for (let time = 0; time < 2; time++) {
      const rendering = engine.renderBand(unwell(iterations), rows(32));
      await expect(rendering).rejects.toMatchObject({ name: 'Fault', code: 'unavailable' });
      await expectWorks(engine);
    }
  });

  it('and hears no abort is ended, and another takes its place, as often as it happens', async () => {
    await using engine = new PooledEngine(await openUnwellPool(), 100);
    for (let time = 0; time < 2; time++) {
      const rendering = engine.renderBand(unwell(101), rows(32), AbortSignal.timeout(200));
      const waiting = engine.renderBand(VIEWS.J1(32), rows(32));
      await expect(rendering).rejects.toMatchObject({ name: 'TimeoutError' });
      expect((await waiting).bytes.length).toBeGreaterThan(0);
      await expectWorks(engine);
    }
  });
});

describe('a closed engine', () => {
  it('fails the bands in work, refuses more, and may be closed again', async () => {
    const engine = await createEngine({ threads: 1 });
    const failed = expect(engine.renderBand(ENDLESS, ALL_OF_IT)).rejects.toMatchObject({ code: 'unavailable' });
    await soon(100);
    await Promise.all([engine[Symbol.asyncDispose](), engine[Symbol.asyncDispose]()]);
    await failed;
    await expect(engine.renderBand(VIEWS.J1(8), rows(8))).rejects.toMatchObject({ code: 'unavailable' });
    await engine[Symbol.asyncDispose]();
  });
});
