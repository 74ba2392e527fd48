import type { Band } from '../domain/band.ts';
import { COST_UNIT, type Spec } from '../domain/spec.ts';

const WINDOW_MS = 30_000;
/** A worker that has just begun is not yet known to be fast. */
const SHORTEST_WINDOW_MS = 1_000;

/** What a band counts for: all its points times the iterations, in units of COST_UNIT. */
export function unitsOf({ width, iterations, samples }: Spec, { rows, mirror }: Band): number {
  const height = rows.lastRow - rows.firstRow + (mirror ? mirror.lastRow - mirror.firstRow : 0);
  return (height * width * iterations * samples ** 2) / COST_UNIT;
}

/** How fast work is delivered, over the last half minute. */
export class Speedometer {
  readonly #now: () => number;
  readonly #startedAt: number;
  #recent: { readonly at: number; readonly units: number }[] = [];
  #bands = 0;

  /** @param now milliseconds on a clock that nobody sets */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#startedAt = now();
  }

  /** A band was delivered. */
  count(units: number): void {
    this.#bands++;
    this.#recent.push({ at: this.#now(), units });
    this.#forget();
  }

  read(): { readonly bands: number; readonly speed: number; readonly bandsPerSecond: number } {
    this.#forget();
    const elapsed = Math.max(SHORTEST_WINDOW_MS, Math.min(WINDOW_MS, this.#now() - this.#startedAt));
    const units = this.#recent.reduce((sum, each) => sum + each.units, 0);
    return { bands: this.#bands, speed: (units * 1000) / elapsed, bandsPerSecond: (this.#recent.length * 1000) / elapsed };
  }

  #forget(): void {
    const since = this.#now() - WINDOW_MS;
    const kept = this.#recent.findIndex(({ at }) => at > since);
    if (kept === -1) this.#recent = [];
    else if (kept > 0) this.#recent.splice(0, kept);
  }
}
