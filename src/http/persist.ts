import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';
import { Unreachable } from './unreachable.ts';

/** How long to go on trying, measured from the first failure. */
export interface Patience {
  /** the API answers that it is busy or full */
  readonly busyMs: number;
  /** connections break */
  readonly brokenMs: number;
  /** nobody listens; 0 when the API was never reached, so that a wrong URL is told at once */
  readonly absentMs: number;
}

export interface Waiting {
  readonly fault: Fault;
  readonly delayMs: number;
}

const BASE_MS = 100;
const MAX_MS = 5_000;

/**
 * Repeats what fails in a way that passes by itself, with growing, jittered rests; a Retry-After is honoured.
 * @param attempt is given its number, from 1; must be idempotent
 * @throws the last fault, or the signal's reason
 */
export async function persist<T>(
  attempt: (tries: number) => Promise<T>,
  options: { patience: () => Patience; signal?: AbortSignal; onWait?: (waiting: Waiting) => void },
): Promise<T> {
  let firstFailure: number | undefined;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(tries);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof Fault)) throw error;
      firstFailure ??= performance.now();
      const left = patienceWith(error, options.patience()) - (performance.now() - firstFailure);
      const delayMs = restMs(error, tries);
      if (left <= 0 || delayMs > left) throw error;
      options.onWait?.({ fault: error, delayMs });
      await sleep(delayMs, undefined, { signal: options.signal }).catch(() => options.signal?.throwIfAborted());
    }
  }
}

function patienceWith(fault: Fault, { busyMs, brokenMs, absentMs }: Patience): number {
  if (fault instanceof Unreachable) return fault.broken ? brokenMs : absentMs;
  return fault.details.retryAfterSeconds === undefined ? 0 : busyMs;
}

/**
 * Full jitter, so that many clients do not come back in step; never before the time that the API named, and spread over a quarter of it: those who were refused
 * in one second would else all come again in another.
 */
function restMs(fault: Fault, tries: number): number {
  const askedMs = (fault.details.retryAfterSeconds ?? 0) * 1000;
  const jitter = Math.random() * Math.max(Math.min(MAX_MS, BASE_MS * 2 ** tries), askedMs / 4);
  return askedMs + BASE_MS + jitter;
}
