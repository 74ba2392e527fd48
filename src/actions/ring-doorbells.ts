import { DELIVERY } from '../domain/delivery.ts';
import type { Ports } from '../domain/ports.ts';

/** Before the first worker has said how many threads it has. */
const LEAST_ROOM = 2;

/**
 * Rings due doorbells in the order of their turns, as far as there is room: the queue holds only a few, so that it stays short however
 * much is ordered, and what is ordered later goes in between the bands of a poster.
 * @param room the most bands that may wait with their doorbell rung
 * @returns how many were rung
 */
export async function ringDueDoorbells(
  { repository, ringer }: Pick<Ports, 'repository' | 'ringer'>,
  room: number,
): Promise<number> {
  const waiting = await repository.doorbells.countRung();
  if (waiting >= room) return 0;
  const due = await repository.doorbells.takeDue(room - waiting);
  if (due.length === 0) return 0;
  try {
    await ringer.ring(due);
  } catch (error) {
    await repository.doorbells.ringAgain();
    throw error;
  }
  return due.length;
}

/**
 * Rings again what the queue lost: of the doorbells rung a while ago, more bands still wait than it holds messages. A healthy backlog is left alone, and
 * so is a message on its way to a worker.
 */
export async function ringLostDoorbells({ repository, ringer }: Pick<Ports, 'repository' | 'ringer'>): Promise<number> {
  const waiting = await repository.doorbells.countRung(DELIVERY.lostAfterMs);
  if (waiting === 0 || (await ringer.depth()) >= waiting) return 0;
  return await repository.doorbells.ringAgain(DELIVERY.lostAfterMs);
}

/** How many bands may wait with their doorbell rung: a second one for each thread is there as soon as it has delivered the first. */
export function roomFor(workers: readonly { readonly threads: number }[]): number {
  return Math.max(LEAST_ROOM, 2 * workers.reduce((sum, { threads }) => sum + threads, 0));
}
