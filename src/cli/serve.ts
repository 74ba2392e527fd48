import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { localDispatcher } from '../actions/dispatcher.ts';
import { runForeman } from '../actions/foreman.ts';
import { orderFractal, planBands } from '../actions/order-fractal.ts';
import { DELIVERY } from '../domain/delivery.ts';
import type { Engine } from '../domain/engine.ts';
import { Fault } from '../domain/fault.ts';
import { parseFractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import { PRESETS, windowOf } from '../domain/presets.ts';
import { createEngine } from '../engine/engine.ts';
import { createPngFrame } from '../engine/png.ts';
import { buildServer } from '../http/server.ts';
import { EmbeddedPulse, EmbeddedQueue } from '../queue/embedded.ts';
import { openSqliteRepository } from '../repository/sqlite.ts';
import { openFileStore } from '../store/file.ts';
import { work } from '../worker/work.ts';
import { openLog } from './log.ts';
import type { Settings } from './settings.ts';
import { stopSignal } from './stop-signal.ts';
import { folderPath, sqlitePath } from './urls.ts';
import { VERSION } from './version.ts';

/** Ordered by `npm start` when there is no fractal yet, so that the first look at the page shows pictures. */
const WELCOME_COUNT = 9;
const WELCOME_WIDTH = 1200;
const WELCOME_HEIGHT = 800;
const WEB_ROOT = new URL('../../build/web/', import.meta.url);

export interface ServeOptions {
  /** order a handful of fractals at the start when there is none at all */
  readonly demo?: boolean;
}

/**
 * The whole service in one process: API, queue, workers, SQLite and files. Resolves when it has stopped after SIGINT or SIGTERM.
 * @throws {Fault} when it cannot start, with a sentence for the operator
 */
export async function serve(settings: Settings, { demo = false }: ServeOptions = {}): Promise<void> {
  const log = openLog(settings.log_level);
  const stop = stopSignal(log);
  await using opened = new AsyncDisposableStack();
  const queue = new EmbeddedQueue();
  const repository = opened.use(await openSqliteRepository(sqlitePath(settings.database_url)));
  const store = opened.use(await openFileStore(folderPath(settings.storage_url)));
  const engine = opened.use(await createEngine({ threads: settings.threads }));
  const ports: Ports = {
    repository,
    store,
    ringer: queue,
    frame: createPngFrame(),
    pulse: new EmbeddedPulse(),
    limits: { maxSide: settings.max_side, maxIterations: settings.max_iterations, maxCost: settings.max_cost },
    engineVersion: engine.version,
  };
  await repository.doorbells.recover(engine.version, planBands);
  if (demo && (await repository.fractals.count({})) === 0) await orderWelcome(ports);

  const app = await buildServer(ports, { log, version: VERSION, webRoot: WEB_ROOT, draining: stop });
  const foremanStop = new AbortController();
  const foreman = runForeman(ports, {
    ringRoom: engine.threads,
    signal: foremanStop.signal,
    onError: (loop, err) => log.error({ err, loop }, 'round failed'),
  });
  try {
    await listen(app, settings, log);
    await work(workerParts(ports, queue, engine, log), stop, DELIVERY.drainMs);
  } finally {
    await app.close();
    foremanStop.abort();
    await foreman;
  }
  log.info('stopped');
}

function workerParts(ports: Ports, listener: EmbeddedQueue, engine: Engine, log: Logger) {
  return {
    listener,
    dispatcher: localDispatcher(ports),
    engine,
    host: hostname(),
    onError: (what: string, err: unknown, { fractal, band }: { fractal: string; band: number }) =>
      log.error({ err, fractal, band }, what),
  };
}

/** The first presets, the very first last: the newest fractal is on top of the page. */
async function orderWelcome(ports: Ports): Promise<void> {
  for (const preset of PRESETS.slice(0, WELCOME_COUNT).reverse()) {
    const { c, formula, power, iterations, palette, density, offset, shade } = preset;
    const viewport = windowOf(preset, WELCOME_WIDTH, WELCOME_HEIGHT);
    const size = { width: WELCOME_WIDTH, height: WELCOME_HEIGHT, samples: 2 };
    const picture = { formula, power, iterations, palette, density, offset, shade, viewport, cRe: c?.re, cIm: c?.im };
    await orderFractal(ports, parseFractalId(crypto.randomUUID()), { ...picture, ...size });
  }
}

async function listen(app: FastifyInstance, settings: Settings, log: Logger): Promise<void> {
  const { listen_address: host, bind_port: port } = settings;
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new Fault('unavailable', explainListenError((cause as NodeJS.ErrnoException).code, host, port), { cause });
  }
  const { port: bound } = app.server.address() as AddressInfo;
  const shown = host.includes(':') ? `[${host}]` : host;
  process.stdout.write(`faafo is ready: http://${shown}:${bound}\n`);
  if (!/^(127\.|localhost$|::1$)/.test(host)) {
    log.warn(
      'this address can be reached from other machines, and whoever reaches it may order and delete: there are no identities yet',
    );
  }
}

function explainListenError(code: string | undefined, host: string, port: number): string {
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is in use: stop what listens there, or choose another with --bind-port (0 takes any free one).`;
  }
  if (code === 'EACCES') return `Port ${port} may not be used by this user: choose one from 1024 on with --bind-port.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine: choose another with --listen-address.`;
  return `Cannot listen on ${host}, port ${port} (${code}).`;
}
