import { DELIVERY } from '../domain/delivery.ts';
import type { Assignment, Claimant } from '../domain/dispatcher.ts';
import type { Ports } from '../domain/ports.ts';
import type { Doorbell } from '../domain/repository.ts';
import { bringsThumbnail } from './accept-band.ts';
import { hashToken, newLeaseToken } from './lease-token.ts';

/** Gives a worker the right to one band, or null when it needs no work: the doorbell came twice, or too late. */
export async function claimBand(
  { repository, pulse }: Pick<Ports, 'repository' | 'pulse'>,
  doorbell: Doorbell,
  { token = newLeaseToken(), ...worker }: Claimant,
): Promise<Assignment | null> {
  const claim = await repository.bands.claim({ ...doorbell, ...worker, tokenHash: hashToken(token), leaseMs: DELIVERY.leaseMs });
  if (!claim) return null;
  // A place in the queue is free again.
  pulse.beat();
  return {
    lease: { ...doorbell, attempt: claim.attempt, token },
    spec: claim.fractal.spec,
    band: claim.band,
    thumbnail: bringsThumbnail(doorbell.band),
    leaseMs: DELIVERY.leaseMs,
    renewEveryMs: DELIVERY.renewEveryMs,
  };
}
