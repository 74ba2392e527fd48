import { DELIVERY } from '../domain/delivery.ts';
import type { Assignment, Claimant } from '../domain/dispatcher.ts';
import type { Ports } from '../domain/ports.ts';
import type { BandClaim, Doorbell } from '../domain/repository.ts';
import { costOf } from '../domain/spec.ts';
import { bringsThumbnail } from './accept-band.ts';
import { hashToken, newLeaseToken } from './lease-token.ts';

/**
 * Gives a worker the right to one band, or null when it needs no work: the doorbell came twice, or too late. A doorbell says that there is work; which band comes
 * first is judged now. So a small picture never waits for what of a poster has been rung already. A small picture comes with others whose turn is next, for who
 * takes several: what they cost on their way is shared.
 */
export async function claimBand(
  { repository, pulse }: Pick<Ports, 'repository' | 'pulse'>,
  doorbell: Doorbell,
  { token = newLeaseToken(), isRepeated = false, most = 1, host, engineVersion }: Claimant,
): Promise<Assignment | null> {
  const claimant = { tokenHash: hashToken(token), leaseMs: DELIVERY.leaseMs, host, engineVersion };
  const claim = async ({ fractal, band }: Doorbell): Promise<Assignment | null> => {
    const claimed = await repository.bands.claim({ fractal, band, ...claimant });
    if (!claimed) return null;
    const left = DELIVERY.bundleCost - Number(costOf(claimed.fractal.spec));
    const limit = Math.min(most, DELIVERY.bundleBands) - 1;
    const isSmall = claimed.fractal.cut.bands === 1 && left > 0 && limit > 0;
    const more = isSmall ? await repository.bands.claimMore({ limit, maxCost: left }, claimant) : [];
    // A place in the queue is free again.
    pulse.beat();
    return assign([claimed, ...more], token);
  };
  if (isRepeated) {
    const claimed = most > 1 ? await repository.bands.claimed(claimant.tokenHash) : [];
    return claimed.length > 0 ? assign(claimed, token) : await claim(doorbell);
  }
  const urgent = await findUrgent(repository, doorbell, engineVersion);
  const overtaking = urgent && (await claim(urgent));
  if (!overtaking) return await claim(doorbell);
  // Killed before this, its doorbell counts as lost and is rung again.
  await repository.doorbells.putBack(doorbell);
  return overtaking;
}

/** @param claims one or more */
function assign(claims: readonly BandClaim[], token: string): Assignment {
  const [first, ...more] = claims.map(({ fractal, band, number, attempt }) => ({
    lease: { fractal: fractal.id, band: number, attempt, token },
    spec: fractal.spec,
    band,
    thumbnail: bringsThumbnail(number),
    trace: fractal.trace ?? null,
    leaseMs: DELIVERY.leaseMs,
    renewEveryMs: DELIVERY.renewEveryMs,
  }));
  return { ...first!, ...(more.length > 0 && { more }) };
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
