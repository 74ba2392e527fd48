import type { Doorbell, WorkInHand } from '../domain/repository.ts';

/** The bands that a worker holds, from the claim to their last word. */
export class InHand {
  readonly #bands = new Set<Doorbell & { readonly since: number }>();

  /** @returns to be called when it is put down */
  take({ fractal, band }: Doorbell): () => void {
    const taken = { fractal, band, since: performance.now() };
    this.#bands.add(taken);
    return () => this.#bands.delete(taken);
  }

  get list(): WorkInHand[] {
    const now = performance.now();
    return [...this.#bands].map(({ fractal, band, since }) => ({ fractal, band, ms: Math.round(now - since) }));
  }
}
