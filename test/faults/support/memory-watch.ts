import type { Part } from './part.ts';
import { memoryBytes } from './usage.ts';

const EVERY_MS = 100;

/** Looks again and again how much memory parts hold. */
export class MemoryWatch implements Disposable {
  readonly #before: readonly number[];
  readonly #most: number[];
  readonly #timer: NodeJS.Timeout;

  constructor(parts: readonly Part[]) {
    this.#before = parts.map(({ pid }) => memoryBytes(pid));
    this.#most = [...this.#before];
    const look = () => {
      for (const [i, part] of parts.entries()) if (part.isAlive) this.#most[i] = Math.max(this.#most[i]!, memoryBytes(part.pid));
    };
    this.#timer = setInterval(look, EVERY_MS);
  }

  /** The most that one of them has taken in addition at any time, bytes. */
  get growth(): number {
    return Math.max(...this.#most.map((bytes, i) => bytes - this.#before[i]!));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
