import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { BandAtWork, WorkerParts } from '../worker/parts.ts';
import { VERSION } from './version.ts';

/** What every worker of this program is, beside what it draws with. */
export function workerParts(log: Logger): Pick<WorkerParts, 'id' | 'host' | 'version' | 'onError' | 'onDetail' | 'onStep'> {
  // Field by field: a lease holds its token, too.
  const about = (band: BandAtWork | undefined) => band && { fractal: band.fractal, band: band.band, attempt: band.attempt };
  return {
    id: crypto.randomUUID(),
    host: hostname(),
    version: VERSION,
    onError: (what, err, band) => log.error({ err, ...about(band) }, what),
    onDetail: (what, err, band) => log.debug({ err, ...about(band) }, what),
    onStep: (what, band, facts) => log.debug({ ...about(band), ...facts }, what),
  };
}
