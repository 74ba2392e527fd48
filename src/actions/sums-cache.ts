/** Enough for 64 GiB of pictures. */
const KEPT_BYTES = 8 * 2 ** 20;

/** The checksums of the blocks of the pictures that were read last, by the checksum of the picture. */
export class SumsCache {
  /** those used last at the end */
  readonly #kept = new Map<string, Uint8Array>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = KEPT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get(checksum: string): Uint8Array | null {
    const sums = this.#kept.get(checksum);
    if (!sums) return null;
    this.#kept.delete(checksum);
    this.#kept.set(checksum, sums);
    return sums;
  }

  keep(checksum: string, sums: Uint8Array): void {
    if (this.get(checksum)) return;
    this.#kept.set(checksum, sums);
    this.#bytes += sums.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#bytes <= this.#maxBytes || oldest === checksum) return;
      this.#kept.delete(oldest);
      this.#bytes -= length;
    }
  }
}
