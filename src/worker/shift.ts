import { Fault } from '../domain/fault.ts';
import { InHand } from './in-hand.ts';
import { observed } from './observed.ts';
import type { BandAtWork, WorkerParts } from './parts.ts';
import { Speedometer } from './speedometer.ts';

/** After bands were given up, how long the service may take to be told so. */
const LAST_WORDS_MS = 2_000;

/** One run of a worker: its parts, what it has in hand, and when it is to end. */
export class Shift implements Disposable {
  readonly parts: WorkerParts;
  readonly inHand = new InHand();
  readonly speed = new Speedometer();
  /** no more bands are taken */
  readonly stop: AbortSignal;
  /** bands in work are given up */
  readonly abandon: AbortSignal;
  /** nobody is waited for any more */
  readonly leave: AbortSignal;
  readonly #denied = new AbortController();
  readonly #over = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];

  /** @param drainMs how long bands in work have after `stop` to be delivered */
  constructor(parts: WorkerParts, stop: AbortSignal, drainMs: number) {
    const dispatcher = observed(parts.dispatcher, (error) => isDenied(error) && this.#denied.abort(error));
    this.parts = { ...parts, dispatcher };
    const denied = this.#denied.signal;
    this.stop = AbortSignal.any([stop, denied]);
    const [drained, said] = [new AbortController(), new AbortController()];
    this.abandon = AbortSignal.any([drained.signal, denied]);
    this.leave = AbortSignal.any([said.signal, denied]);
    const drain = (): void => {
      this.#timers.push(setTimeout(() => drained.abort(new Error('the worker stops')), drainMs));
      this.#timers.push(setTimeout(() => said.abort(new Error('the worker has stopped')), drainMs + LAST_WORDS_MS));
    };
    if (stop.aborted) drain();
    else stop.addEventListener('abort', drain, { once: true, signal: this.#over.signal });
  }

  /** Tells of a surprise; a denial is told by work() itself. */
  complain(what: string, error: unknown, band: BandAtWork): void {
    if (!isDenied(error)) this.parts.onError(what, error, band);
  }

  /** @throws {Fault} `denied`, `unauthenticated` when the service did not let this worker in */
  throwIfDenied(): void {
    this.#denied.signal.throwIfAborted();
  }

  [Symbol.dispose](): void {
    this.#over.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }
}

const isDenied = (error: unknown): boolean =>
  error instanceof Fault && (error.code === 'denied' || error.code === 'unauthenticated');
