import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { tokenTeller } from '../actions/authenticate.ts';
import type { ReadinessReader } from '../actions/readiness.ts';
import type { Dispatcher } from '../domain/dispatcher.ts';
import { Fault } from '../domain/fault.ts';
import type { Ports } from '../domain/ports.ts';
import { isLoopback } from '../http/addresses.ts';
import { failureWatch } from '../http/failure-watch.ts';
import type { AccessOptions } from '../http/guard.ts';
import { buildMetricsServer, type MetricsServerOptions } from '../http/routes/metrics.ts';
import { buildWorkServer } from '../http/routes/work.ts';
import { buildServer, type ServerTelemetry } from '../http/server.ts';
import type { Tls } from '../http/tls.ts';
import { edgeOf, isForThisMachine, metricsEdgeOf, workEdgeOf } from './edge.ts';
import { httpLimitsOf } from './http-limits.ts';
import type { Settings } from './settings.ts';
import { VERSION } from './version.ts';

const WEB_ROOT = new URL('../../build/web/', import.meta.url);

export interface Doors {
  /** Answers what was asked already, then nothing more. */
  close(): Promise<void>;
}

interface DoorOptions {
  readonly log: Logger;
  /** null for plain HTTP */
  readonly tls: Tls | null;
  readonly draining: AbortSignal;
  readonly ready: ReadinessReader;
  readonly telemetry: ServerTelemetry;
}

/**
 * Listens: for people and programs on listen_address, for workers on worker_listen_address or, without one, beside them.
 * @param dispatcher for workers on their own; null when there are none
 * @throws {Fault} when an address cannot be listened to
 */
export async function openDoors(
  ports: Ports,
  dispatcher: Dispatcher | null,
  settings: Settings,
  { log, tls, draining, ready, telemetry }: DoorOptions,
): Promise<Doors> {
  const { listen_address: address, worker_listen_address: workerAddress } = settings;
  const teller = tokenTeller(ports.repository);
  const limits = httpLimitsOf(settings);
  const failures = failureWatch(limits.maxFailuresPerMinute);
  const accessOf = (isPrivate: boolean): AccessOptions => ({
    teller,
    isPrivate: isPrivate || settings.insecure,
    anonymous: settings.anonymous,
    failures,
  });
  const beside = dispatcher && workerAddress === '' ? { dispatcher } : {};
  const edge = edgeOf(settings, tls);
  const access = accessOf(isForThisMachine(settings));
  const app = await buildServer(ports, {
    log,
    version: VERSION,
    webRoot: WEB_ROOT,
    draining,
    access,
    edge,
    limits,
    ready,
    telemetry,
    ...beside,
  });
  const apps = [app];
  try {
    if (dispatcher && workerAddress !== '') {
      const internal = await buildWorkServer(dispatcher, {
        log,
        access: accessOf(isForThisMachine({ ...settings, listen_address: workerAddress })),
        edge: workEdgeOf(settings, tls),
        observer: telemetry.observer,
        limits,
        repository: ports.repository,
      });
      apps.push(internal);
      const url = await listen(internal, workerAddress, settings.worker_bind_port, 'worker-bind-port');
      process.stdout.write(`workers are let in at ${url}\n`);
    }
    if (settings.metrics_listen_address !== '') {
      apps.push(await openMetrics(settings, { log, draining, ready, scrape: telemetry.scrape }));
    }
    const url = await listen(app, address, settings.bind_port, 'bind-port');
    process.stdout.write(`faafo is ready: ${url}\n`);
  } catch (error) {
    await Promise.all(apps.map((each) => each.close()));
    throw error;
  }
  if (!tls && !isLoopback(address)) {
    log.warn(
      'tokens and pictures travel in clear: set tls_cert and tls_key, or listen on 127.0.0.1 behind a proxy with TLS, named in trusted_proxies',
    );
  }
  return { close: async () => void (await Promise.all(apps.map((each) => each.close()))) };
}

type MetricsSettings = Pick<Settings, 'metrics_listen_address' | 'metrics_bind_port'>;

/** Listens for those who watch. @throws {Fault} when the address cannot be listened to */
export async function openMetrics(
  { metrics_listen_address: address, metrics_bind_port: port }: MetricsSettings,
  options: Omit<MetricsServerOptions, 'edge'>,
): Promise<FastifyInstance> {
  const app = await buildMetricsServer({ ...options, edge: metricsEdgeOf(address) });
  try {
    const url = await listen(app, address, port, 'metrics-bind-port');
    process.stdout.write(`metrics are at ${url}/metrics\n`);
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** @returns the URL that is listened to */
async function listen(app: FastifyInstance, host: string, port: number, flag: string): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new Fault('unavailable', explainListenError((cause as NodeJS.ErrnoException).code, host, port, flag), { cause });
  }
  const { port: bound } = app.server.address() as AddressInfo;
  return `${'setSecureContext' in app.server ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

function explainListenError(code: string | undefined, host: string, port: number, flag: string): string {
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is in use: stop what listens there, or choose another with --${flag} (0 takes any free one).`;
  }
  if (code === 'EACCES') return `Port ${port} may not be used by this user: choose one from 1024 on with --${flag}.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine: choose another with --${flag.replace('bind-port', 'listen-address')}.`;
  return `Cannot listen on ${host}, port ${port} (${code}).`;
}
