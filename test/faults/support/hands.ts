import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import type { Farm } from './farm.ts';

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

  constructor(farm: Farm) {
    this.#farm = farm;
    for (const [worker, link] of farm.workLinks.entries()) {
      const claims = new WeakMap<object, string>();
      link.watch((piece, to, conversation) => {
        const text = piece.toString('latin1');
        if (to === 'server') {
          if (/^PUT \/v1\/work\/result/.test(text)) this.#held.delete(worker);
          if (/^(POST|PUT) /.test(text)) claims.delete(conversation);
          // Head and body may come in one piece or in two.
          const claim = /\{"fractal":"([0-9a-f-]{36})","band":(\d+),"host":/.exec(text);
          if (claim) claims.set(conversation, `${claim[1]} ${claim[2]}`);
        } else {
          const claim = claims.get(conversation);
          if (claim && text.startsWith('HTTP/1.1 200 ')) this.#held.set(worker, { band: claim, since: performance.now() });
          claims.delete(conversation);
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

/** Resolves when no fractal is unfinished. */
export async function idle(farm: Farm, timeoutMs = 60_000): Promise<void> {
  await until(async () => {
    const { fractals } = await farm.repository.backlog.read();
    return fractals.queued + fractals.rendering + fractals.assembling === 0;
  }, timeoutMs);
}
