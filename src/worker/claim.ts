import { randomBytes } from 'node:crypto';
import { DELIVERY } from '../domain/delivery.ts';
import type { Assignment } from '../domain/dispatcher.ts';
import { Fault } from '../domain/fault.ts';
import type { Doorbell } from '../domain/repository.ts';
import { mayPass, pause, pauseMs } from './patience.ts';
import type { Shift } from './shift.ts';

/**
 * Claims the band of a doorbell. While the service cannot be reached the doorbell is kept, so that this worker takes no more of them than it has
 * threads, and the claim is tried again.
 * @returns null when there is nothing to do for this doorbell
 * @throws when the worker stops before there was an answer: the doorbell is given back
 */
export async function claim(shift: Shift, doorbell: Doorbell): Promise<Assignment | null> {
  const { dispatcher, engine, host } = shift.parts;
  const token = `lease_${randomBytes(18).toString('base64url')}`;
  for (let tries = 1; ; tries++) {
    shift.stop.throwIfAborted();
    try {
      const who = { host, engineVersion: engine.version, most: DELIVERY.bundleBands };
      return await dispatcher.claim(doorbell, { ...who, token, isRepeated: tries > 1 });
    } catch (error) {
      shift.complain('band not claimed', error, doorbell);
      // The service's last word about this doorbell. A defect, on the other hand, may be mended while we wait.
      if (error instanceof Fault && !mayPass(error) && !shift.stop.aborted) return null;
      await pause(pauseMs(error, tries), shift.stop);
    }
  }
}
