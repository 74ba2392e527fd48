import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';

const TRIES = 4;
const FIRST_PAUSE_MS = 100;

/** Bytes that are being received, and how many there should be. */
export interface Source {
  readonly length: number;
  readonly bytes: AsyncIterator<Uint8Array>;
}

/**
 * The bytes of an object that come over a network. When the connection breaks on the way, the rest is asked for again; gives up when nothing more comes several times in a row.
 * Closed also when it is given up before its first piece.
 */
export class ResumingBytes implements AsyncIterableIterator<Uint8Array> {
  readonly #key: string;
  readonly #length: number;
  readonly #reopen: (done: number) => Promise<Source>;
  #source: Source;
  #done = 0;
  #failures = 0;
  #isClosed = false;

  /** @param reopen the same object from that byte on, counted from the first that was wanted. @throws {Fault} when it is gone, or another has taken its place */
  constructor(key: string, source: Source, reopen: (done: number) => Promise<Source>) {
    this.#key = key;
    this.#length = source.length;
    this.#source = source;
    this.#reopen = reopen;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (!this.#isClosed && this.#done < this.#length) {
      try {
        const { done, value } = await this.#source.bytes.next();
        if (done) throw new Error('it ended too early');
        this.#done += value.length;
        this.#failures = 0;
        return { done: false, value };
      } catch (cause) {
        await this.#resume(cause);
      }
    }
    return await this.return();
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isClosed) return { done: true, value: undefined };
    this.#isClosed = true;
    // To its end, so that the connection can serve the next call; before its end, the connection is closed.
    if (this.#done >= this.#length) await this.#source.bytes.next().catch(() => undefined);
    else await this.#source.bytes.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #resume(cause: unknown): Promise<void> {
    await this.#source.bytes.return?.();
    this.#failures += 1;
    if (this.#failures === TRIES) {
      this.#isClosed = true;
      const why = (cause as Error).message;
      throw new Fault('unavailable', `The object ${this.#key} cannot be read on, ${TRIES} times: ${why}.`, {
        cause,
        retryAfterSeconds: 5,
      });
    }
    await sleep(FIRST_PAUSE_MS * 2 ** this.#failures * (0.5 + Math.random() / 2));
    const source = await this.#reopen(this.#done).catch((error) => {
      this.#isClosed = true;
      throw error;
    });
    this.#source = source;
  }
}

/** What is left of nothing. */
export async function* noBytes(): AsyncGenerator<Uint8Array, undefined, undefined> {}
