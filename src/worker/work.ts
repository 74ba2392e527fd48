import type { Assignment } from '../domain/dispatcher.ts';
import type { Doorbell } from '../domain/repository.ts';
import { claim } from './claim.ts';
import { deliver } from './deliver.ts';
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
    const delivery = assignment && (await drawBand(shift, assignment));
    if (!delivery) return;
    const delivered = delivery.ended.finally(() => deliveries.delete(delivered));
    deliveries.add(delivered);
    while (deliveries.size > threads) await Promise.race(deliveries);
  };
  await shift.parts.listener.listen(hear, { concurrency: threads, signal: shift.stop });
  await Promise.all(deliveries);
}

/** Draws a claimed band, and holds its lease meanwhile. @returns its delivery, under way; null when there is nothing to deliver */
async function drawBand(shift: Shift, assignment: Assignment): Promise<{ readonly ended: Promise<void> } | null> {
  const putDown = shift.inHand.take(assignment.lease);
  const lease = keepLease(shift, assignment);
  shift.parts.onStep?.('band claimed', assignment.lease);
  const end = (): void => {
    lease[Symbol.dispose]();
    putDown();
  };
  const drawn = await draw(shift, assignment, lease.lost);
  if (drawn) return { ended: deliver(shift, assignment, drawn, lease.lost).finally(end) };
  end();
  return null;
}
