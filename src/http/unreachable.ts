import { Fault } from '../domain/fault.ts';

/** No answer came from the API: it is not there, or the connection broke. */
export class Unreachable extends Fault {
  /** Whether a connection existed or was being made, so that another try may succeed at once; false when nobody listens. */
  readonly broken: boolean;

  constructor(message: string, options: { broken: boolean; cause?: unknown }) {
    super('unavailable', message, { cause: options.cause });
    this.name = 'Unreachable';
    this.broken = options.broken;
  }
}
