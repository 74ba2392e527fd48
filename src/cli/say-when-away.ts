import type { Logger } from 'pino';
import type { Dispatcher } from '../domain/dispatcher.ts';
import { Fault } from '../domain/fault.ts';
import { Unreachable } from '../http/unreachable.ts';
import { observed } from '../worker/observed.ts';

/** The same trouble is not told more often. */
const SILENCE_MS = 60_000;

/** Whether the service is away, full or busy: that passes, and is told by sayWhenAway. */
export const isPassing = (error: unknown): error is Fault =>
  error instanceof Unreachable || (error instanceof Fault && error.details.retryAfterSeconds !== undefined);

/** The same dispatcher. The log tells when the service is away or full, however many calls find it so, and when it is there again. */
export function sayWhenAway(dispatcher: Dispatcher, log: Logger): Dispatcher {
  const saidAt = new Map<string, number>();
  let isAway = false;
  return observed(dispatcher, (error) => {
    if (isAway && !(error instanceof Unreachable)) {
      isAway = false;
      log.info('the API answers again');
    }
    if (!isPassing(error)) return;
    const now = performance.now();
    if (now - (saidAt.get(error.message) ?? Number.NEGATIVE_INFINITY) < SILENCE_MS) return;
    saidAt.set(error.message, now);
    isAway = error instanceof Unreachable;
    log.warn(`${error.message} Trying again.`);
  });
}
