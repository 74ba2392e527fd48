import { localDispatcher } from '../actions/dispatcher.ts';
import { readStatus } from '../actions/read-status.ts';
import { type ReadinessReader, serviceReadiness } from '../actions/readiness.ts';
import type { Dispatcher } from '../domain/dispatcher.ts';
import type { Ports } from '../domain/ports.ts';
import type { ServerTelemetry } from '../http/server.ts';
import { connectionGauges, dependencyGauges, farmGauges } from '../telemetry/farm-gauges.ts';
import { measuredDispatcher } from '../telemetry/measured-dispatcher.ts';
import { measuredEngine } from '../telemetry/measured-engine.ts';
import { measuredRepository } from '../telemetry/measured-repository.ts';
import { measuredStore } from '../telemetry/measured-store.ts';
import { Meters } from '../telemetry/meters.ts';
import { requestMeters } from '../telemetry/requests.ts';
import { tracedPorts } from '../telemetry/traced-repository.ts';
import type { Tracer } from '../telemetry/traced-span.ts';
import { tracedWorker } from '../telemetry/traced-worker.ts';
import type { Farm } from './open-farm.ts';
import { VERSION } from './version.ts';

const LOOPS = ['ring', 'assemble', 'reap', 'ring again', 'sweep', 'prune', 'expire', 'reading', 'start over'];

/** The same farm; what goes through its ports is counted. */
export interface MeasuredFarm extends Pick<Farm, 'ports' | 'ownWorker'> {
  /** the port of workers; measured from the worker's side, too, when the worker is in this process */
  readonly dispatcher: Dispatcher;
  readonly telemetry: ServerTelemetry;
  readonly ready: ReadinessReader;
  /** a round of the foreman failed */
  readonly countFailure: (loop: string) => void;
}

/** Puts meters in front of the ports. What is read when it is scraped goes past them: looking is not counted. */
export function measureFarm({ ports: own, ownWorker, links }: Farm, tracer: Tracer | null): MeasuredFarm {
  const meters = new Meters({ version: VERSION, engine_version: own.engineVersion, node_version: process.version, part: 'api' });
  const ready = serviceReadiness(own);
  const failures = meters.counter('faafo_foreman_failures_total', 'Rounds of the loops beside the API that failed; they go on', {
    loop: LOOPS,
  });
  farmGauges(meters, async () => {
    const [status, trash, space] = await Promise.all([
      readStatus(own),
      own.repository.trash.count(),
      own.store.space().catch(() => null),
    ]);
    return { ...status, trash, space };
  });
  dependencyGauges(meters, ready);
  connectionGauges(meters, () => ({ pools: own.repository.connections(), links: links() }));
  const measured: Ports = {
    ...own,
    repository: measuredRepository(own.repository, meters),
    store: measuredStore(own.store, meters),
  };
  const ports: Ports = tracer ? { ...measured, ...tracedPorts(measured, tracer) } : measured;
  const dispatcher = localDispatcher(ports);
  const worker = ownWorker && {
    dispatcher: measuredDispatcher(dispatcher, meters),
    engine: measuredEngine(ownWorker.engine, meters),
  };
  const traced = worker && tracer ? tracedWorker(worker, tracer) : worker;
  return {
    ports,
    ownWorker: ownWorker && traced && { ...ownWorker, engine: traced.engine },
    dispatcher: traced ? traced.dispatcher : dispatcher,
    telemetry: { observer: requestMeters(meters), scrape: () => meters.scrape() },
    ready,
    countFailure: (loop) => failures.inc({ loop }),
  };
}
