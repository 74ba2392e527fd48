import { describe, expect, it } from 'vitest';
import { costOf } from '../../src/domain/spec.ts';
import type { Fractal } from '../../web/src/api/client.ts';
import { estimateOf, estimateWords, type Pace } from '../../web/src/state/estimate.ts';
import { aSpec } from '../support/specs.ts';

const THREADS = 8;
const WORKERS = { count: 2, threads: THREADS };
const pace = (status: Partial<Pace['status']>, lately: Pace['lately'] = []): Pace => ({
  status: {
    pause: null,
    workers: WORKERS,
    throughput: { bands_per_second: 0, pixels_per_second: 0, steps_per_second: 0 },
    outstanding_steps: 0,
    ...status,
  },
  lately,
});
const throughput = (steps_per_second: number) => ({ bands_per_second: 1, pixels_per_second: 1, steps_per_second });

/** Not mirrored, in 16 bands, two for each thread. */
const ORDERED = aSpec({
  viewport: { xa: -1.5, xb: 1.5, ya: -1, yb: 1.2 },
  ...{ width: 4000, height: 2048, iterations: 25, samples: 1 },
});
const COST = Number(costOf(ORDERED));

/** A finished one of 10^8 steps in so many seconds of threads; it shows what is ordered. */
function drawn(duration: number, override: Partial<Fractal> = {}): Fractal {
  const { viewport, c, cSource, ...same } = ORDERED;
  const given = { ...same, ...viewport, c_re: c!.re, c_im: c!.im, c_source: cSource };
  const about = {
    uuid: '',
    url: '',
    owner: null,
    checksum: null,
    size: 1,
    progress: 1,
    bands: 1,
    generated_by: null,
    error: null,
  };
  const at = { created_at: '', finished_at: '' };
  return { ...about, ...at, ...given, state: 'done', duration, width: 1000, height: 1000, samples: 2, ...override };
}
const other = (duration: number): Fractal => drawn(duration, { c_re: 0.3, c_im: 0.5 });
/** Of 64 x 48 points; nearly all of its time is none of counting. */
const small = (duration: number, override: Partial<Fractal> = {}): Fractal =>
  drawn(duration, { width: 64, height: 48, samples: 1, ...override });
const stepsOf = ({ width, height, iterations, samples }: Fractal): number => width * height * iterations * samples ** 2;

describe('the estimate', () => {
  it('follows from a picture that shows the same, at whatever size, times all threads', () => {
    // 10^8 steps a second of one thread at best: whatever disturbed the others made them slower.
    const lately = [drawn(4), drawn(1), other(0.1), drawn(0.001, { state: 'failed' }), drawn(9, { duration: null })];
    const alone = COST / 1e8 / THREADS;
    expect(estimateOf(ORDERED, pace({}, lately))).toEqual({ least: alone, most: alone, queued: 0 });
    const wider = { ...ORDERED, viewport: { xa: 1.6, xb: -1.6, ya: -1, yb: 1.2 } };
    expect(estimateOf(wider, pace({}, lately))).toMatchObject({ least: alone, most: alone });
    for (const changed of [
      { iterations: 26 },
      { shade: 0.5 },
      { palette: 'ember' as const },
      { viewport: { xa: -0.75, xb: 0.75, ya: -0.5, yb: 0.6 } },
    ])
      expect(estimateOf({ ...ORDERED, ...changed }, pace({}, lately))).not.toMatchObject({ least: expect.closeTo(alone, 1) });
  });

  it('is not led astray by small pictures, whose time is mostly none of drawing', () => {
    // They seem to be drawn at a thirtieth of the speed.
    const smalls = Array.from({ length: 10 }, () => small(0.025));
    const slow = stepsOf(smalls[0]!) / 0.025;
    const alone = COST / 1e8 / THREADS;
    expect(COST / slow / THREADS / alone).toBeGreaterThan(30);
    expect(estimateOf(ORDERED, pace({}, [...smalls, drawn(1)]))).toMatchObject({ most: alone });
    // They show the same: so much larger ones take no longer. They show something else: nothing is known.
    expect(estimateOf(ORDERED, pace({}, smalls))).toEqual({ least: 0, most: COST / slow / THREADS, queued: 0 });
    const others = smalls.map((fractal) => ({ ...fractal, c_re: 0.3 }));
    expect(estimateOf(ORDERED, pace({}, others))).toBe('only small ones');
    // Nor by what they let the workers deliver.
    expect(estimateOf(ORDERED, pace({ throughput: throughput(1e6) }, others))).toBe('only small ones');
  });

  it('is a range where only pictures that show something else tell, about their median', () => {
    const lately = [other(1), other(9), other(2), small(0.001)];
    const speed = 1e8 / 2;
    const alone = COST / speed / THREADS;
    expect(estimateOf(ORDERED, pace({}, lately))).toEqual({ least: alone / 2, most: alone * 2, queued: 0 });
  });

  it('knows from what is delivered at the moment how long the queue takes, and a bound where nothing else tells', () => {
    const busy = { throughput: throughput(2e8), outstanding_steps: 1e9 };
    expect(estimateOf(ORDERED, pace(busy))).toEqual({ least: 0, most: COST / 2e8, queued: 5 });
    expect(estimateOf(ORDERED, pace(busy, [drawn(1)]))).toMatchObject({ most: COST / 1e8 / THREADS, queued: 1e9 / 8e8 });
    expect(estimateOf(ORDERED, pace({ ...busy, outstanding_steps: 0 }))).toBe('nothing drawn');
  });

  it('counts on no more threads than the picture has bands', () => {
    const lately = [drawn(1)];
    const [few, many] = [{ ...ORDERED, width: 512, height: 512 }, ORDERED];
    expect(estimateOf(few, pace({}, lately))).toMatchObject({ most: Number(costOf(few)) / 1e8 });
    const farm = { workers: { count: 300, threads: 2400 } };
    expect(estimateOf(many, pace(farm, lately))).toMatchObject({ most: COST / 1e8 / 16 });
  });

  it('says why it does not know', () => {
    const paused = { since: '2026-11-26T05:00:00.000Z', by: null, why: null };
    expect(estimateOf(ORDERED, pace({ pause: paused }, [drawn(1)]))).toBe('paused');
    expect(estimateOf(ORDERED, pace({ workers: { count: 0, threads: 0 } }, [drawn(1)]))).toBe('no worker');
    expect(estimateOf(ORDERED, pace({}))).toBe('nothing drawn');
    for (const reason of ['paused', 'no worker', 'nothing drawn', 'only small ones'] as const)
      expect(estimateWords(reason)).toMatch(/paused|no worker|nothing was drawn|only small pictures/);
  });
});

it('is told in units that people count in, and never closer than it is known', () => {
  const about = (alone: number) => estimateWords({ least: alone, most: alone, queued: 0 });
  expect([0.2, 9.94, 200, 10_000, 400_000].map(about)).toEqual([
    'about a second',
    'about 9.9 s',
    'about 3 min',
    'about 3 hours',
    'about 5 days',
  ]);
  const between = (least: number, most: number, queued = 0) => estimateWords({ least, most, queued });
  expect([between(0, 0.4), between(0, 12), between(0.3, 1.2), between(5, 20, 5)]).toEqual([
    'about a second',
    'less than 12 s',
    'less than 1.2 s',
    '5 s to 20 s, going by other pictures, after 5 s of what is queued',
  ]);
});
