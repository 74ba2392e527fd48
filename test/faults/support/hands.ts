import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import type { Farm } from './farm.ts';
import type { Moment } from './moments.ts';

interface Held {
  /** `<uuid> <number>` */
  readonly band: string;
  /** performance.now() when the worker was given it */
  readonly since: number;
}

/** Which band each worker is drawing, as its link to the API tells: from the answer to its claim until it sends the result. */
export class Hands implements Disposable {
  readonly #farm: Farm;
  readonly #held = new Map<number, Held>();
  /** bands that were given to workers so far */
  given = 0;

  constructor(farm: Farm) {
    this.#farm = farm;
    for (const [worker, link] of farm.workLinks.entries()) {
      link.watch((piece, to) => {
        const text = piece.toString('latin1');
        const band = bandIn(text);
        if (band === null) return 'pass';
        if (to === 'client') {
          // Small pictures come in bundles.
          this.given += text.split('"lease_ms":').length - 1;
          this.#held.set(worker, { band, since: performance.now() });
        } else if (this.#held.get(worker)?.band === band) {
          // Perhaps it is that of the band before: a worker goes on drawing while it delivers.
          this.#held.delete(worker);
        }
        return 'pass';
      });
    }
  }

  /** Forgets what a worker held that was ended. */
  drop(worker: number): void {
    this.#held.delete(worker);
  }

  /**
   * Waits until some worker has drawn a band for so long and is still at it.
   * @param isMeant which bands count, each as `<uuid> <number>`
   * @throws when it does not come to that in time
   */
  async drawing(isMeant: (band: string) => boolean, ms: number, timeoutMs = 60_000): Promise<{ worker: number; band: string }> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      for (const worker of this.#farm.workers.keys()) {
        const held = this.#of(worker);
        if (held && isMeant(held.band) && performance.now() - held.since >= ms) return { worker, band: held.band };
      }
      if (performance.now() > deadline) throw new Error(`no worker drew such a band within ${timeoutMs / 1000} s`);
      await sleep(10);
    }
  }

  #of(worker: number): Held | undefined {
    return this.#farm.workers[worker]!.isAlive ? this.#held.get(worker) : undefined;
  }

  [Symbol.dispose](): void {
    for (const link of this.#farm.workLinks) link.watch(null);
  }
}

/** How often a scene has ended the worker of each band: five times, and the band is given up, and rightly so. */
export class BandKills {
  readonly #kills = new Map<string, number>();

  mayKill(band: string): boolean {
    return (this.#kills.get(band) ?? 0) < MOST_KILLS;
  }

  count(band: string): void {
    this.#kills.set(band, (this.#kills.get(band) ?? 0) + 1);
  }
}

const MOST_KILLS = 3;

/** A worker is given a band that it may be killed for. */
export const claimAnswered =
  (kills: BandKills): Moment =>
  () =>
  (piece, to) => {
    const band = to === 'client' ? bandIn(piece) : null;
    if (band === null || !kills.mayKill(band)) return false;
    kills.count(band);
    return true;
  };

/** The band that an answer to a claim, or a result, is about: `<uuid> <number>`; null when it is something else. */
function bandIn(text: string): string | null {
  const result = /^PUT \/v1\/work\/result\?fractal=([0-9a-f-]{36})&band=(\d+)&/.exec(text);
  if (result) return `${result[1]} ${result[2]}`;
  if (!text.includes('"lease_ms":')) return null;
  const [, fractal] = /"fractal":"([0-9a-f-]{36})"/.exec(text) ?? [];
  const [, number] = /"number":(\d+)/.exec(text) ?? [];
  return fractal === undefined || number === undefined ? null : `${fractal} ${number}`;
}

/** Resolves when no fractal is unfinished. */
export async function idle(farm: Farm, timeoutMs = 60_000): Promise<void> {
  await until(async () => {
    const { fractals } = await farm.repository.backlog.read();
    return fractals.queued + fractals.rendering + fractals.assembling === 0;
  }, timeoutMs);
}
