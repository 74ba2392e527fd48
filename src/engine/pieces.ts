const FIRST_BYTES = 2 ** 18;

/**
 * Bytes put together from pieces, at the end or at the front, in memory that is kept for the next time: what a thread allows to become garbage
 * piles up outside its heap, where its collector hardly looks.
 */
export class Pieces {
  #memory = new Uint8Array(FIRST_BYTES);
  /** The bytes lie from here to there; there is room on both sides. */
  #start = FIRST_BYTES / 2;
  #end = FIRST_BYTES / 2;

  clear(): void {
    this.#start = this.#end = this.#memory.length / 2;
  }

  append(piece: Uint8Array): void {
    this.#makeRoom(piece.length);
    this.#memory.set(piece, this.#end);
    this.#end += piece.length;
  }

  prepend(piece: Uint8Array): void {
    this.#makeRoom(piece.length);
    this.#start -= piece.length;
    this.#memory.set(piece, this.#start);
  }

  /** All bytes so far: a view that ends with the next change. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(this.#start, this.#end);
  }

  /** So many bytes on either side. */
  #makeRoom(length: number): void {
    if (Math.min(this.#start, this.#memory.length - this.#end) >= length) return;
    const { bytes } = this;
    const memory = new Uint8Array(2 * (this.#memory.length + length));
    this.#start = Math.floor((memory.length - bytes.length) / 2);
    this.#end = this.#start + bytes.length;
    memory.set(bytes, this.#start);
    this.#memory = memory;
  }
}
