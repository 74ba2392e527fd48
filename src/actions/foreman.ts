import { DELIVERY } from '../domain/delivery.ts';
import type { Ports } from '../domain/ports.ts';
import { type AuditNote, READING_EVERY_MS } from '../domain/repository.ts';
import { assembleNext } from './assemble-fractal.ts';
import { expireFractals, keepsAll, type Retention } from './expire-fractals.ts';
import { forgetTheOld, reapLeases, sweepTrash } from './keep-house.ts';
import type { OnLoss } from './read-picture.ts';
import { findLiveWorkers } from './read-status.ts';
import { ringDueDoorbells, ringLostDoorbells, roomFor } from './ring-doorbells.ts';
import { scrub } from './scrub.ts';
import { startOverWithLivingEngines } from './start-over.ts';
import { takeReading } from './take-reading.ts';

const START_OVER_EVERY_MS = 10_000;
const EXPIRE_EVERY_MS = 10_000;
const NOTES_EVERY_MS = 5_000;
const SCRUB_EVERY_MS = 60_000;
const BREATHER_MS = 25;
/** Workers report every few seconds. */
const ROOM_KEPT_MS = 1_000;

export interface ForemanOptions {
  /** whether other processes draw and ring as well, which this one knows only by what their workers report */
  readonly isShared: boolean;
  readonly retention: Retention;
  readonly signal: AbortSignal;
  /** how fast stored pictures are read again, bytes a second; 0 for not at all */
  readonly scrubRate: number;
  /** told of each picture that was found damaged or missing */
  readonly onLoss: OnLoss;
  /** called with each failure; the loop goes on */
  readonly onError: (loop: string, error: unknown) => void;
  /** called when fractals were deleted because they need not be kept */
  readonly onExpired: (fractals: number) => void;
  /** is told of what somebody did in the database itself; each of it once, by one process */
  readonly onNoted: (note: AuditNote) => void;
}

/**
 * The loops that keep work flowing, beside every API: ring, assemble, reap, sweep, expire; and take readings. Each round is harmless to repeat and to share with other
 * processes. Resolves when the signal has aborted and the rounds under way have ended.
 */
export async function runForeman(ports: Ports, options: ForemanOptions): Promise<void> {
  const { isShared, retention, signal, scrubRate, onLoss, onError, onExpired, onNoted } = options;
  const every = async (name: string, ms: number, round: () => Promise<unknown>): Promise<void> => {
    while (!signal.aborted) {
      const pulse = ports.pulse.wait(ms, signal);
      // Beats that come close together are one round: it costs the same for one band and for twenty.
      const breather = rest(BREATHER_MS, signal);
      try {
        await round();
      } catch (error) {
        onError(name, error);
      }
      await pulse;
      await breather;
    }
  };
  const expire = async (): Promise<void> => {
    const pause = async () => {
      await rest(BREATHER_MS, signal);
      return !signal.aborted;
    };
    const expired = await expireFractals(ports, retention, pause);
    if (expired > 0) onExpired(expired);
  };
  const room = kept(ROOM_KEPT_MS, async () => roomFor(await findLiveWorkers(ports)));
  await Promise.all([
    every('ring', DELIVERY.ringEveryMs, async () => ringDueDoorbells(ports, await room())),
    every('assemble', DELIVERY.ringEveryMs, async () => {
      while (!signal.aborted && (await assembleNext(ports))) {
        // One after the other: assembling is short, and its memory stays that of one picture.
      }
    }),
    quietly(signal, DELIVERY.reapEveryMs, 'reap', onError, () => reapLeases(ports)),
    quietly(signal, DELIVERY.ringEveryMs, 'ring again', onError, () => ringLostDoorbells(ports)),
    quietly(signal, READING_EVERY_MS / 2, 'reading', onError, () => takeReading(ports)),
    quietly(signal, 5_000, 'sweep', onError, () => sweepTrash(ports)),
    quietly(signal, NOTES_EVERY_MS, 'notes', onError, async () => (await ports.repository.audit.take()).forEach(onNoted)),
    quietly(signal, 600_000, 'prune', onError, () => forgetTheOld(ports)),
    keepsAll(retention) ? undefined : quietly(signal, EXPIRE_EVERY_MS, 'expire', onError, expire),
    scrubRate > 0
      ? quietly(signal, SCRUB_EVERY_MS, 'scrub', onError, () =>
          scrub(ports, { holder: crypto.randomUUID(), bytesPerSecond: scrubRate, signal, onLoss }),
        )
      : undefined,
    isShared ? quietly(signal, START_OVER_EVERY_MS, 'start over', onError, () => startOverWithLivingEngines(ports)) : undefined,
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

/** The same answer again for so long. */
function kept<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: { readonly value: T; readonly until: number } | null = null;
  return async () => {
    if (!answer || performance.now() > answer.until) answer = { value: await ask(), until: performance.now() + ms };
    return answer.value;
  };
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
