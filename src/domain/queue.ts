import type { Doorbell } from './repository.ts';

/**
 * Rings doorbells. A doorbell may be lost, doubled or late: the database is the truth, and rings again.
 */
export interface DoorbellRinger {
  /** Resolves when the queue has them. @throws {Fault} `unavailable` */
  ring(doorbells: readonly Doorbell[]): Promise<void>;
  /** Doorbells that wait in the queue; whether those being heard count is the queue's choice. @throws {Fault} `unavailable` */
  depth(): Promise<number>;
  /** Resolves when doorbells could be rung now. @throws {Fault} `unavailable` */
  ping(): Promise<void>;
}

/** Hears doorbells. */
export interface DoorbellListener {
  /**
   * Hands each doorbell to `hear`, at most `concurrency` at a time, until the signal aborts; resolves when the last `hear` has ended.
   * At least once: a doorbell may come twice, so `hear` is idempotent. One whose `hear` rejects may come again.
   */
  listen(hear: (doorbell: Doorbell) => Promise<void>, options: { concurrency: number; signal: AbortSignal }): Promise<void>;
}

/** Wakes those who wait for something to have changed; carries no content, so a lost pulse costs only patience. */
export interface Pulse {
  beat(): void;
  /** Resolves at the next beat, after timeoutMs, or when the signal aborts, whichever is first. */
  wait(timeoutMs: number, signal?: AbortSignal): Promise<void>;
}
