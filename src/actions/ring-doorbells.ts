import type { Ports } from '../domain/ports.ts';

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

/** Rings again what the queue lost: it holds fewer messages than bands wait with their doorbell rung. */
export async function ringLostDoorbells({ repository, ringer }: Pick<Ports, 'repository' | 'ringer'>): Promise<number> {
  const [waiting, depth] = [await repository.doorbells.countRung(), await ringer.depth()];
  return depth < waiting ? await repository.doorbells.ringAgain() : 0;
}
