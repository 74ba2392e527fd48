import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';
import { type EventMessage, eventMessage } from './schemas.ts';
import { parseSse } from './sse.ts';

/**
 * `open`: from here on nothing is missed. `reset`: history was lost, read what you need again. `broken`: the stream is
 * being opened again, and goes on where it ended.
 */
export type StreamItem =
  | { readonly kind: 'open' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'event'; readonly event: EventMessage }
  | { readonly kind: 'broken'; readonly fault: Fault };

/** The API sends something at least every 15 s. */
const SILENCE_MS = 45_000;
const MAX_REST_MS = 5_000;

/**
 * Follows the API's events and opens the stream again whenever it breaks.
 * @param open opens the stream after the event with the given id ('' means from now on)
 * @throws {Fault} when the stream cannot be opened the first time, later only when the API refuses it; or the signal's reason
 */
export async function* eventStream(
  open: (lastEventId: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>,
  signal: AbortSignal,
): AsyncGenerator<StreamItem> {
  let id = '';
  let opened = false;
  for (let failures = 0; ; failures++) {
    const stream = new AbortController();
    try {
      const pieces = await open(id, AbortSignal.any([signal, stream.signal]));
      opened = true;
      yield { kind: 'open' };
      for await (const message of parseSse(whileAlive(pieces, stream))) {
        failures = 0;
        id = message.id || id;
        yield message.event === 'reset'
          ? { kind: 'reset' }
          : { kind: 'event', event: eventMessage.parse(JSON.parse(message.data)) };
      }
      yield { kind: 'broken', fault: new Fault('unavailable', 'the API ended the event stream.') };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Fault) || error.code !== 'unavailable' || !opened) throw error;
      yield { kind: 'broken', fault: error };
    } finally {
      stream.abort();
    }
    await sleep(Math.random() * Math.min(MAX_REST_MS, 500 * 2 ** failures), undefined, { signal }).catch(() =>
      signal.throwIfAborted(),
    );
  }
}

/** Ends the stream when nothing comes for so long that the other side must be gone. */
async function* whileAlive(pieces: AsyncIterable<Uint8Array>, stream: AbortController): AsyncGenerator<Uint8Array> {
  const timer = setTimeout(() => stream.abort(), SILENCE_MS);
  try {
    for await (const piece of pieces) {
      timer.refresh();
      yield piece;
    }
  } finally {
    clearTimeout(timer);
  }
}
