import type { IncomingMessage } from 'node:http';

/** The body of an answer, in pieces that share memory with nobody. Also when it is given up before its first piece, its connection is not kept waiting. */
export class AnswerBytes implements AsyncIterableIterator<Uint8Array> {
  readonly #answer: IncomingMessage;
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #timeoutMs: number;

  /** @param timeoutMs longest wait for a piece, while somebody asks for one */
  constructor(answer: IncomingMessage, timeoutMs: number) {
    this.#answer = answer;
    this.#pieces = answer[Symbol.asyncIterator]();
    this.#timeoutMs = timeoutMs;
    // Nobody may be listening when a connection breaks; whoever asks next is told.
    answer.on('error', () => undefined);
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const silence = new Error(`nothing came for ${this.#timeoutMs / 1000} s`);
    const late = setTimeout(() => this.#answer.destroy(silence), this.#timeoutMs);
    try {
      const { done, value } = await this.#pieces.next();
      // What Node gives is a part of the buffer that the socket was read into.
      return done ? { done: true, value: undefined } : { done: false, value: new Uint8Array(value) };
    } finally {
      clearTimeout(late);
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#answer.destroy();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** All of an answer, for those that are short. */
export async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
