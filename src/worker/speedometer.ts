import type { Band } from '../domain/band.ts';
import type { WorkerReport } from '../domain/repository.ts';
import { COST_UNIT, type Spec } from '../domain/spec.ts';

const WINDOW_MS = 30_000;
/** A worker that has just begun is not yet known to be fast. */
const SHORTEST_WINDOW_MS = 1_000;

/** What a band counts for. */
export interface Amount {
  readonly pixels: number;
  /** all its points times the iterations, in units of COST_UNIT */
  readonly units: number;
}

export function amountOf({ width, iterations, samples }: Spec, { rows, mirror }: Band): Amount {
  const height = rows.lastRow - rows.firstRow + (mirror ? mirror.lastRow - mirror.firstRow : 0);
  const pixels = height * width;
  return { pixels, units: (pixels * iterations * samples ** 2) / COST_UNIT };
}

/** How fast work is delivered, over the last half minute. */
export class Speedometer {
  readonly #now: () => number;
  readonly #startedAt: number;
  #recent: (Amount & { readonly at: number })[] = [];
  #bands = 0;

  /** @param now milliseconds on a clock that nobody sets */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#startedAt = now();
  }

  /** A band was delivered. */
  count(amount: Amount): void {
    this.#bands++;
    this.#recent.push({ at: this.#now(), ...amount });
    this.#forget();
  }

  read(): Pick<WorkerReport, 'bands' | 'speed' | 'bandsPerSecond' | 'pixelsPerSecond'> {
    this.#forget();
    const elapsed = Math.max(SHORTEST_WINDOW_MS, Math.min(WINDOW_MS, this.#now() - this.#startedAt));
    const perSecond = (of: (amount: Amount) => number) =>
      (this.#recent.reduce((sum, each) => sum + of(each), 0) * 1000) / elapsed;
    return {
      bands: this.#bands,
      speed: perSecond(({ units }) => units),
      bandsPerSecond: perSecond(() => 1),
      pixelsPerSecond: perSecond(({ pixels }) => pixels),
    };
  }

  #forget(): void {
    const since = this.#now() - WINDOW_MS;
    const kept = this.#recent.findIndex(({ at }) => at > since);
    if (kept === -1) this.#recent = [];
    else if (kept > 0) this.#recent.splice(0, kept);
  }
}
