import type { FractalId } from './ids.ts';
import type { ObjectKey } from './store.ts';

/** An object that the store must have, because the database says so. */
export interface KnownObject {
  readonly fractal: FractalId;
  readonly kind: 'picture' | 'sums' | 'thumbnail' | 'band';
  readonly key: ObjectKey;
  /** null when no row tells: of sums and thumbnails */
  readonly sizeBytes: number | null;
  /** hex; null for thumbnails, which carry their own */
  readonly sha256: string | null;
}

/** Some fractals, and the objects that they have. */
export interface LedgerPage {
  readonly lastSeq: number;
  readonly fractals: number;
  readonly objects: readonly KnownObject[];
}

/** Which objects the database knows. */
export interface Ledger {
  /** Those of the next fractals behind that position, in the order of orders; null when there are no more. */
  page(afterSeq: number, fractals: number): Promise<LedgerPage | null>;
  /** Which of these names nobody knows: no fractal needs them, and they are not trash that is swept in any case. */
  strangers(names: readonly string[]): Promise<Set<string>>;
  /** How many fractals there are. */
  count(): Promise<number>;
}
