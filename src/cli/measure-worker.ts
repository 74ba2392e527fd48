import type { Logger } from 'pino';
import { readinessReader } from '../actions/readiness.ts';
import type { Dispatcher } from '../domain/dispatcher.ts';
import type { Engine } from '../domain/engine.ts';
import { Fault } from '../domain/fault.ts';
import { Unreachable } from '../http/unreachable.ts';
import type { RabbitQueue } from '../queue/rabbitmq.ts';
import { connectionGauges, dependencyGauges } from '../telemetry/farm-gauges.ts';
import { measuredDispatcher } from '../telemetry/measured-dispatcher.ts';
import { measuredEngine } from '../telemetry/measured-engine.ts';
import { Meters } from '../telemetry/meters.ts';
import { observed } from '../worker/observed.ts';
import { openMetrics } from './open-doors.ts';
import type { WorkerSettings } from './settings.ts';
import { VERSION } from './version.ts';

/** A worker reports every 3 s, each time with 10 s to be answered. */
const SILENT_MS = 15_000;

export interface MeasurableWorker {
  readonly dispatcher: Dispatcher;
  readonly engine: Engine;
  readonly queue: RabbitQueue;
  readonly log: Logger;
  readonly stop: AbortSignal;
}

/** Measures a worker on its own, and shows that at an address of its own. @throws {Fault} when that cannot be listened to */
export async function measureWorker(
  settings: WorkerSettings,
  { dispatcher, engine, queue, log, stop }: MeasurableWorker,
  opened: AsyncDisposableStack,
): Promise<Pick<MeasurableWorker, 'dispatcher' | 'engine'>> {
  const meters = new Meters({ version: VERSION, engine_version: engine.version, node_version: process.version, part: 'worker' });
  const { heard, look } = lastAnswer(dispatcher);
  const ready = readinessReader({ api: look, queue: () => queue.ping() });
  dependencyGauges(meters, ready);
  connectionGauges(meters, () => ({ pools: [], links: queue.links() }));
  const app = await openMetrics(settings, { log, draining: stop, ready, scrape: () => meters.scrape() });
  opened.defer(() => app.close());
  return { dispatcher: measuredDispatcher(heard, meters), engine: measuredEngine(engine, meters) };
}

/** The same dispatcher, and a look at whether the service has answered lately: the worker itself asks often enough. */
function lastAnswer(dispatcher: Dispatcher): { readonly heard: Dispatcher; readonly look: () => Promise<void> } {
  let answeredAt = Number.NEGATIVE_INFINITY;
  let away: Unreachable | null = null;
  const heard = observed(dispatcher, (error) => {
    away = error instanceof Unreachable ? error : null;
    if (!away) answeredAt = performance.now();
  });
  const look = async () => {
    if (away) throw new Fault('unavailable', away.message);
    if (performance.now() - answeredAt > SILENT_MS) throw new Fault('unavailable', 'The API has not answered lately.');
  };
  return { heard, look };
}
