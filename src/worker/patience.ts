import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** What a service may ask for at most. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/** Whether what failed may succeed when it is tried again. */
export const mayPass = (error: unknown): boolean =>
  error instanceof Fault && (error.code === 'unavailable' || error.code === 'busy');

/**
 * How long to rest before the next try: half of 0.5 s, 1 s, 2 s … 30 s at least and the whole at most, so that workers do not come back in step;
 * never less than the service asked for.
 * @param tries made so far, 1 or more
 */
export function pauseMs(error: unknown, tries: number): number {
  const whole = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
  const jitter = 0.5 + Math.random() / 2;
  const askedMs = error instanceof Fault ? (error.details.retryAfterSeconds ?? 0) * 1000 : 0;
  return Math.max(whole * jitter, Math.min(LONGEST_RETRY_AFTER_MS, askedMs) * (1 + jitter / 4));
}

/** Resolves when that time is over or the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** The same promise, but no longer waited for when the signal aborts: then it rejects with the signal's reason. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
