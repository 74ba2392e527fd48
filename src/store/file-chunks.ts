import type { FileHandle } from 'node:fs/promises';

/** A stored band is seldom larger, and then comes in one piece. */
const CHUNK_BYTES = 2 ** 20;

/**
 * The bytes [start, end) of an open file, which it closes when it ends, fails or is given up, also before its first chunk. Buffers are no
 * larger than what is left: a stream's buffers of full size, one for each small object, kept the garbage collector busy.
 */
export class FileChunks implements AsyncIterableIterator<Uint8Array> {
  readonly #file: FileHandle;
  #at: number;
  readonly #end: number;
  readonly #explain: (cause: unknown) => unknown;
  #closing: Promise<void> | null = null;

  /** @param explain makes what is thrown of what the system says when a read fails */
  constructor(file: FileHandle, { start, end }: { start: number; end: number }, explain: (cause: unknown) => unknown) {
    this.#file = file;
    this.#at = start;
    this.#end = end;
    this.#explain = explain;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#closing) return { done: true, value: undefined };
    const length = Math.min(CHUNK_BYTES, this.#end - this.#at);
    if (length <= 0) return await this.return();
    try {
      const buffer = new Uint8Array(length);
      const { bytesRead } = await this.#file.read(buffer, 0, length, this.#at);
      if (bytesRead === 0) return await this.return();
      this.#at += bytesRead;
      if (this.#at >= this.#end) await this.#close();
      return { done: false, value: buffer.subarray(0, bytesRead) };
    } catch (cause) {
      await this.#close().catch(() => {});
      throw this.#explain(cause);
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #close(): Promise<void> {
    this.#closing ??= this.#file.close();
    return this.#closing;
  }
}
