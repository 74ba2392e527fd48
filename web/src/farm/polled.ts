import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { subscribe } from '../api/live.ts';

/** After a reading that failed; a service that restarts is back within seconds. */
const RETRY_MS = 2_000;

export interface Polled<T> {
  /** undefined until it was read for the first time */
  readonly value: ReadonlySignal<T | undefined>;
  /** why the last reading failed; null after one that did not */
  readonly failure: ReadonlySignal<Error | null>;
  /** Reads it now, for who has just changed it. */
  readonly again: () => void;
}

/**
 * Something that is read again and again, for as long as the component lives and the page can be seen: a tab that nobody looks at asks for nothing.
 * @param key stands for `read`: when it changes, another thing is read
 * @param read is given what was read before
 */
export function usePolled<T>(key: string, everyMs: number, read: (before: T | undefined) => Promise<T>): Polled<T> {
  const poller = useMemo(() => createPoller(everyMs, read), [key]);
  useEffect(() => poller.start(), [poller]);
  return poller;
}

function createPoller<T>(everyMs: number, read: (before: T | undefined) => Promise<T>) {
  const value = signal<T | undefined>(undefined);
  const failure = signal<Error | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let run = 0;

  const look = async (): Promise<void> => {
    clearTimeout(timer);
    // What an earlier look still brings is of no use any more.
    const mine = ++run;
    let waitMs = everyMs;
    try {
      const fresh = await read(value.peek());
      if (mine !== run) return;
      value.value = fresh;
      failure.value = null;
    } catch (error) {
      if (mine !== run) return;
      failure.value = error as Error;
      waitMs = Math.min(everyMs, RETRY_MS);
    }
    if (document.visibilityState === 'visible') timer = setTimeout(look, waitMs);
  };
  const stop = (): void => {
    run++;
    clearTimeout(timer);
  };
  const onVisibility = (): void => {
    if (document.visibilityState === 'visible') void look();
    else stop();
  };
  const start = (): (() => void) => {
    // The event stream knows first that the service is back.
    const unsubscribe = subscribe(({ type }) => {
      if (type === 'resync' && document.visibilityState === 'visible') void look();
    });
    document.addEventListener('visibilitychange', onVisibility);
    void look();
    return () => {
      unsubscribe();
      document.removeEventListener('visibilitychange', onVisibility);
      stop();
    };
  };
  return { value, failure, again: () => void look(), start };
}
