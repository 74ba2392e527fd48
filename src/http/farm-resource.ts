import type { Status, Throughput } from '../actions/read-status.ts';
import { DELIVERY } from '../domain/delivery.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Limits } from '../domain/limits.ts';
import type { BandPlace, Pause, Reading, SeenWorker } from '../domain/repository.ts';
import { COST_UNIT } from '../domain/spec.ts';
import type { BandsResource, FarmStatus, PauseResource, ReadingResource, WorkerResource } from './farm-schemas.ts';

const inSeconds = (ms: number): number => Math.round(ms) / 1000;
const inSteps = (units: number): number => Math.round(units * COST_UNIT);
const rounded = (rate: number): number => Math.round(rate * 1000) / 1000;

const toThroughput = ({ bandsPerSecond, pixelsPerSecond, speed }: Throughput) => ({
  bands_per_second: rounded(bandsPerSecond),
  pixels_per_second: Math.round(pixelsPerSecond),
  steps_per_second: inSteps(speed),
});

/** The worker as clients see it. */
export function toWorker(worker: SeenWorker): WorkerResource {
  const { id, host, state, version, engineVersion, cores, threads, load, uptime, bands, seenAt } = worker;
  return {
    id,
    host,
    state,
    version,
    engine_version: engineVersion,
    cores,
    threads,
    load: rounded(load),
    uptime: rounded(uptime),
    bands,
    ...toThroughput(worker),
    seen_at: new Date(seenAt).toISOString(),
    silent: worker.silentMs > DELIVERY.workerSilentMs,
    work: worker.work.map(({ fractal, band, ms }) => ({ uuid: fractal, band, seconds: inSeconds(ms) })),
  };
}

export const toPause = ({ since, by, why }: Pause): PauseResource => ({ since: new Date(since).toISOString(), by, why });

export function toStatus(
  { backlog, workers, threads, throughput, queueDepth, scrub, pause }: Status,
  { maxSide, maxIterations, maxCost }: Limits,
): FarmStatus {
  const { fractals, waiting, leased, oldestMs, outstanding, storedBytes } = backlog;
  return {
    pause: pause && toPause(pause),
    fractals,
    bands: { waiting, leased },
    oldest_waiting: oldestMs === null ? null : inSeconds(oldestMs),
    workers: { count: workers, threads },
    throughput: toThroughput(throughput),
    outstanding_steps: inSteps(outstanding),
    stored_bytes: storedBytes,
    limits: { max_side: maxSide, max_iterations: maxIterations, max_cost: Number(maxCost) },
    queue: queueDepth === null ? null : { depth: queueDepth },
    scrub: {
      checked: scrub.checked,
      bytes: scrub.bytes,
      damaged: scrub.damaged,
      missing: scrub.missing,
      finished_at: scrub.lapFinishedAt === null ? null : new Date(scrub.lapFinishedAt).toISOString(),
    },
  };
}

export function toReading(reading: Reading): ReadingResource {
  const { at, workers, waiting, leased, oldestMs, isPaused } = reading;
  return {
    at: new Date(at).toISOString(),
    ...toThroughput(reading),
    workers,
    bands_waiting: waiting,
    bands_leased: leased,
    oldest_waiting: oldestMs === null ? null : inSeconds(oldestMs),
    paused: isPaused,
  };
}

/** A poster has thousands of bands: a letter and a number for each. */
export function toBands(uuid: FractalId, places: readonly BandPlace[]): BandsResource {
  const hosts = [...new Set(places.flatMap(({ host }) => (host === null ? [] : [host])))];
  const numbers = new Map(hosts.map((host, number) => [host, number]));
  return {
    uuid,
    states: places.map(({ state }) => state[0]).join(''),
    hosts,
    by: places.map(({ host }) => (host === null ? null : (numbers.get(host) ?? null))),
  };
}
