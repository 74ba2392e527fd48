import { Fault, type FaultCode } from '../domain/fault.ts';
import type { Ports } from '../domain/ports.ts';
import type { NewFractal } from '../domain/repository.ts';
import { COST_UNIT, inUnits } from '../domain/spec.ts';
import { findLiveWorkers, throughputOf } from './read-status.ts';

const STORE_FULL_S = 60;
const LONGEST_WAIT_S = 300;
/** When no worker has delivered anything lately, nobody knows. */
const UNMEASURED_WAIT_S = 30;
/** Somebody will let the queue go on, and then it takes a while. */
const PAUSED_WAIT_S = 60;

/**
 * Why an order cannot be taken now, though it can be later; null when it can. `unavailable`: the store is almost full, or too much work is
 * outstanding; `busy`: too much of this client's. Where nothing is outstanding there is always room for one order, whatever it costs. A paused queue takes orders as ever.
 * Orders that come at the same moment may pass together: the limits protect the service, and are no account.
 */
export async function findObstacle(
  ports: Pick<Ports, 'repository' | 'store' | 'limits'>,
  order: Pick<NewFractal, 'cost' | 'client'>,
): Promise<Fault | null> {
  const { repository, store, limits } = ports;
  if (!(await store.hasRoom('order'))) {
    return new Fault('unavailable', 'The store is almost full: delete fractals that nobody needs, then order again.', {
      retryAfterSeconds: STORE_FULL_S,
    });
  }
  const { all, ofClient } = await repository.fractals.outstanding(order.client);
  const refuse = async (code: FaultCode, outstanding: number, limit: bigint, whose: readonly [string, string]) => {
    const excess = outstanding + order.cost - inUnits(limit);
    if (outstanding <= 0 || excess <= 0) return null;
    const isPaused = (await repository.pause.read()) !== null;
    const seconds = isPaused ? PAUSED_WAIT_S : await secondsToDraw(ports, Math.min(excess, outstanding));
    const [subject, theirs] = whose;
    const cost = BigInt(outstanding) * BigInt(COST_UNIT);
    const still = isPaused ? '; the queue is paused, so nothing is drawn' : '';
    return new Fault(
      code,
      `${subject} ${cost} already (width x height x iterations x samples²), and ${theirs} may cost ${limit} together${still}: order again in ${seconds} s.`,
      { retryAfterSeconds: seconds },
    );
  };
  return (
    (await refuse('busy', ofClient, limits.maxClientCost, ['Your unfinished orders cost', 'those of one client'])) ??
    (await refuse('unavailable', all, limits.maxOutstandingCost, ['All unfinished orders cost', 'they']))
  );
}

/** How long the workers of this moment take for so many units of COST_UNIT, in whole seconds from 1 to 300. */
async function secondsToDraw(ports: Pick<Ports, 'repository'>, units: number): Promise<number> {
  const { speed } = throughputOf(await findLiveWorkers(ports));
  if (speed <= 0) return UNMEASURED_WAIT_S;
  return Math.min(Math.max(Math.ceil(units / speed), 1), LONGEST_WAIT_S);
}
