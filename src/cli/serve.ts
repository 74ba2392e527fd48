import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { runForeman } from '../actions/foreman.ts';
import { orderFractal } from '../actions/order-fractal.ts';
import { startOver } from '../actions/start-over.ts';
import { DELIVERY } from '../domain/delivery.ts';
import { Fault } from '../domain/fault.ts';
import { parseFractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import { PRESETS, windowOf } from '../domain/presets.ts';
import { auditLogOf } from '../http/request-log.ts';
import { work } from '../worker/work.ts';
import { insistOnSafety } from './insist-on-safety.ts';
import { logWhatNodeSays, openLog } from './log.ts';
import { measureFarm } from './measure-farm.ts';
import { openDoors } from './open-doors.ts';
import { openFarm } from './open-farm.ts';
import { openTls } from './open-tls.ts';
import { openTracing } from './open-tracing.ts';
import type { Settings } from './settings.ts';
import { stopSignal } from './stop-signal.ts';
import { trustAuthority } from './trust.ts';
import { untilAborted } from './until-aborted.ts';
import { sqlitePath } from './urls.ts';
import { workerParts } from './worker-parts.ts';

/** Ordered by `npm start` when there is no fractal yet, so that the first look at the page shows pictures. */
const WELCOME_COUNT = 9;
const WELCOME_WIDTH = 1200;
const WELCOME_HEIGHT = 800;
/** What the service orders itself counts against no caller. */
const WELCOME = { client: 'welcome', owner: null };

const DAY_MS = 24 * 3600_000;

export interface ServeOptions {
  /** order a handful of fractals at the start when there is none at all */
  readonly demo?: boolean;
}

/**
 * The service: API and foreman, and with the embedded queue the worker, too. Resolves when it has stopped after SIGINT or SIGTERM.
 * @throws {Fault} when it cannot start, with a sentence for the operator
 */
export async function serve(settings: Settings, { demo = false }: ServeOptions = {}): Promise<void> {
  const log = openLog('faafo-api', settings);
  logWhatNodeSays(log);
  trustAuthority(settings.ca_file);
  const stop = stopSignal(log);
  await using opened = new AsyncDisposableStack();
  const tls = openTls(settings, log, opened);
  // Refused before anything is made: in a database that is not there yet are no tokens.
  const file = sqlitePath(settings.database_url);
  const isNew = file !== null && !existsSync(file);
  if (isNew) insistOnSafety(settings, false, log);
  const measured = measureFarm(await openFarm(settings, log, opened), await openTracing('faafo-api', opened));
  const { ports, ownWorker, dispatcher } = measured;
  const { repository, engineVersion } = ports;
  if (!isNew) insistOnSafety(settings, await repository.tokens.exist(), log);
  if (!repository.isShared && ownWorker) {
    // Nobody else can be at work on it.
    await repository.doorbells.recover();
    await startOver(ports, [engineVersion]);
  }
  if (demo && (await repository.fractals.count({})) === 0) await orderWelcome(ports, log);

  const foremanStop = new AbortController();
  const foreman = runForeman(ports, {
    isShared: repository.isShared || !ownWorker,
    retention: {
      maxAgeMs: settings.keep_days === 0 ? null : settings.keep_days * DAY_MS,
      maxBytes: settings.keep_bytes === 0 ? null : settings.keep_bytes,
    },
    signal: foremanStop.signal,
    scrubRate: settings.scrub_rate,
    onLoss: (fractal, loss, next) => log.error({ fractal }, `a stored picture was ${loss}: ${next}`),
    onError: (loop, err) => {
      measured.countFailure(loop);
      log.error({ err, loop }, 'round failed');
    },
    onExpired: (fractals) =>
      auditLogOf(log).info({ audit: true, who: 'faafo', role: 'service', action: 'expire', outcome: 'done', fractals }, 'audit'),
    onNoted: ({ at, who, action, token }) => {
      const told = { audit: true, who, role: 'database', action, token_id: token, outcome: 'done' };
      auditLogOf(log).info({ ...told, at: new Date(at).toISOString() }, 'audit');
    },
  });
  const watching = { log, tls, draining: stop, ready: measured.ready, telemetry: measured.telemetry };
  const doors = await openDoors(ports, ownWorker ? null : dispatcher, settings, watching).catch(async (error) => {
    foremanStop.abort();
    await foreman;
    throw error;
  });
  try {
    if (ownWorker) await work({ ...workerParts(log), ...ownWorker, dispatcher }, stop, DELIVERY.drainMs);
    else await untilAborted(stop);
  } finally {
    await doors.close();
    foremanStop.abort();
    await foreman;
  }
  log.info('stopped');
}

/** The first presets, the very first last: the newest fractal is on top of the page. */
async function orderWelcome(ports: Ports, log: Logger): Promise<void> {
  for (const preset of PRESETS.slice(0, WELCOME_COUNT).reverse()) {
    const { c, formula, power, iterations, palette, density, offset, shade } = preset;
    const viewport = windowOf(preset, WELCOME_WIDTH, WELCOME_HEIGHT);
    const size = { width: WELCOME_WIDTH, height: WELCOME_HEIGHT, samples: 2 };
    const picture = { formula, power, iterations, palette, density, offset, shade, viewport, cRe: c?.re, cIm: c?.im };
    try {
      await orderFractal(ports, parseFractalId(crypto.randomUUID()), { ...picture, ...size }, WELCOME);
    } catch (error) {
      // Narrow limits are no reason not to start.
      if (!(error instanceof Fault)) throw error;
      return log.warn(`not all of the first fractals were ordered: ${error.message}`);
    }
  }
}
