/** Timing and limits of the delivery of bands. Reasons: docs/adr/0003-doorbells-and-leases.md. */
export const DELIVERY = {
  /** a claim is void this long after its last renewal */
  leaseMs: 15_000,
  /** bounds how long a cancelled band is still drawn, together with the length of one slice */
  renewEveryMs: 2_000,
  reapEveryMs: 2_000,
  /** a stopping service finishes what its own threads have in work within this long, and releases the rest */
  drainMs: 5_000,
  /** the same of a worker on its own: a supervisor gives it 30 s */
  workerDrainMs: 25_000,
  /** a band that takes longer has gone wrong: the costliest allowed takes some 20 s */
  bandDeadlineMs: 300_000,
  /** how often a worker says what it does */
  reportEveryMs: 3_000,
  /** a worker that was silent for so long is not counted on */
  workerSilentMs: 15_000,
  /** a doorbell that was rung so long ago, and of which the queue knows nothing, is rung again */
  lostAfterMs: 5_000,
  ringEveryMs: 2_000,
  /** the assembly of one picture is tried again by another process after this long without a renewal */
  assemblyLeaseMs: 15_000,
  /** the share of claims in which the oldest fractal goes first when nobody works on it: orders without end must not starve a poster */
  neglectedShare: 1 / 8,
  neglectedAfterMs: 60_000,
  /** small pictures that one claim gives a worker at most, and what they may cost together, in pixel-iterations: some tenths of a second */
  bundleBands: 12,
  bundleCost: 2 ** 27,
  maxFailures: 3,
  maxInterruptions: 5,
  backoffBaseMs: 1_000,
  backoffMaxMs: 300_000,
  /** work that may pass between two turns of the queue, in pixel-iterations: about one picture of 512 x 512 x 1024 */
  turnCost: 2 ** 28,
} as const;

/**
 * How long a band rests after its n-th failure: anything up to 1 s, 2 s, 4 s … 5 min, so that retries do not march in step.
 * @param random in [0, 1)
 */
export function backoffMs(failures: number, random: number): number {
  return Math.ceil(random * Math.min(DELIVERY.backoffMaxMs, DELIVERY.backoffBaseMs * 2 ** (failures - 1)));
}

/**
 * The place of each band in the queue, counted from the turn that is served now: start-time fair queueing with a quantum
 * of turnCost. Bands of small pictures share one turn, so pictures finish one after the other; the bands of a poster are spread
 * over many, so that whatever is ordered later goes in between.
 * @returns one integer per band, never falling
 */
export function turnsOf(bands: number, bandCost: number, currentTurn: number): number[] {
  return Array.from({ length: bands }, (_, band) => currentTurn + Math.floor((band * bandCost) / DELIVERY.turnCost));
}
