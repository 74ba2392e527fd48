import { DELIVERY } from '../domain/delivery.ts';
import type { Ports } from '../domain/ports.ts';
import { assembleNext } from './assemble-fractal.ts';
import { forgetOldEvents, reapLeases, sweepTrash } from './keep-house.ts';
import { ringDueDoorbells, ringLostDoorbells } from './ring-doorbells.ts';

export interface ForemanOptions {
  /** the most bands that may wait with their doorbell rung; see ringDueDoorbells */
  readonly ringRoom: number;
  readonly signal: AbortSignal;
  /** called with each failure; the loop goes on */
  readonly onError: (loop: string, error: unknown) => void;
}

/**
 * The loops that keep work flowing, beside every API: ring, assemble, reap, sweep. Each round is harmless to repeat and to share with other
 * processes. Resolves when the signal has aborted and the rounds under way have ended.
 */
export async function runForeman(ports: Ports, { ringRoom, signal, onError }: ForemanOptions): Promise<void> {
  const every = async (name: string, ms: number, round: () => Promise<unknown>): Promise<void> => {
    while (!signal.aborted) {
      const pulse = ports.pulse.wait(ms, signal);
      try {
        await round();
      } catch (error) {
        onError(name, error);
      }
      await pulse;
    }
  };
  await Promise.all([
    every('ring', DELIVERY.ringEveryMs, () => ringDueDoorbells(ports, ringRoom)),
    every('assemble', DELIVERY.ringEveryMs, async () => {
      while (!signal.aborted && (await assembleNext(ports))) {
        // One after the other: assembling is short, and its memory stays that of one picture.
      }
    }),
    quietly(signal, DELIVERY.reapEveryMs, 'reap', onError, () => reapLeases(ports)),
    quietly(signal, DELIVERY.ringEveryMs, 'ring again', onError, () => ringLostDoorbells(ports)),
    quietly(signal, 5_000, 'sweep', onError, () => sweepTrash(ports)),
    quietly(signal, 600_000, 'prune', onError, () => forgetOldEvents(ports)),
  ]);
}

/** A round at a fixed pace, whatever happens meanwhile. */
async function quietly(
  signal: AbortSignal,
  ms: number,
  name: string,
  onError: ForemanOptions['onError'],
  round: () => Promise<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await round();
    } catch (error) {
      onError(name, error);
    }
    await rest(ms, signal);
  }
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
