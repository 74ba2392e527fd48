import type { Logger } from 'pino';

/** A terminal and npm may both pass one Ctrl-C on; only a later one is meant as "at once". */
const SAME_WISH_MS = 1_000;

/** Aborts at the first SIGINT or SIGTERM; the second one, at least a second later, ends the process at once. */
export function stopSignal(log: Logger): AbortSignal {
  const stop = new AbortController();
  let firstAt = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    if (!stop.signal.aborted) {
      firstAt = performance.now();
      log.info({ signal: name }, 'stopping: finishing what is in work');
      stop.abort();
    } else if (performance.now() - firstAt > SAME_WISH_MS) {
      process.exit(name === 'SIGINT' ? 130 : 143);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return stop.signal;
}
