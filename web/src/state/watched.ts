import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Refusal } from '../api/client.ts';
import { type LiveEvent, subscribe } from '../api/live.ts';

const RETRY_MS = 3_000;
/** Many events at once cost one reading, or two. */
const SETTLE_MS = 120;
const REMEMBERED = 60;

/** What was read before, by key: shown at once when one comes back, until it is read anew. */
const remembered = new Map<string, unknown>();

export function remember(key: string, value: unknown): void {
  remembered.delete(key);
  remembered.set(key, value);
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
}

export interface Source<T> {
  /** names what is read */
  readonly key: string;
  readonly read: () => Promise<T>;
  /** The value after an event, or `reload` when the event alone does not tell. */
  readonly apply: (event: LiveEvent, value: T) => T | 'reload';
}

export interface Watched<T> {
  /** undefined until it was read for the first time */
  readonly value: ReadonlySignal<T | undefined>;
  /** why the last reading failed; null after one that did not */
  readonly failure: ReadonlySignal<Error | null>;
}

/** Something read from the API and kept true by events, for as long as the component lives. */
export function useWatched<T>(source: Source<T>): Watched<T> {
  // The key stands for the whole source.
  const watcher = useMemo(() => createWatcher(source), [source.key]);
  useEffect(() => watcher.start(), [watcher]);
  return watcher;
}

function createWatcher<T>({ key, read, apply }: Source<T>) {
  const value = signal(remembered.get(key) as T | undefined);
  const failure = signal<Error | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;
  let stale = false;
  let stopped = false;

  const readSoon = (afterMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(readNow, afterMs);
  };
  const readNow = async (): Promise<void> => {
    if (reading) {
      stale = true;
      return;
    }
    reading = true;
    stale = false;
    try {
      const fresh = await read();
      if (stopped) return;
      remember(key, fresh);
      value.value = fresh;
      failure.value = null;
    } catch (error) {
      if (stopped) return;
      failure.value = error as Error;
      if (error instanceof Refusal && error.status < 500) remembered.delete(key);
      else readSoon(RETRY_MS);
    } finally {
      reading = false;
    }
    if (stale) readSoon(SETTLE_MS);
  };
  const onEvent = (event: LiveEvent): void => {
    // What is being read right now may be from before the event.
    if (reading) stale = true;
    if (event.type !== 'resync' && value.value === undefined) return;
    const next = event.type === 'resync' ? 'reload' : apply(event, value.value as T);
    if (next === 'reload') readSoon(event.type === 'resync' ? 0 : SETTLE_MS);
    else value.value = next;
  };
  const start = (): (() => void) => {
    stopped = false;
    const unsubscribe = subscribe(onEvent);
    void readNow();
    return () => {
      stopped = true;
      clearTimeout(timer);
      unsubscribe();
    };
  };
  return { value, failure, start };
}
