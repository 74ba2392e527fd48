import type { ServerResponse } from 'node:http';
import { whenOver } from './when-over.ts';

interface Held {
  readonly response: ServerResponse;
  readonly bytes: number;
  /** on the clock of performance.now() */
  readonly since: number;
}

/** Of one client, the oldest first. */
interface Holder {
  bytes: number;
  readonly answers: Set<Held>;
}

export interface AnswerMemoryOptions {
  /** bytes of all answers that are not taken yet */
  readonly mostBytes: number;
  /** what began so lately may be fast, milliseconds */
  readonly graceMs: number;
}

/**
 * The answers that are in memory as a whole until they are taken. Where they are too many, the client that holds most of it loses its oldest ones: who takes
 * a thousand pictures at once, each as slowly as is just allowed, is in the way of itself only.
 */
export class AnswerMemory {
  readonly #options: AnswerMemoryOptions;
  readonly #holders = new Map<string, Holder>();
  #bytes = 0;

  constructor(options: AnswerMemoryOptions) {
    this.#options = options;
  }

  /** bytes of all of them */
  get bytes(): number {
    return this.#bytes;
  }

  /** Until the answer is over. @param client who takes it @param now milliseconds of a clock that only goes forward */
  hold(client: string, response: ServerResponse, bytes: number, now = performance.now()): void {
    const holder = this.#holders.get(client) ?? { bytes: 0, answers: new Set() };
    const held = { response, bytes, since: now };
    this.#holders.set(client, holder);
    this.#change(holder, held.bytes);
    holder.answers.add(held);
    whenOver(response, () => {
      if (!holder.answers.delete(held)) return;
      this.#change(holder, -bytes);
      if (holder.answers.size === 0 && this.#holders.get(client) === holder) this.#holders.delete(client);
    });
    this.relieve(now);
  }

  /** Ends answers until the rest has room, but none that began lately. Call it now and then. */
  relieve(now = performance.now()): void {
    while (this.#bytes > this.#options.mostBytes) {
      const holders = [...this.#holders.values()].filter(({ answers }) => answers.size > 0);
      const most = holders.reduce<Holder | null>((one, other) => (one && one.bytes >= other.bytes ? one : other), null);
      const [oldest] = most?.answers ?? [];
      if (!most || !oldest || now - oldest.since < this.#options.graceMs) return;
      most.answers.delete(oldest);
      this.#change(most, -oldest.bytes);
      oldest.response.socket?.destroy();
    }
  }

  #change(holder: Holder, bytes: number): void {
    holder.bytes += bytes;
    this.#bytes += bytes;
  }
}
