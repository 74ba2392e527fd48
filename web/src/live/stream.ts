import type { EventMessage } from '../api/client.ts';

/** How the event stream is doing. */
export type Connection = 'opening' | 'live' | 'away';

/** What whoever listens is told. `missed`: events may have been missed; `doubted`: it may be that whoever sits here may listen no longer. */
export type FromStream =
  | { readonly kind: 'event'; readonly event: EventMessage }
  | { readonly kind: 'state'; readonly state: Connection }
  | { readonly kind: 'missed' }
  | { readonly kind: 'doubted' };

const EVENT_TYPES = ['ordered', 'progress', 'done', 'failed', 'cancelled', 'deleted'] as const;
const REOPEN_MS = 2_000;

/** The event stream of the API; runs in a page, or in a worker that several pages share. */
export class Stream {
  readonly #tell: (message: FromStream) => void;
  #source: EventSource | undefined;
  #reopening: ReturnType<typeof setTimeout> | undefined;
  #state: Connection = 'opening';

  constructor(tell: (message: FromStream) => void) {
    this.#tell = tell;
  }

  get state(): Connection {
    return this.#state;
  }

  /** Nothing when it is open already. */
  open(): void {
    if (this.#source) return;
    clearTimeout(this.#reopening);
    const source = new EventSource('/v1/events');
    this.#source = source;
    source.addEventListener('open', () => this.#turn('live'));
    source.addEventListener('reset', () => this.#tell({ kind: 'missed' }));
    source.addEventListener('error', () => this.#onError(source));
    for (const type of EVENT_TYPES) {
      source.addEventListener(type, ({ data }) => this.#tell({ kind: 'event', event: JSON.parse(data) as EventMessage }));
    }
  }

  close(): void {
    clearTimeout(this.#reopening);
    this.#source?.close();
    this.#source = undefined;
    this.#turn('opening');
  }

  #onError(source: EventSource): void {
    if (this.#source !== source) return;
    this.#turn('away');
    // The browser tries again by itself, except after an answer that was no event stream.
    if (source.readyState !== EventSource.CLOSED) return;
    this.#source = undefined;
    // A refusal is not told from other answers here.
    this.#tell({ kind: 'doubted' });
    this.#reopening = setTimeout(() => this.open(), REOPEN_MS);
  }

  #turn(state: Connection): void {
    this.#state = state;
    this.#tell({ kind: 'state', state });
  }
}
