import { cutOf } from '../../../src/domain/band.ts';
import { costOf, type Spec } from '../../../src/domain/spec.ts';
import type { FarmStatus, Fractal } from '../api/client.ts';
import { formatSeconds } from '../format.ts';
import { showsThe } from './alike.ts';

/** What an estimate needs to know of the farm. */
export interface Pace {
  readonly status: Pick<FarmStatus, 'workers' | 'throughput' | 'outstanding_steps' | 'pause'>;
  /** drawn lately: they tell how fast a thread is */
  readonly lately: readonly Fractal[];
}

/** Seconds. */
export interface Estimate {
  /** of drawing it: so many at least, 0 where only a bound is known; and so many at most, the same where a picture alike tells */
  readonly least: number;
  readonly most: number;
  /** of what is to be drawn before it */
  readonly queued: number;
}
type Unknown = 'paused' | 'no worker' | 'nothing drawn' | 'only small ones';

/**
 * Sampled points from which on a picture tells how fast its thread was: of a smaller one, most of the time is spent on its thumbnail, on waking a thread,
 * on code that is compiled.
 */
const TELLING_POINTS = 2 ** 18;
/**
 * A cost is an upper bound of the steps: with the same cost, the slowest of the presets takes 13 times as long as the fastest, and two of three are within
 * this factor of their median.
 */
const OTHERS_FACTOR = 2;

/** How long the farm is likely to take; or why that is not known. */
export function estimateOf(spec: Spec, { status, lately }: Pace): Estimate | Unknown {
  const { workers, throughput, outstanding_steps: outstanding, pause } = status;
  if (pause) return 'paused';
  if (workers.count === 0) return 'no worker';
  const drawn = lately.filter(({ state, duration }) => state === 'done' && duration);
  const telling = drawn.filter((fractal) => pointsOf(fractal) >= TELLING_POINTS);
  const alike = (fractals: readonly Fractal[]) => fractals.filter((fractal) => showsThe(spec, fractal)).map(speedOf);
  const others = median(telling.map(speedOf));
  // What is being delivered counts the moments without work, and what small ones cost beside drawing: it is no more than a bound.
  const delivered = outstanding > 0 ? throughput.steps_per_second / workers.threads : 0;
  const bound = Math.max(delivered, median(alike(drawn)));
  // Of the same view the fastest is the truest: whatever disturbs a thread makes it slower.
  const same = Math.max(0, ...alike(telling));
  const [fastest, slowest] =
    same > 0 ? [same, same] : others > 0 ? [others * OTHERS_FACTOR, others / OTHERS_FACTOR] : [Number.POSITIVE_INFINITY, bound];
  if (slowest === 0) return drawn.length > 0 ? 'only small ones' : 'nothing drawn';
  const steps = stepsOfOneThread(spec, workers.threads);
  const speed = Math.max(throughput.steps_per_second, (others || slowest) * workers.threads);
  return { least: steps / fastest, most: steps / slowest, queued: outstanding / speed };
}

const pointsOf = ({ width, height, samples }: Fractal): number => width * height * samples ** 2;

/** Steps a second of one thread: a duration is the time of the threads that drew, and of nothing else. */
const speedOf = (fractal: Fractal): number => Number(costOf(fractal)) / fractal.duration!;

/** What the busiest thread draws of it, at most: no more threads than bands have something to do. */
function stepsOfOneThread(spec: Spec, threads: number): number {
  const { bands } = cutOf(spec);
  return (Number(costOf(spec)) / bands) * Math.ceil(bands / threads);
}

/** 0 of none. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** The estimate for people. */
export function estimateWords(estimate: ReturnType<typeof estimateOf>): string {
  switch (estimate) {
    case 'paused':
      return 'not before the queue goes on: it is paused';
    case 'no worker':
      return 'there is no worker now';
    case 'nothing drawn':
      return 'not known yet: nothing was drawn lately';
    case 'only small ones':
      return 'not known yet: only small pictures were drawn lately';
  }
  const { queued } = estimate;
  return `${aloneWords(estimate)}${queued > 1 ? `, after ${formatSpan(queued)} of what is queued` : ''}`;
}

function aloneWords({ least, most }: Estimate): string {
  if (most < 1 || least === most) return `about ${formatSpan(most)}`;
  return least < 1 ? `less than ${formatSpan(most)}` : `${formatSpan(least)} to ${formatSpan(most)}, going by other pictures`;
}

function formatSpan(seconds: number): string {
  if (seconds < 1) return 'a second';
  if (seconds < 7200) return formatSeconds(Number(seconds.toPrecision(2)));
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} hours` : `${Math.round(seconds / 86_400)} days`;
}
