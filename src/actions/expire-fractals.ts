import type { Ports } from '../domain/ports.ts';

/** How long and how much is kept of what is finished; null where there is no limit. */
export interface Retention {
  readonly maxAgeMs: number | null;
  /** of all pictures together */
  readonly maxBytes: number | null;
}

export const keepsAll = ({ maxAgeMs, maxBytes }: Retention): boolean => maxAgeMs === null && maxBytes === null;

/** One transaction takes no more away: it holds rows that every finished picture writes. */
const AT_ONCE = 10;

/**
 * Deletes finished, failed and cancelled fractals that are too old, then the oldest pictures until the rest take little enough. Their objects are swept later, as
 * those of every deleted fractal; what is drawn stays. Harmless to stop and to share with other processes.
 * @param pause called between two batches, so that orders get their turn; false ends it
 * @returns how many were deleted
 */
export async function expireFractals(
  { repository, pulse }: Pick<Ports, 'repository' | 'pulse'>,
  { maxAgeMs, maxBytes }: Retention,
  pause: () => Promise<boolean>,
): Promise<number> {
  const { retention } = repository;
  const inBatches = async (removeSome: () => Promise<number>): Promise<number> => {
    for (let sum = 0; ; ) {
      const removed = await removeSome();
      sum += removed;
      if (removed > 0) pulse.beat();
      if (removed < AT_ONCE || !(await pause())) return sum;
    }
  };
  const tooOld = maxAgeMs === null ? 0 : await inBatches(() => retention.removeOlderThan(maxAgeMs, AT_ONCE));
  const tooMuch = maxBytes === null ? 0 : await inBatches(() => retention.removeBeyond(maxBytes, AT_ONCE));
  return tooOld + tooMuch;
}
