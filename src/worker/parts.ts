import type { Dispatcher } from '../domain/dispatcher.ts';
import type { Engine } from '../domain/engine.ts';
import type { DoorbellListener } from '../domain/queue.ts';
import type { Doorbell } from '../domain/repository.ts';

/** The band that a line of a log is about; before it is claimed there is no attempt. */
export type BandAtWork = Doorbell & { readonly attempt?: number };

/** What a worker works with. */
export interface WorkerParts {
  readonly listener: DoorbellListener;
  readonly dispatcher: Dispatcher;
  readonly engine: Engine;
  /** names this process; see WorkerReport */
  readonly id: string;
  readonly host: string;
  /** of this package */
  readonly version: string;
  /** called with each surprise; the worker goes on */
  readonly onError: (what: string, error: unknown, band: BandAtWork) => void;
  /** called with what is of no consequence */
  readonly onDetail: (what: string, error: unknown, band?: BandAtWork) => void;
  /** called with each step of the work that went well */
  readonly onStep?: (what: string, band: BandAtWork, facts?: Readonly<Record<string, string | number>>) => void;
  /** a band that takes longer is given up; DELIVERY.bandDeadlineMs by default */
  readonly bandDeadlineMs?: number;
}
