import type { Assignment } from '../domain/dispatcher.ts';
import type { Shift } from './shift.ts';

/** A lease that is renewed until it is disposed of. */
export interface KeptLease extends Disposable {
  /** aborts when nobody needs the band any more */
  readonly lost: AbortSignal;
}

export function keepLease(shift: Shift, { lease, renewEveryMs }: Assignment): KeptLease {
  const lost = new AbortController();
  let isAsking = false;
  const renew = async (): Promise<void> => {
    // A service that does not answer is not asked by more and more at once.
    if (isAsking) return;
    isAsking = true;
    try {
      const answer = await shift.parts.dispatcher.renew(lease);
      if (answer !== 'held') lost.abort(new Error(`the lease is ${answer}`));
    } catch (error) {
      shift.complain('lease not renewed', error, lease);
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(renew, renewEveryMs);
  return { lost: lost.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
