interface Bucket {
  /** how many it holds, from `at` on; a fraction while it fills */
  tokens: number;
  /** milliseconds of a clock that only goes forward */
  at: number;
}

export interface BucketOptions {
  /** how many come back each second */
  readonly perSecond: number;
  /** how many a full bucket holds */
  readonly burst: number;
  /** most buckets that are remembered; those not used for long are forgotten then, which fills them */
  readonly most?: number;
}

const MOST = 100_000;

/** A token bucket for each key, in memory: what one sender may do at once, and a second. */
export class TokenBuckets {
  readonly #options: Required<BucketOptions>;
  /** Those used since the younger ones were half of what is remembered, and those used in the time before. */
  #young = new Map<string, Bucket>();
  #old = new Map<string, Bucket>();

  constructor({ most = MOST, ...options }: BucketOptions) {
    this.#options = { ...options, most };
  }

  /** how many are remembered */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /**
   * Takes one, if there is one.
   * @param now milliseconds of a clock that only goes forward
   * @returns 0, or the seconds until there will be one
   */
  take(key: string, now = performance.now()): number {
    const bucket = this.#filled(key, now);
    if (bucket.tokens < 1) return (1 - bucket.tokens) / this.#options.perSecond;
    bucket.tokens -= 1;
    return 0;
  }

  /** Puts one back that was taken for nothing. */
  giveBack(key: string, now = performance.now()): void {
    const bucket = this.#filled(key, now);
    bucket.tokens = Math.min(this.#options.burst, bucket.tokens + 1);
  }

  /** What take would return, without taking. A key that is not known stays so. */
  peek(key: string, now = performance.now()): number {
    if (!this.#young.has(key) && !this.#old.has(key)) return 0;
    const { tokens } = this.#filled(key, now);
    return tokens >= 1 ? 0 : (1 - tokens) / this.#options.perSecond;
  }

  #filled(key: string, now: number): Bucket {
    const { perSecond, burst, most } = this.#options;
    const known = this.#young.get(key);
    const bucket = known ?? this.#old.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    if (known) return bucket;
    // No list of who was used when: the first key of a large map that loses its first keys is slow to find.
    if (this.#young.size >= most / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#old.delete(key);
    this.#young.set(key, bucket);
    return bucket;
  }
}
