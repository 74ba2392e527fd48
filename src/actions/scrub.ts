import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';
import type { Fractal, Picture } from '../domain/fractal.ts';
import type { Ports } from '../domain/ports.ts';
import { type OnLoss, type PictureReader, pictureReader } from './read-picture.ts';
import type { Loss } from './redraw-fractal.ts';

/** The right to read is kept this long after the last step: then another process goes on where this one stopped. */
const LEASE_MS = 60_000;
const RENEW_MS = 20_000;
/** All pictures of a small store are read in no time: not more often than once a day. */
const LAP_REST_MS = 24 * 3600_000;

export interface ScrubOptions {
  /** names this process */
  readonly holder: string;
  /** how fast stored pictures are read */
  readonly bytesPerSecond: number;
  readonly signal: AbortSignal;
  readonly onLoss: OnLoss;
  readonly lapRestMs?: number;
}

/**
 * Reads stored pictures again, in the order of orders, slowly, so that damage is found before somebody looks. One process at a time does it for all, and the next goes on where
 * it stopped. Resolves when the lap is over, another process does it, or the signal has aborted.
 * @throws {Fault} `unavailable` when the store or the database is away
 */
export async function scrub(
  ports: Pick<Ports, 'repository' | 'store' | 'pulse' | 'engineVersion'>,
  { holder, bytesPerSecond, signal, onLoss, lapRestMs = LAP_REST_MS }: ScrubOptions,
): Promise<void> {
  const { repository, store } = ports;
  let losses: Loss[] = [];
  const read = pictureReader(ports, (id, loss, next) => {
    losses.push(loss);
    onLoss(id, loss, next);
  });
  const renew = () => repository.scrub.claim(holder, LEASE_MS, lapRestMs);
  while (!signal.aborted) {
    const claimed = await renew();
    if (!claimed) return;
    await store.ping();
    const [fractal] = await repository.fractals.finishedAfter(claimed.position, 1);
    if (!fractal) return void (await repository.scrub.finishLap(holder));
    losses = [];
    const renewal = setInterval(() => void renew().catch(() => undefined), RENEW_MS);
    try {
      const isGone = await readSlowly(read, fractal as Fractal & { picture: Picture }, bytesPerSecond, signal);
      if (signal.aborted) return;
      const loss = losses[0] ?? (isGone ? 'missing' : null);
      const { seq, picture } = fractal;
      const count = { damaged: loss === 'damaged' ? 1 : 0, missing: loss === 'missing' ? 1 : 0 };
      if (!(await repository.scrub.advance(holder, { seq, bytes: picture?.sizeBytes ?? 0, ...count }))) return;
    } finally {
      clearInterval(renewal);
    }
  }
}

/** @returns whether the store does not have it. A damaged one is no error here: the reader has told of it and done what can be done. */
async function readSlowly(
  read: PictureReader,
  { id, picture }: Fractal & { picture: Picture },
  bytesPerSecond: number,
  signal: AbortSignal,
): Promise<boolean> {
  const rest = (bytes: number) => sleep((1000 * bytes) / bytesPerSecond, null, { signal }).catch(() => undefined);
  try {
    const bytes = await read(id, picture, { start: 0, end: picture.sizeBytes });
    if (bytes instanceof Uint8Array) await rest(bytes.length);
    else {
      for await (const chunk of bytes) {
        await rest(chunk.length);
        if (signal.aborted) break;
      }
    }
    return false;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { cause } = error.details;
    if (cause === undefined) return false;
    if (cause instanceof Fault && cause.code === 'not_found') return true;
    throw error;
  }
}
