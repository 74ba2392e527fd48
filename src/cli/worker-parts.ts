import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { WorkerParts } from '../worker/parts.ts';
import { VERSION } from './version.ts';

/** What every worker of this program is, beside what it draws with. */
export function workerParts(log: Logger): Pick<WorkerParts, 'id' | 'host' | 'version' | 'onError' | 'onDetail'> {
  return {
    id: crypto.randomUUID(),
    host: hostname(),
    version: VERSION,
    onError: (what, err, band) => log.error({ err, fractal: band.fractal, band: band.band }, what),
    onDetail: (what, err) => log.debug({ err }, what),
  };
}
