import { signal } from '@preact/signals';
import type { ToShared } from '../live/events-worker.ts';
import { SAY_HERE_MS } from '../live/say-here.ts';
import { type Connection, type FromStream, Stream } from '../live/stream.ts';
import { type EventMessage, sessionDoubted } from './client.ts';

/** `resync`: events may have been missed, so whatever is shown has to be read again. */
export type LiveEvent = EventMessage | { readonly type: 'resync' };
type Listener = (event: LiveEvent) => void;

/** A tab that nobody sees listens no longer. */
const HIDDEN_MS = 20_000;

/** How the event stream is doing. */
export const connection = signal<Connection>('opening');

const listeners = new Set<Listener>();
/** Whether whoever sits here may listen. */
let isWanted = false;
let isListening = false;

/** Calls `listener` with each event until the returned function is called. */
export function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Listens for as long as the page can be seen. */
export function openLive(): void {
  isWanted = true;
  listen();
}

/** Until it is opened again: whoever sits here may not look. */
export function closeLive(): void {
  isWanted = false;
  leave();
}

/** Has everything read anew. */
export const resync = (): void => tell({ type: 'resync' });

interface Ear {
  readonly open: () => void;
  readonly close: () => void;
}

/** The stream that all tabs share, where the browser lets them; else one of our own. */
let ear: Ear | undefined;
const ownEar = (): Ear => new Stream(onMessage);

function sharedEar(): Ear {
  const worker = new SharedWorker(new URL('../live/events-worker.ts', import.meta.url), { type: 'module', name: 'faafo-events' });
  const say = (word: ToShared): void => worker.port.postMessage(word);
  worker.port.addEventListener('message', ({ data }: MessageEvent<FromStream>) => isListening && onMessage(data));
  worker.port.start();
  setInterval(() => isListening && say('here'), SAY_HERE_MS);
  // Its script is gone, as after an upgrade, or no module may run there.
  worker.addEventListener('error', () => {
    ear = ownEar();
    if (isListening) ear.open();
  });
  return { open: () => say('want'), close: () => say('leave') };
}

function listen(): void {
  if (!isWanted || isListening) return;
  isListening = true;
  ear ??= 'SharedWorker' in globalThis ? sharedEar() : ownEar();
  ear.open();
}

function leave(): void {
  if (!isListening) return;
  isListening = false;
  ear?.close();
  connection.value = 'opening';
}

let hiding: ReturnType<typeof setTimeout> | undefined;
document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding);
  if (document.visibilityState === 'hidden') hiding = setTimeout(leave, HIDDEN_MS);
  else listen();
});
// Whether it is closed or kept for coming back.
addEventListener('pagehide', leave);
addEventListener('pageshow', ({ persisted }) => persisted && listen());

function onMessage(message: FromStream): void {
  switch (message.kind) {
    case 'event':
      tell(message.event);
      break;
    case 'missed':
      resync();
      break;
    case 'doubted':
      sessionDoubted.value++;
      break;
    case 'state':
      if (isListening) connection.value = message.state;
      // Also after the first opening: what happened between reading a page and now is in no event.
      if (message.state === 'live') resync();
  }
}

function tell(event: LiveEvent): void {
  for (const listener of [...listeners]) listener(event);
}
