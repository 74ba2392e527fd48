import { expect, it } from 'vitest';
import { estimateOf, estimateWords, type Pace } from '../../web/src/state/estimate.ts';

const WORKERS = { count: 2, threads: 8 };
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
/** 10^8 steps in so many seconds of one thread. */
const drawn = (duration: number, state: 'done' | 'failed' = 'done') => ({
  ...{ state, duration, width: 1000, height: 1000, iterations: 25, samples: 2 },
});

it('follows from what the workers deliver, and from what is queued before it', () => {
  const estimate = estimateOf(6e9, pace({ throughput: throughput(2e8), outstanding_steps: 1e9 }));
  expect(estimate).toEqual({ alone: 30, queued: 5 });
  expect(estimateWords(estimate)).toBe('about 30 s, after 5 s of what is queued');
});

it('knows of an idle farm by what it has drawn before: its best thread, times all threads', () => {
  // 10^8 steps a second of one thread at best; small pictures, of which most of the time is none of drawing, tell less.
  const lately = [drawn(4), drawn(1), drawn(0.001, 'failed'), { ...drawn(9), duration: null }];
  expect(estimateOf(1.6e10, pace({}, lately))).toEqual({ alone: 20, queued: 0 });
  expect(estimateOf(1.6e10, pace({ throughput: throughput(1.6e9) }, lately))).toEqual({ alone: 10, queued: 0 });
});

it('says why it does not know', () => {
  const paused = { since: '2026-11-26T05:00:00.000Z', by: null, why: null };
  expect(estimateOf(1, pace({ pause: paused }, [drawn(1)]))).toBe('paused');
  expect(estimateOf(1, pace({ workers: { count: 0, threads: 0 } }, [drawn(1)]))).toBe('no worker');
  expect(estimateOf(1, pace({}))).toBe('nothing drawn');
  for (const reason of ['paused', 'no worker', 'nothing drawn'] as const)
    expect(estimateWords(reason)).toMatch(/paused|no worker|nothing was drawn/);
});

it('is told in units that people count in', () => {
  const about = (alone: number) => estimateWords({ alone, queued: 0 });
  expect([0.2, 9.94, 200, 10_000, 400_000].map(about)).toEqual([
    'about a second',
    'about 9.9 s',
    'about 3 min',
    'about 3 hours',
    'about 5 days',
  ]);
});
