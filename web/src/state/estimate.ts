import { costOf } from '../../../src/domain/spec.ts';
import type { FarmStatus, Fractal } from '../api/client.ts';
import { formatSeconds } from '../format.ts';

/** What an estimate needs to know of the farm. */
export interface Pace {
  readonly status: Pick<FarmStatus, 'workers' | 'throughput' | 'outstanding_steps' | 'pause'>;
  /** drawn lately: they tell how fast an idle farm is */
  readonly lately: readonly Pick<Fractal, 'state' | 'duration' | 'width' | 'height' | 'iterations' | 'samples'>[];
}

/** Seconds: of drawing it, and of what is to be drawn before. */
export interface Estimate {
  readonly alone: number;
  readonly queued: number;
}

/** How long the farm is likely to take; or why that is not known. @param cost steps, at most */
export function estimateOf(cost: number, { status, lately }: Pace): Estimate | 'paused' | 'no worker' | 'nothing drawn' {
  if (status.pause) return 'paused';
  if (status.workers.count === 0) return 'no worker';
  // What they deliver now; of an idle farm, what they could by what they have drawn before.
  const speed = Math.max(status.throughput.steps_per_second, threadSpeedOf(lately) * status.workers.threads);
  if (speed === 0) return 'nothing drawn';
  return { alone: cost / speed, queued: status.outstanding_steps / speed };
}

/** Steps a second of one thread, 0 when nothing tells; the best of them: of small pictures most of the time is none of drawing. */
function threadSpeedOf(lately: Pace['lately']): number {
  const speeds = lately.flatMap((fractal) =>
    fractal.state === 'done' && fractal.duration ? [Number(costOf(fractal)) / fractal.duration] : [],
  );
  return Math.max(0, ...speeds);
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
  }
  const { alone, queued } = estimate;
  const after = queued > 1 ? `, after ${formatSpan(queued)} of what is queued` : '';
  return `about ${formatSpan(alone)}${after}`;
}

function formatSpan(seconds: number): string {
  if (seconds < 1) return 'a second';
  if (seconds < 7200) return formatSeconds(Number(seconds.toPrecision(2)));
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} hours` : `${Math.round(seconds / 86_400)} days`;
}
