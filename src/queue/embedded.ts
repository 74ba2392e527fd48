import { EventEmitter, once } from 'node:events';
import type { DoorbellListener, DoorbellRinger, Pulse } from '../domain/queue.ts';
import type { Doorbell } from '../domain/repository.ts';

/**
 * Doorbells within one process, in the order in which they were rung. They are gone with the process; the database rings again at the next start.
 */
export class EmbeddedQueue implements DoorbellRinger, DoorbellListener {
  readonly #waiting: Doorbell[] = [];
  readonly #rung = new EventEmitter();
  #beingHeard = 0;

  constructor() {
    this.#rung.setMaxListeners(0);
  }

  async ring(doorbells: readonly Doorbell[]): Promise<void> {
    this.#waiting.push(...doorbells);
    this.#rung.emit('rung');
  }

  /** Counts those being heard too: their band may not be claimed yet. */
  async depth(): Promise<number> {
    return this.#waiting.length + this.#beingHeard;
  }

  async ping(): Promise<void> {}

  async listen(
    hear: (doorbell: Doorbell) => Promise<void>,
    options: { concurrency: number; signal: AbortSignal },
  ): Promise<void> {
    const ears = Array.from({ length: options.concurrency }, () => this.#ear(hear, options.signal));
    await Promise.all(ears);
  }

  async #ear(hear: (doorbell: Doorbell) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const doorbell = this.#waiting.shift();
      if (!doorbell) {
        await once(this.#rung, 'rung', { signal }).catch(() => {});
        continue;
      }
      this.#beingHeard++;
      try {
        await hear(doorbell);
      } catch {
        this.#waiting.push(doorbell);
      } finally {
        this.#beingHeard--;
      }
    }
  }
}

/** Pulses within one process. */
export class EmbeddedPulse implements Pulse {
  readonly #beats = new EventEmitter();

  constructor() {
    this.#beats.setMaxListeners(0);
  }

  beat(): void {
    this.#beats.emit('beat');
  }

  wait(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#beats.off('beat', done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#beats.on('beat', done);
      signal?.addEventListener('abort', done);
      if (signal?.aborted) done();
    });
  }
}
