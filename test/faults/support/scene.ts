import type { Farm, FarmOptions } from './farm.ts';
import type { OrderBook } from './orders.ts';

export type Pass = 'short' | 'long';

/** What a scene works with. */
export interface Stage {
  readonly farm: Farm;
  readonly book: OrderBook;
  /** how often the fault is to be injected: few in the short pass, many in the long one */
  readonly times: number;
  readonly pass: Pass;
  /** Notes something that is not as it should be; the scene goes on. */
  readonly complain: (sentence: string) => void;
  /** Notes what was measured, for the report. */
  readonly note: (sentence: string) => void;
}

/** One fault of the list in docs/reliability.md. */
export interface Scene {
  readonly number: number;
  readonly name: string;
  /** what the farm must have; scenes with equal needs share one */
  readonly farm?: Omit<FarmOptions, 'seed'>;
  /** orders come in all the time while it plays, unless false */
  readonly keepsOrdering?: boolean;
  /** it measures, and nothing else may be done meanwhile */
  readonly measures?: boolean;
  /** injections in the short pass and in the long one */
  readonly times: Readonly<Record<Pass, number>>;
  /**
   * Injects the fault and takes it back; the runner heals whatever is left, then the checker judges. @returns how many times it was injected
   * @throws {CannotInject} where this machine does not allow it
   */
  play(stage: Stage): Promise<number>;
}

/** The fault cannot be injected here; said in the table, with the reason. */
export class CannotInject extends Error {}
