import type { Lease } from '../domain/dispatcher.ts';
import { mayPass, pause, pauseMs, unlessAborted } from './patience.ts';
import type { Shift } from './shift.ts';

/** Then the lease is left to expire, which tells the service, too, if less kindly. */
const MAX_TRIES = 4;

/** Gives a band back unharmed. Never rejects. */
export const release = (shift: Shift, lease: Lease): Promise<void> =>
  say(shift, lease, 'band not released', () => shift.parts.dispatcher.release(lease));

/** Says that a band could not be drawn or stored. Never rejects. @param reason one sentence for the person who ordered */
export const fail = (shift: Shift, lease: Lease, reason: string): Promise<void> =>
  say(shift, lease, 'failure not reported', () => shift.parts.dispatcher.fail(lease, reason));

async function say(shift: Shift, lease: Lease, trouble: string, call: () => Promise<void>): Promise<void> {
  for (let tries = 1; tries <= MAX_TRIES && !shift.leave.aborted; tries++) {
    try {
      return await unlessAborted(call(), shift.leave);
    } catch (error) {
      shift.complain(trouble, error, lease);
      if (!mayPass(error)) return;
      await pause(pauseMs(error, tries), shift.leave);
    }
  }
}
