import { createHash, type Hash } from 'node:crypto';

/**
 * The same bytes, of which the last piece is kept back until all of them are known to be right. Gives the bytes up when it is given up itself, also before
 * the first piece.
 */
export class CheckedBytes implements AsyncIterableIterator<Uint8Array> {
  readonly #bytes: AsyncIterator<Uint8Array>;
  readonly #sha256: string;
  readonly #onDamage: () => Promise<Error>;
  readonly #tap: { update(bytes: Uint8Array): void; end(): Promise<void> } | null;
  readonly #hash: Hash = createHash('sha256');
  #kept: Uint8Array | null = null;
  #isOver = false;

  /**
   * @param sha256 lower-case hex
   * @param onDamage makes what is thrown when they have another
   * @param tap sees them, too; its end comes when they are known to be right
   */
  constructor(
    bytes: AsyncIterable<Uint8Array>,
    sha256: string,
    onDamage: () => Promise<Error>,
    tap: { update(bytes: Uint8Array): void; end(): Promise<void> } | null = null,
  ) {
    this.#tap = tap;
    this.#bytes = bytes[Symbol.asyncIterator]();
    this.#sha256 = sha256;
    this.#onDamage = onDamage;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (!this.#isOver) {
      const { done, value } = await this.#bytes.next();
      const ready = this.#kept;
      if (done) {
        this.#isOver = true;
        if (this.#hash.digest('hex') !== this.#sha256) throw await this.#onDamage();
        await this.#tap?.end();
      } else {
        this.#hash.update(value);
        this.#tap?.update(value);
        this.#kept = value;
      }
      if (ready) return { done: false, value: ready };
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isOver = true;
    await this.#bytes.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
