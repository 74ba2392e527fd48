import { LONG, type Meters, stopwatch } from './meters.ts';

/** More are under way in one process only when many were given up. */
const MOST_BEGUN = 1_000;

/** Counts finished pictures, whether they were joined from bands or delivered as one. */
export class PictureMeters {
  readonly #count;
  readonly #bytes;
  readonly #joining;
  readonly #whole;
  /** by fractal, those that are being joined or stored here */
  readonly #begun = new Map<string, { readonly seconds: () => number; readonly orderedAt: number }>();

  constructor(meters: Meters) {
    this.#count = meters.counter('faafo_pictures_total', 'Pictures that were finished');
    this.#bytes = meters.counter('faafo_picture_bytes_total', 'Bytes of the pictures that were finished');
    const joining = 'From the last band of a fractal, or the claim of its bands, to its picture';
    this.#joining = meters.histogram('faafo_assembly_duration_seconds', joining, {}, LONG);
    this.#whole = meters.histogram('faafo_fractal_duration_seconds', 'From the order of a fractal to its picture', {}, LONG);
  }

  /** @param orderedAt milliseconds since 1970, by the database's clock */
  begin(fractal: string, orderedAt: number): void {
    if (this.#begun.size >= MOST_BEGUN) this.#begun.clear();
    this.#begun.set(fractal, { seconds: stopwatch(), orderedAt });
  }

  end(fractal: string, sizeBytes: number | null): void {
    const begun = this.#begun.get(fractal);
    this.#begun.delete(fractal);
    if (sizeBytes === null) return;
    this.#count.inc();
    this.#bytes.inc(sizeBytes);
    if (!begun) return;
    this.#joining.observe(begun.seconds());
    // The database's clock and ours may differ.
    this.#whole.observe(Math.max(0, (Date.now() - begun.orderedAt) / 1000));
  }
}
