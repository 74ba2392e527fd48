import { createHash, type Hash } from 'node:crypto';
import { BLOCK_BYTES, SUM_BYTES } from '../domain/blocks.ts';

export interface Range {
  readonly start: number;
  /** the first byte that is not wanted */
  readonly end: number;
}

/** The blocks that a range lies in, as bytes. */
export function alignedTo({ start, end }: Range, sizeBytes: number): Range {
  return {
    start: Math.floor(start / BLOCK_BYTES) * BLOCK_BYTES,
    end: Math.min(sizeBytes, Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES),
  };
}

/**
 * A part of a picture, of which nothing is passed on before the block that it lies in is known to be right. Holds one block and one piece of the store. Gives the
 * bytes up when it is given up itself, also before the first piece.
 */
export class VerifiedBlocks implements AsyncIterableIterator<Uint8Array> {
  readonly #bytes: AsyncIterator<Uint8Array>;
  readonly #sums: Uint8Array;
  readonly #sizeBytes: number;
  readonly #onDamage: () => Promise<Error>;
  #hash: Hash = createHash('sha256');
  #block: number;
  #inBlock = 0;
  /** pieces of the block that is not known yet */
  #waiting: Uint8Array[] = [];
  #ready: Uint8Array[] = [];
  /** bytes of the first block that are not wanted, and bytes that still are */
  #skip: number;
  #left: number;
  #isOver = false;

  /**
   * @param bytes those of alignedTo(range)
   * @param sums of all blocks of the picture
   * @param onDamage makes what is thrown when a block is another
   */
  constructor(
    bytes: AsyncIterable<Uint8Array>,
    { sums, sizeBytes, range }: { readonly sums: Uint8Array; readonly sizeBytes: number; readonly range: Range },
    onDamage: () => Promise<Error>,
  ) {
    this.#bytes = bytes[Symbol.asyncIterator]();
    this.#sums = sums;
    this.#sizeBytes = sizeBytes;
    this.#onDamage = onDamage;
    const { start } = alignedTo(range, sizeBytes);
    this.#block = start / BLOCK_BYTES;
    this.#skip = range.start - start;
    this.#left = range.end - range.start;
  }

  /** Reads so far that the first piece is there: what is damaged at once is known before anything is answered. */
  async begin(): Promise<this> {
    await this.#fill();
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#isOver) await this.#fill();
    const ready = this.#ready.shift();
    if (ready) return { done: false, value: ready };
    return this.#isOver ? { done: true, value: undefined } : await this.return();
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isOver = true;
    this.#ready = [];
    this.#waiting = [];
    await this.#bytes.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #fill(): Promise<void> {
    while (this.#ready.length === 0 && this.#left > 0) {
      const { done, value } = await this.#bytes.next();
      if (done) throw await this.#damage();
      const known = this.#check(value);
      if (known === null) throw await this.#damage();
      if (known > 0) {
        for (const piece of this.#waiting) this.#pass(piece);
        this.#pass(value.subarray(0, known));
        this.#waiting = [];
      }
      if (known < value.length) this.#waiting.push(value.subarray(known));
    }
  }

  /** @returns up to where the piece ends blocks that are right; null when one is not */
  #check(piece: Uint8Array): number | null {
    let known = 0;
    for (let at = 0; at < piece.length; ) {
      const length = Math.min(BLOCK_BYTES, this.#sizeBytes - this.#block * BLOCK_BYTES);
      const part = piece.subarray(at, at + length - this.#inBlock);
      this.#hash.update(part);
      this.#inBlock += part.length;
      at += part.length;
      if (this.#inBlock < length) continue;
      const sum = this.#sums.subarray(this.#block * SUM_BYTES, (this.#block + 1) * SUM_BYTES);
      if (length === 0 || !this.#hash.digest().equals(sum)) return null;
      this.#hash = createHash('sha256');
      this.#block++;
      this.#inBlock = 0;
      known = at;
    }
    return known;
  }

  #pass(piece: Uint8Array): void {
    const wanted = piece.subarray(this.#skip, this.#skip + this.#left);
    this.#skip -= Math.min(this.#skip, piece.length);
    this.#left -= wanted.length;
    if (wanted.length > 0) this.#ready.push(wanted);
  }

  async #damage(): Promise<Error> {
    this.#isOver = true;
    await this.#bytes.return?.();
    return await this.#onDamage();
  }
}
