/** Something that many use at the same time, and of which one key may have only so much: event streams, bytes of bodies in memory. */
export class Shares {
  readonly #most: { readonly ofOne: number; readonly ofAll: number };
  readonly #held = new Map<string, number>();
  #all = 0;

  /** @param most what one key, and what all keys together may hold */
  constructor(most: { readonly ofOne: number; readonly ofAll: number }) {
    this.#most = most;
  }

  /** what all keys together hold */
  get all(): number {
    return this.#all;
  }

  /**
   * Where nothing is held there is always room for one share, however large.
   * @returns gives the share back; may be called again, which does nothing. Null when there is no room
   */
  take(key: string, amount = 1): (() => void) | null {
    const held = this.#held.get(key) ?? 0;
    if (held > 0 && held + amount > this.#most.ofOne) return null;
    if (this.#all > 0 && this.#all + amount > this.#most.ofAll) return null;
    this.#held.set(key, held + amount);
    this.#all += amount;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#all -= amount;
      const left = (this.#held.get(key) ?? 0) - amount;
      if (left > 0) this.#held.set(key, left);
      else this.#held.delete(key);
    };
  }
}
