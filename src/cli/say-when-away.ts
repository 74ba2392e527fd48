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

/** What is one trouble to whoever reads the log: that the API is away is, though the system words it now so, now so, while it comes and goes. */
export const troubleOf = (error: Fault): string => (error instanceof Unreachable ? 'away' : error.message);

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
    const trouble = troubleOf(error);
    if (now - (saidAt.get(trouble) ?? Number.NEGATIVE_INFINITY) < SILENCE_MS) return;
    saidAt.set(trouble, now);
    isAway = error instanceof Unreachable;
    log.warn(`${error.message} Trying again.`);
  });
}
