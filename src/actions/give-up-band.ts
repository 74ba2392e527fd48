import { backoffMs, DELIVERY } from '../domain/delivery.ts';
import type { Lease } from '../domain/dispatcher.ts';
import type { Ports } from '../domain/ports.ts';
import { leaseKey } from './lease-token.ts';

/** A worker that stops gives its band back; nothing counts against the band. */
export async function releaseBand({ repository, pulse }: Pick<Ports, 'repository' | 'pulse'>, lease: Lease): Promise<void> {
  await repository.bands.release(leaseKey(lease));
  pulse.beat();
}

/** A worker could not draw its band: it is tried again after a rest, or the whole fractal fails with the reason. */
export async function failBand(
  { repository, pulse }: Pick<Ports, 'repository' | 'pulse'>,
  lease: Lease,
  reason: string,
): Promise<void> {
  await repository.bands.fail(leaseKey(lease), reason, (failures) =>
    failures >= DELIVERY.maxFailures ? null : backoffMs(failures, Math.random()),
  );
  pulse.beat();
}
