import type { Backlog, Pause } from '../domain/repository.ts';
import { COST_UNIT } from '../domain/spec.ts';
import type { LinkState, PoolUse } from '../domain/telemetry.ts';
import type { Meters } from './meters.ts';

/** What all APIs tell alike, because they read it from the same database: never add it up over several. */
export interface FarmReading {
  readonly backlog: Backlog;
  /** null while the queue goes on */
  readonly pause: Pause | null;
  readonly workers: number;
  readonly threads: number;
  readonly queueDepth: number | null;
  readonly trash: number;
  readonly space: { readonly freeBytes: number; readonly totalBytes: number } | null;
}

/** What a process can tell about itself at any time, without asking anybody. */
export interface OwnReading {
  readonly pools: readonly PoolUse[];
  readonly links: readonly LinkState[];
}

interface Readiness {
  readonly status: string;
  readonly dependencies: Readonly<Record<string, { readonly status: string; readonly ms: number }>>;
}

/** Two scrapers within so long read the database once. */
const KEPT_MS = 2_000;
/** A scrape waits no longer: the rest is told without what hangs. */
const PATIENCE_MS = 3_000;

/** Gauges that are read when they are scraped. What cannot be read is not there: an old value would look like a true one. */
export function farmGauges(meters: Meters, readFarm: () => Promise<FarmReading>): void {
  const fractals = meters.gauge('faafo_fractals', 'Fractals by state; of the whole farm', ['state']);
  const bands = meters.gauge('faafo_bands', 'Bands by state (waiting, leased), counted up to 100000; of the whole farm', [
    'state',
  ]);
  const oldest = meters.gauge(
    'faafo_oldest_unfinished_seconds',
    'Age of the oldest unfinished fractal, 0 when there is none; of the whole farm',
  );
  const paused = meters.gauge('faafo_queue_paused', '1 while the queue is paused, so that nothing is drawn; of the whole farm');
  const outstanding = meters.gauge('faafo_outstanding_pixel_iterations', 'Cost of all unfinished fractals; of the whole farm');
  const workers = meters.gauge('faafo_workers', 'Workers that have reported lately; of the whole farm');
  const threads = meters.gauge('faafo_worker_threads_known', 'Threads of those workers; of the whole farm');
  const depth = meters.gauge('faafo_queue_doorbells', 'Doorbells that wait in the queue; of the whole farm');
  const trash = meters.gauge('faafo_trash_objects', 'Objects that are to be removed, counted up to 100000; of the whole farm');
  const stored = meters.gauge('faafo_stored_bytes', 'Bytes of the pictures that are kept; of the whole farm');
  const free = meters.gauge('faafo_store_free_bytes', 'Room left where images are kept; not there when the store does not know');
  const size = meters.gauge('faafo_store_size_bytes', 'Size of what images are kept on; not there when the store does not know');
  const forget = () => {
    for (const gauge of [fractals, bands]) gauge.reset();
    // Reset, those without labels would be 0.
    for (const gauge of [oldest, paused, outstanding, workers, threads, depth, trash, stored, free, size]) gauge.remove();
  };
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<FarmReading> | null = null;
  meters.beforeScrape(async () => {
    if (performance.now() - readAt < KEPT_MS) return;
    // One reading at a time, also while the database hangs.
    reading ??= readFarm().finally(() => {
      reading = null;
    });
    const farm = await inTime(reading);
    forget();
    if (farm === null) return;
    readAt = performance.now();
    const { backlog, space } = farm;
    for (const [state, count] of Object.entries(backlog.fractals)) fractals.set({ state }, count);
    bands.set({ state: 'waiting' }, backlog.waiting);
    bands.set({ state: 'leased' }, backlog.leased);
    oldest.set((backlog.oldestMs ?? 0) / 1000);
    paused.set(farm.pause === null ? 0 : 1);
    outstanding.set(backlog.outstanding * COST_UNIT);
    workers.set(farm.workers);
    threads.set(farm.threads);
    trash.set(farm.trash);
    stored.set(backlog.storedBytes);
    if (farm.queueDepth !== null) depth.set(farm.queueDepth);
    if (space === null) return;
    free.set(space.freeBytes);
    size.set(space.totalBytes);
  });
}

/** @param ready looks at the dependencies; it answers within 2 s */
export function dependencyGauges(meters: Meters, ready: () => Promise<Readiness>): void {
  const isReady = meters.gauge('faafo_ready', '1 when the process can do what it is for');
  const up = meters.gauge('faafo_dependency_up', '1 when the dependency answers', ['dependency']);
  const took = meters.gauge('faafo_dependency_answer_seconds', 'How long the dependency took to answer, or was waited for', [
    'dependency',
  ]);
  meters.beforeScrape(async () => {
    const { status, dependencies } = await ready();
    isReady.set(status === 'unavailable' ? 0 : 1);
    for (const [dependency, { status, ms }] of Object.entries(dependencies)) {
      up.set({ dependency }, status === 'ok' ? 1 : 0);
      took.set({ dependency }, ms / 1000);
    }
  });
}

export function connectionGauges(meters: Meters, read: () => OwnReading): void {
  const connections = meters.gauge('faafo_database_connections', 'Connections to the database, by pool and use', [
    'pool',
    'state',
  ]);
  const waiting = meters.gauge('faafo_database_waiting', 'Callers that wait for a connection to the database', ['pool']);
  const linked = meters.gauge('faafo_broker_connected', '1 while there is a connection to the broker', ['part']);
  const blocked = meters.gauge('faafo_broker_blocked', '1 while the broker takes no messages: it is short of memory or disk', [
    'part',
  ]);
  meters.beforeScrape(async () => {
    const { pools, links } = read();
    for (const { pool, used, idle, waiting: queued } of pools) {
      connections.set({ pool, state: 'used' }, used);
      connections.set({ pool, state: 'idle' }, idle);
      waiting.set({ pool }, queued);
    }
    for (const { part, isUp, isBlocked } of links) {
      linked.set({ part }, isUp ? 1 : 0);
      blocked.set({ part }, isBlocked ? 1 : 0);
    }
  });
}

/** Null when it rejects, or takes too long. */
async function inTime<T>(reading: Promise<T>): Promise<T | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), PATIENCE_MS);
  try {
    return await Promise.race([reading.catch(() => null), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
