import { DELIVERY } from '../domain/delivery.ts';
import type { Dispatcher } from '../domain/dispatcher.ts';
import type { Ports } from '../domain/ports.ts';
import { acceptBand } from './accept-band.ts';
import { claimBand } from './claim-band.ts';
import { failBand, releaseBand } from './give-up-band.ts';
import { leaseKey } from './lease-token.ts';

/** The worker's port, bound to the actions in this process. */
export function localDispatcher(ports: Pick<Ports, 'repository' | 'store' | 'frame' | 'pulse'>): Dispatcher {
  return {
    claim: (doorbell, worker) => claimBand(ports, doorbell, worker),
    renew: (lease) => ports.repository.bands.renew(leaseKey(lease), DELIVERY.leaseMs),
    deliver: (lease, band, thumbnail) => acceptBand(ports, lease, band, thumbnail),
    deliverAll: (deliveries) =>
      Promise.all(deliveries.map(({ lease, band, thumbnail }) => acceptBand(ports, lease, band, thumbnail).catch(() => null))),
    release: (lease) => releaseBand(ports, lease),
    fail: (lease, reason) => failBand(ports, lease, reason),
    report: (report) => {
      const { workers } = ports.repository;
      const hasStopped = report.state === 'stopping' && report.work.length === 0;
      return hasStopped ? workers.remove(report.id) : workers.report(report);
    },
  };
}
