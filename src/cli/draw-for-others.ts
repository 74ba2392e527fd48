import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DELIVERY } from '../domain/delivery.ts';
import { Fault } from '../domain/fault.ts';
import type { DoorbellRinger } from '../domain/queue.ts';
import { createEngine } from '../engine/engine.ts';
import { remoteDispatcher } from '../http/remote-dispatcher.ts';
import { openRabbitQueue } from '../queue/rabbitmq.ts';
import { tracedWorker } from '../telemetry/traced-worker.ts';
import type { WorkerParts } from '../worker/parts.ts';
import { work } from '../worker/work.ts';
import { type Pass, passOf } from './enrol-worker.ts';
import { logWhatNodeSays, openLog } from './log.ts';
import type { MeasurableWorker } from './measure-worker.ts';
import { openTracing } from './open-tracing.ts';
import { isPassing, sayWhenAway } from './say-when-away.ts';
import type { WorkerSettings } from './settings.ts';
import { stopSignal } from './stop-signal.ts';
import { trustAuthority } from './trust.ts';
import { maskUrl } from './urls.ts';
import { workerParts } from './worker-parts.ts';

const ASK_AGAIN_MS = 250;

/**
 * A worker on its own. Resolves when it has stopped after SIGINT or SIGTERM; an API or a broker that is away is waited for.
 * @throws {Fault} `denied` when the API does not let it in
 */
export async function drawForOthers(settings: WorkerSettings): Promise<void> {
  const log = openLog('faafo-worker', settings);
  logWhatNodeSays(log);
  trustAuthority(settings.ca_file);
  const stop = stopSignal(log);
  const pass = await passOf(settings, { log, stop });
  if (!pass) return void log.info('stopped');
  await using opened = new AsyncDisposableStack();
  const engine = opened.use(await createEngine({ threads: settings.threads, isBackground: true }));
  const name = maskUrl(settings.transport_url);
  const onTrouble = (line: string) => log.warn(line);
  const queue = opened.use(await openRabbitQueue(settings.transport_url, { name, onTrouble }));
  const own = { dispatcher: remoteDispatcher(settings.endpoint_url, pass.token || undefined), engine };
  const measured = await measuredWorker(settings, { ...own, queue, log, stop }, opened);
  const tracer = await openTracing('faafo-worker', opened);
  const traced = tracer ? tracedWorker(measured, tracer) : measured;
  const dispatcher = sayWhenAway(traced.dispatcher, log);
  const parts = { ...quietWorkerParts(log), listener: queue, dispatcher, engine: traced.engine };
  const ended = new AbortController();
  void announce(parts, queue, AbortSignal.any([stop, ended.signal]));
  try {
    await work(parts, stop, DELIVERY.workerDrainMs);
  } catch (error) {
    throw ofItsOwn(error, pass);
  } finally {
    ended.abort();
  }
  log.info('stopped');
}

/** Who was enrolled has no token that somebody could set anew. */
function ofItsOwn(error: unknown, { file }: Pass): unknown {
  if (file === null || !(error instanceof Fault && error.code === 'unauthenticated')) return error;
  return new Fault(
    'denied',
    `${error.message} The worker got it for an enrolment token: to have it enrolled anew, delete ${file}.`,
  );
}

/** Measures the worker where somebody wants to see it; else it stays as it is, and nothing of that is loaded. */
async function measuredWorker(settings: WorkerSettings, worker: MeasurableWorker, opened: AsyncDisposableStack) {
  if (settings.metrics_listen_address === '') return worker;
  const { measureWorker } = await import('./measure-worker.ts');
  return await measureWorker(settings, worker, opened);
}

/** What passes by itself is told once, and not for each band. */
function quietWorkerParts(log: Logger): ReturnType<typeof workerParts> {
  const parts = workerParts(log);
  const onError: WorkerParts['onError'] = (what, error, band) =>
    isPassing(error) ? parts.onDetail(what, error, band) : parts.onError(what, error, band);
  return { ...parts, onError };
}

/** Says that the worker is ready, when the queue answers. */
async function announce(parts: Pick<WorkerParts, 'host' | 'engine'>, queue: DoorbellRinger, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    const answers = await queue.depth().then(
      () => true,
      () => false,
    );
    if (answers && !end.aborted)
      return void process.stdout.write(`faafo-worker is ready: ${parts.host}, ${parts.engine.threads} threads\n`);
    await sleep(ASK_AGAIN_MS, undefined, { signal: end }).catch(() => undefined);
  }
}
