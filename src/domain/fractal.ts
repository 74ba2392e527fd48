import type { Cut } from './band.ts';
import type { FractalId } from './ids.ts';
import type { Spec } from './spec.ts';
import type { FractalState } from './states.ts';
import type { ObjectKey } from './store.ts';
import type { Traceparent } from './trace.ts';

/** The SHA-256 of each block of a picture, one after the other, as an object of the store. */
export interface Sums {
  readonly key: ObjectKey;
  /** SHA-256 of that object, lower-case hex */
  readonly checksum: string;
}

/** What a finished fractal has. */
export interface Picture {
  /** SHA-256 of the PNG file, lower-case hex */
  readonly checksum: string;
  readonly sizeBytes: number;
  /** where the bytes lie in the store */
  readonly key: ObjectKey;
  /** of a large picture, the object with the checksums of its blocks; null where it has none yet */
  readonly sums: Sums | null;
}

/** Bands [first, last] of a picture, both of them included. */
export type BandRange = readonly [first: number, last: number];

/** What the workers of one host drew of a picture. */
export interface HostShare {
  readonly host: string;
  readonly bands: number;
  /** render time added up */
  readonly renderMs: number;
  /** which they were, ascending; null of pictures that were finished before this was kept, or that were cut into too many */
  readonly ranges: readonly BandRange[] | null;
}

/** One ordered picture: its immutable spec, its state, its result. */
export interface Fractal {
  readonly id: FractalId;
  /** position in the order of orders; only grows, never reused */
  readonly seq: number;
  readonly spec: Spec;
  /** name of the identity that ordered it; null when it gave none */
  readonly owner: string | null;
  readonly state: FractalState;
  readonly cut: Cut;
  readonly bandsDone: number;
  /** the engine that draws it: all bands of one picture come from one engine version */
  readonly engineVersion: string;
  /** names its objects in the store; never reused, also when the uuid is ordered anew */
  readonly storeKey: string;
  /** milliseconds since 1970, by the database's clock */
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** render time of the accepted bands added up */
  readonly renderMs: number;
  /** host names of the workers that drew accepted bands, each once, in order of first delivery */
  readonly hosts: readonly string[];
  /** who drew how much of a finished picture; null until then, and of those that were finished before this was kept */
  readonly drawnBy: readonly HostShare[] | null;
  /** only of one that is done */
  readonly picture: Picture | null;
  /** the checksum that its picture must have, because it had it before it was damaged or lost; null when it may have any */
  readonly expectedChecksum: string | null;
  /** the span of its order, where that was traced */
  readonly trace?: Traceparent | null;
  /** why it failed, for people */
  readonly error: string | null;
}

/** 0..1: the share of bands that are done; 1 only when the picture can be had. */
export function progressOf(fractal: Pick<Fractal, 'state' | 'cut' | 'bandsDone'>): number {
  if (fractal.state === 'done') return 1;
  return Math.min(fractal.bandsDone / fractal.cut.bands, 0.99);
}
