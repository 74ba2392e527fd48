import { DELIVERY } from '../domain/delivery.ts';
import type { Assignment, Claimant } from '../domain/dispatcher.ts';
import type { Ports } from '../domain/ports.ts';
import type { Doorbell } from '../domain/repository.ts';
import { bringsThumbnail } from './accept-band.ts';
import { hashToken, newLeaseToken } from './lease-token.ts';

/**
 * Gives a worker the right to one band, or null when it needs no work: the doorbell came twice, or too late. A doorbell says that there is work; which band comes
 * first is judged now. So a small picture never waits for what of a poster has been rung already.
 */
export async function claimBand(
  { repository, pulse }: Pick<Ports, 'repository' | 'pulse'>,
  doorbell: Doorbell,
  { token = newLeaseToken(), isRepeated = false, host, engineVersion }: Claimant,
): Promise<Assignment | null> {
  const claim = async ({ fractal, band: number }: Doorbell): Promise<Assignment | null> => {
    const band = { fractal, band: number };
    const secret = { tokenHash: hashToken(token), leaseMs: DELIVERY.leaseMs };
    const claimed = await repository.bands.claim({ ...band, host, engineVersion, ...secret });
    if (!claimed) return null;
    // A place in the queue is free again.
    pulse.beat();
    return {
      lease: { ...band, attempt: claimed.attempt, token },
      spec: claimed.fractal.spec,
      band: claimed.band,
      thumbnail: bringsThumbnail(band.band),
      trace: claimed.fractal.trace ?? null,
      leaseMs: DELIVERY.leaseMs,
      renewEveryMs: DELIVERY.renewEveryMs,
    };
  };
  const urgent = isRepeated ? null : await findUrgent(repository, doorbell, engineVersion);
  const overtaking = urgent && (await claim(urgent));
  if (!overtaking) return await claim(doorbell);
  // Killed before this, its doorbell counts as lost and is rung again.
  await repository.doorbells.putBack(doorbell);
  return overtaking;
}

/** What goes before the band of a doorbell; null when nothing does. */
async function findUrgent(
  { doorbells }: Ports['repository'],
  doorbell: Doorbell,
  engineVersion: string,
): Promise<Doorbell | null> {
  const isTheirTurn = Math.random() < DELIVERY.neglectedShare;
  const neglected = isTheirTurn ? await doorbells.findNeglected(engineVersion, DELIVERY.neglectedAfterMs) : null;
  if (!neglected) return await doorbells.findOvertaking(doorbell, engineVersion);
  return neglected.fractal === doorbell.fractal && neglected.band === doorbell.band ? null : neglected;
}
