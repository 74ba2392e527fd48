import type { Assignment } from '../domain/dispatcher.ts';
import type { Doorbell } from '../domain/repository.ts';
import { claim } from './claim.ts';
import { type DrawnBand, deliverAll } from './deliver.ts';
import { draw } from './draw.ts';
import { keepLease } from './keep-lease.ts';
import type { WorkerParts } from './parts.ts';
import { reportUntil } from './report.ts';
import { Shift } from './shift.ts';

/**
 * The worker's loop: hear, claim, render, renew, deliver, and report meanwhile. As many bands are rendered at a time as the engine has threads;
 * as many again may be on their way to the store, so that no thread waits for a disk or a network.
 * @param stop ends it: no more bands are taken, those in work have `drainMs` to be delivered, the rest are released
 * Resolves when nothing is in work any more.
 * @throws {Fault} `denied` when the service does not let this worker in
 */
export async function work(parts: WorkerParts, stop: AbortSignal, drainMs: number): Promise<void> {
  using shift = new Shift(parts, stop, drainMs);
  const ended = new AbortController();
  const reports = reportUntil(shift, ended.signal);
  try {
    await hearDoorbells(shift);
  } finally {
    ended.abort();
    await reports;
  }
  shift.throwIfDenied();
}

async function hearDoorbells(shift: Shift): Promise<void> {
  const { threads } = shift.parts.engine;
  const deliveries = new Set<Promise<void>>();
  const hear = async (doorbell: Doorbell): Promise<void> => {
    const assignment = await claim(shift, doorbell);
    const delivery = assignment && (await drawBands(shift, [assignment, ...(assignment.more ?? [])]));
    if (!delivery) return;
    const delivered = delivery.ended.finally(() => deliveries.delete(delivered));
    deliveries.add(delivered);
    while (deliveries.size > threads) await Promise.race(deliveries);
  };
  await shift.parts.listener.listen(hear, { concurrency: threads, signal: shift.stop });
  await Promise.all(deliveries);
}

/**
 * Draws what one claim gave, one after the other, and holds all leases meanwhile.
 * @returns its delivery, under way; null when there is nothing to deliver
 */
async function drawBands(shift: Shift, assignments: readonly Assignment[]): Promise<{ readonly ended: Promise<void> } | null> {
  const inHand = assignments.map((assignment) => ({ assignment, ...holdBand(shift, assignment) }));
  const drawn: DrawnBand[] = [];
  for (const { assignment, lost, end } of inHand) {
    const band = await draw(shift, assignment, lost);
    if (band) drawn.push({ assignment, drawn: band, lost, end });
    else end();
  }
  return drawn.length === 0 ? null : { ended: deliverAll(shift, drawn) };
}

/** Holds the lease of a band until its end. */
function holdBand(shift: Shift, assignment: Assignment): { readonly lost: AbortSignal; readonly end: () => void } {
  const putDown = shift.inHand.take(assignment.lease);
  const lease = keepLease(shift, assignment);
  shift.parts.onStep?.('band claimed', assignment.lease);
  const end = (): void => {
    lease[Symbol.dispose]();
    putDown();
  };
  return { lost: lease.lost, end };
}
