import type { Identity } from '../domain/access.ts';
import type { Ports } from '../domain/ports.ts';
import type { Pause } from '../domain/repository.ts';

/**
 * From when it resolves no worker is given a band, through whatever API, until the queue goes on; also after restarts. Orders are taken, and bands in work are
 * delivered. Paused again, the first pause stays.
 * @param why for those who wait, one line; null when nothing is to be said
 */
export async function pauseQueue({ repository }: Pick<Ports, 'repository'>, by: Identity, why: string | null): Promise<Pause> {
  return await repository.pause.begin(by.name, why);
}

/** The queue goes on, and what waits is rung at once. Also when it was not paused. */
export async function resumeQueue({ repository, pulse }: Pick<Ports, 'repository' | 'pulse'>): Promise<void> {
  await repository.pause.end();
  pulse.beat();
}
