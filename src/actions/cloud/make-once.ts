import { setTimeout as sleep } from 'node:timers/promises';
import { LostAnswer } from '../../domain/cloud.ts';

/** How often, and how long, one looks for what may have been made; a cloud that was slow to answer may still be at it. */
const LOOKS = 4;
const FIRST_PAUSE_MS = 500;
const TRIES = 3;

/**
 * Makes a thing once. When the answer was lost, one looks for it before it is made again.
 * @param find what was made, by its name and mark; null when there is nothing (yet)
 * @throws what `make` throws
 */
export async function makeOnce<T>(make: () => Promise<T>, find: () => Promise<T | null>, signal?: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof LostAnswer)) throw error;
      const found = await lookFor(find, signal);
      if (found !== null) return found;
      if (tries === TRIES) throw error;
    }
  }
}

async function lookFor<T>(find: () => Promise<T | null>, signal: AbortSignal | undefined): Promise<T | null> {
  for (let looks = 0; looks < LOOKS; looks++) {
    await sleep(FIRST_PAUSE_MS * 2 ** looks, undefined, { signal });
    const found = await find();
    if (found !== null) return found;
  }
  return null;
}
