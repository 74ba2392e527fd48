interface Seen {
  readonly key: string;
  /** milliseconds of a clock that only goes forward */
  readonly at: number;
}

export interface LiveNamesOptions {
  /** names that one key may have at the same time */
  readonly ofOne: number;
  /** how long a name lives after it was said last, milliseconds */
  readonly livesMs: number;
}

/** Who goes by which names lately, in memory. However many names are said, no more are remembered than may live, a key as many as it may have. */
export class LiveNames {
  readonly #options: LiveNamesOptions;
  /** by name; what was said last comes last */
  readonly #seen = new Map<string, Seen>();
  readonly #counts = new Map<string, number>();

  constructor(options: LiveNamesOptions) {
    this.#options = options;
  }

  /** how many live, or have lived until a moment ago */
  get size(): number {
    return this.#seen.size;
  }

  /**
   * Says a name again, or a new one where there is room for it.
   * @param now milliseconds of a clock that only goes forward
   * @returns whether there was
   */
  say(key: string, name: string, now = performance.now()): boolean {
    for (const [old, { at }] of this.#seen) {
      if (now - at < this.#options.livesMs) break;
      this.#forget(old);
    }
    const known = this.#seen.get(name);
    const count = this.#counts.get(key) ?? 0;
    if (known?.key !== key && count >= this.#options.ofOne) return false;
    this.#forget(name);
    this.#seen.set(name, { key, at: now });
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return true;
  }

  #forget(name: string): void {
    const seen = this.#seen.get(name);
    if (!seen) return;
    this.#seen.delete(name);
    const left = (this.#counts.get(seen.key) ?? 0) - 1;
    if (left > 0) this.#counts.set(seen.key, left);
    else this.#counts.delete(seen.key);
  }
}
