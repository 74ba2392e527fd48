import { DELIVERY } from '../domain/delivery.ts';
import type { Ports } from '../domain/ports.ts';

const EVENTS_KEPT_MS = 24 * 3600_000;
const WORKERS_KEPT_MS = 3600_000;
/** Longer than any delivery in flight, so that nothing is stored after its name was swept. */
const TRASH_REST_MS = 20_000;
const SWEEP_LIMIT = 200;

/** Ends the leases of workers that went silent. */
export async function reapLeases({ repository, pulse }: Pick<Ports, 'repository' | 'pulse'>): Promise<number> {
  const ended = await repository.bands.reap(DELIVERY.maxInterruptions);
  if (ended > 0) pulse.beat();
  return ended;
}

/** Removes objects that nobody needs any more. Missing ones are fine, so killed at any point it can go on. */
export async function sweepTrash(
  { repository, store }: Pick<Ports, 'repository' | 'store'>,
  restMs = TRASH_REST_MS,
): Promise<void> {
  for (;;) {
    const trash = await repository.trash.list(SWEEP_LIMIT, restMs);
    for (const { key } of trash) await store.remove(key);
    await repository.trash.forget(trash.map(({ id }) => id));
    if (trash.length < SWEEP_LIMIT) return;
  }
}

/** Events that nobody will go on from, workers that are gone, clients who have nothing outstanding. */
export async function forgetTheOld({ repository }: Pick<Ports, 'repository'>): Promise<void> {
  await repository.events.prune(EVENTS_KEPT_MS);
  await repository.workers.prune(WORKERS_KEPT_MS);
  await repository.fractals.forgetClients();
}
