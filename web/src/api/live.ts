import { signal } from '@preact/signals';
import { type EventMessage, sessionDoubted } from './client.ts';

/** `resync`: events may have been missed, so whatever is shown has to be read again. */
export type LiveEvent = EventMessage | { readonly type: 'resync' };
type Listener = (event: LiveEvent) => void;

const EVENT_TYPES = ['ordered', 'progress', 'done', 'failed', 'cancelled', 'deleted'] as const;
const REOPEN_MS = 2_000;
/** Browsers allow six connections per origin, over all tabs: a tab that nobody sees gives its own back. */
const HIDDEN_MS = 20_000;

/** How the event stream is doing. */
export const connection = signal<'opening' | 'live' | 'away'>('opening');

const listeners = new Set<Listener>();
let stream: EventSource | undefined;
let reopening: ReturnType<typeof setTimeout> | undefined;
let isWanted = false;

/** Calls `listener` with each event until the returned function is called. */
export function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Opens the one event stream of this page, for as long as the page can be seen. */
export function openLive(): void {
  if (isWanted) return;
  isWanted = true;
  open();
}

/** Until it is opened again: whoever sits here may not look. */
export function closeLive(): void {
  isWanted = false;
  close();
}

/** Has everything read anew. */
export const resync = (): void => tell({ type: 'resync' });

let hiding: ReturnType<typeof setTimeout> | undefined;
document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding);
  if (document.visibilityState === 'hidden') hiding = setTimeout(close, HIDDEN_MS);
  else if (isWanted && !stream) open();
});

function open(): void {
  clearTimeout(reopening);
  const opened = new EventSource('/v1/events');
  stream = opened;
  opened.addEventListener('open', () => {
    connection.value = 'live';
    // Also after the first opening: what happened between reading a page and now is in no event.
    resync();
  });
  opened.addEventListener('reset', resync);
  opened.addEventListener('error', () => {
    if (stream !== opened) return;
    connection.value = 'away';
    // The browser tries again by itself, except after an answer that was no event stream.
    if (opened.readyState !== EventSource.CLOSED) return;
    stream = undefined;
    // A refusal is not told from other answers here.
    sessionDoubted.value++;
    reopening = setTimeout(open, REOPEN_MS);
  });
  for (const type of EVENT_TYPES) {
    opened.addEventListener(type, (message) => tell(JSON.parse(message.data) as EventMessage));
  }
}

function close(): void {
  clearTimeout(reopening);
  stream?.close();
  stream = undefined;
  connection.value = 'opening';
}

function tell(event: LiveEvent): void {
  for (const listener of [...listeners]) listener(event);
}
