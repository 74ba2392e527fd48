import type { Band } from './band.ts';
import type { RenderedBand } from './engine.ts';
import type { FractalId } from './ids.ts';
import type { Doorbell, WorkerReport } from './repository.ts';
import type { Spec } from './spec.ts';
import type { Traceparent } from './trace.ts';

/** What a worker shows to prove that a band is its own. */
export interface Lease {
  readonly fractal: FractalId;
  readonly band: number;
  readonly attempt: number;
  /** secret of this very attempt */
  readonly token: string;
  /** the span of its delivery, where that is traced */
  readonly trace?: Traceparent | null;
}

export interface Assignment {
  readonly lease: Lease;
  readonly spec: Spec;
  readonly band: Band;
  /** whether the fractal's thumbnail is to be delivered with this band */
  readonly thumbnail: boolean;
  /** the span of the claim, where that is traced */
  readonly trace?: Traceparent | null;
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  /** what else this claim gave: small pictures whose turn comes next, when more wait than workers have heard of; only for who takes several */
  readonly more?: readonly Assignment[];
}

/** One drawn band on its way to the service. */
export interface Delivery {
  readonly lease: Lease;
  readonly band: RenderedBand;
  readonly thumbnail: Uint8Array | null;
}

/** Who claims a band. */
export interface Claimant {
  readonly host: string;
  readonly engineVersion: string;
  /** a new secret for each claim, 16 to 128 URL-safe letters, so that a claim whose answer was lost can be repeated; the service makes one when absent */
  readonly token?: string;
  /** whether this claim was sent before, and nobody knows what became of it */
  readonly isRepeated?: boolean;
  /** bands that it takes at once; 1 by default */
  readonly most?: number;
}

/** Final words about a delivery; `stale`, `cancelled` and `unknown` mean that nobody needs the result. */
export type DeliveryAnswer = 'accepted' | 'stale' | 'cancelled' | 'unknown';

/** All that a worker knows of the service: in-process when embedded, over HTTP when remote. Every method throws {Fault} `unavailable` when the service cannot be reached, `denied` when it does not let this worker in. */
export interface Dispatcher {
  /**
   * Null when the band needs no work: already claimed by another token, done, cancelled or deleted. The assignment may be another, more urgent band. Again with
   * the same token: the same assignment.
   */
  claim(doorbell: Doorbell, claimant: Claimant): Promise<Assignment | null>;
  renew(lease: Lease): Promise<'held' | 'stale' | 'cancelled' | 'unknown'>;
  /** The same result of the same attempt again is accepted again, while its fractal is unfinished; later it is `stale`. @throws {Fault} `invalid`, `unavailable` */
  deliver(lease: Lease, band: RenderedBand, thumbnail: Uint8Array | null): Promise<DeliveryAnswer>;
  /**
   * The same of all that one claim gave. Null is no word about a delivery: delivered by itself it is told why.
   * @throws {Fault} `unavailable`
   */
  deliverAll(deliveries: readonly Delivery[]): Promise<readonly (DeliveryAnswer | null)[]>;
  release(lease: Lease): Promise<void>;
  /** @param reason one sentence for the person who ordered */
  fail(lease: Lease, reason: string): Promise<void>;
  /** Says what the worker does; a last report in state `stopping` with no work in hand takes it off the list. */
  report(report: WorkerReport): Promise<void>;
}
