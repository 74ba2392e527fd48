import { join } from 'node:path';
import { pino } from 'pino';
import { DELIVERY } from '../../src/domain/delivery.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import type { Ports } from '../../src/domain/ports.ts';
import type { Repository, WorkerReport } from '../../src/domain/repository.ts';
import { ENGINE_VERSION } from '../../src/engine/version.ts';
import type { FailureWatch } from '../../src/http/bearer.ts';
import type { Edge } from '../../src/http/edge.ts';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from '../../src/http/http-limits.ts';
import { buildServer } from '../../src/http/server.ts';
import { openSqliteRepository } from '../../src/repository/sqlite.ts';
import { openAccess } from './access.ts';
import { openParts } from './service-parts.ts';
import { aFractal } from './specs.ts';
import { until } from './until.ts';

const WEB_ROOT = new URL('../../build/web/', import.meta.url);

/** What a worker says about itself; override what matters to the test. */
export function aReport(override: Partial<WorkerReport> = {}): WorkerReport {
  return {
    id: crypto.randomUUID(),
    host: 'app-worker-1',
    version: '0.1.0',
    engineVersion: '4',
    cores: 2,
    threads: 2,
    load: 0.5,
    uptime: 60,
    bands: 7,
    speed: 0,
    bandsPerSecond: 0,
    pixelsPerSecond: 0,
    state: 'waiting',
    work: [],
    ...override,
  };
}

/** The API over the real parts in this process, without workers: what is ordered stays until the test does something about it. */
export async function serveParts(
  folder: string,
  change: Partial<Ports> = {},
  { edge, limits, failures }: { edge?: Edge; limits?: Partial<HttpLimits>; failures?: FailureWatch } = {},
) {
  const parts = await openParts(folder);
  const ports: Ports = { ...parts.ports, ...change };
  const app = await buildServer(ports, {
    log: pino({ level: 'silent' }),
    version: '0.0.0',
    webRoot: WEB_ROOT,
    draining: new AbortController().signal,
    ...(edge && { edge }),
    access: { ...openAccess(ports.repository), ...(failures && { failures }) },
    limits: { ...DEFAULT_HTTP_LIMITS, ...limits },
  });
  return {
    app,
    ports,
    url: await app.listen({ host: '127.0.0.1', port: 0 }),
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await parts[Symbol.asyncDispose]();
    },
  };
}

/** Gives a queued fractal up, as happens when its first band ends each worker that draws it. */
export async function poison(repository: Repository, id: FractalId): Promise<void> {
  const fractal = await repository.fractals.find(id);
  const band = { fractal: id, band: 0, tokenHash: 'none', leaseMs: 1, host: 'lost', engineVersion: fractal!.engineVersion };
  for (let interruption = 0; interruption < DELIVERY.maxInterruptions; interruption++) {
    if (!(await repository.bands.claim(band))) throw new Error(`band 0 of ${id} cannot be claimed`);
    await until(async () => (await repository.bands.reap(DELIVERY.maxInterruptions)) > 0);
  }
}

/** Puts a fractal that was given up into the data folder of a service that does not run. */
export async function addPoisoned(dataDir: string): Promise<FractalId> {
  await using repository = await openSqliteRepository(join(dataDir, 'faafo.db'));
  const { fractal } = await repository.fractals.add(aFractal({ engineVersion: ENGINE_VERSION }));
  await poison(repository, fractal.id);
  return fractal.id;
}
