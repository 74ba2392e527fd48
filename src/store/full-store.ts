import { Fault } from '../domain/fault.ts';

/** A store without room for what was to be written. */
export class FullStore extends Fault {
  /** @param how call and answer, for the operator */
  constructor(how: string) {
    super('unavailable', `The store is full (${how}).`, { retryAfterSeconds: 5 });
  }
}
