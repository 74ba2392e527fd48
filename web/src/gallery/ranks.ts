import type { Fractal } from '../api/client.ts';

/** The part of a long list that is known: fractals by their rank, which is 0 for the newest. No fractal stands at two ranks. */
export class Ranks {
  #at = new Map<number, Fractal>();
  #rankOf = new Map<string, number>();

  at(rank: number): Fractal | undefined {
    return this.#at.get(rank);
  }

  rankOf(uuid: string): number | undefined {
    return this.#rankOf.get(uuid);
  }

  get size(): number {
    return this.#at.size;
  }

  put(rank: number, fractal: Fractal): void {
    this.#drop(rank);
    const before = this.#rankOf.get(fractal.uuid);
    if (before !== undefined) this.#at.delete(before);
    this.#at.set(rank, fractal);
    this.#rankOf.set(fractal.uuid, rank);
  }

  /** Takes one out: those behind it move up. */
  remove(rank: number): void {
    this.#drop(rank);
    this.#renumber((other) => (other > rank ? other - 1 : other));
  }

  /** Makes room for `count` at the top. */
  shift(count: number): void {
    this.#renumber((rank) => rank + count);
  }

  /** Forgets all but those from `first` to before `last`. */
  keep(first: number, last: number): void {
    for (const rank of [...this.#at.keys()]) if (rank < first || rank >= last) this.#drop(rank);
  }

  #drop(rank: number): void {
    const fractal = this.#at.get(rank);
    if (!fractal) return;
    this.#at.delete(rank);
    this.#rankOf.delete(fractal.uuid);
  }

  #renumber(to: (rank: number) => number): void {
    const before = [...this.#at];
    this.#at = new Map();
    this.#rankOf = new Map();
    for (const [rank, fractal] of before) {
      this.#at.set(to(rank), fractal);
      this.#rankOf.set(fractal.uuid, to(rank));
    }
  }
}
