import type { Status } from '../actions/read-status.ts';
import type { Pause, SeenWorker } from '../domain/repository.ts';
import { COST_UNIT } from '../domain/spec.ts';
import type { FarmStatus, PauseResource, WorkerResource } from './farm-schemas.ts';

const inSeconds = (ms: number): number => Math.round(ms) / 1000;
const inSteps = (units: number): number => Math.round(units * COST_UNIT);
const rounded = (rate: number): number => Math.round(rate * 1000) / 1000;

/** The worker as clients see it. */
export function toWorker(worker: SeenWorker): WorkerResource {
  const { id, host, state, version, engineVersion, cores, threads, load, uptime, bands, bandsPerSecond, speed, seenAt } = worker;
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
    bands_per_second: rounded(bandsPerSecond),
    steps_per_second: inSteps(speed),
    seen_at: new Date(seenAt).toISOString(),
    work: worker.work.map(({ fractal, band, ms }) => ({ uuid: fractal, band, seconds: inSeconds(ms) })),
  };
}

export const toPause = ({ since, by, why }: Pause): PauseResource => ({ since: new Date(since).toISOString(), by, why });

export function toStatus({ backlog, workers, threads, throughput, queueDepth, scrub, pause }: Status): FarmStatus {
  const { fractals, waiting, leased, oldestMs, outstanding, storedBytes } = backlog;
  return {
    pause: pause && toPause(pause),
    fractals,
    bands: { waiting, leased },
    oldest_waiting: oldestMs === null ? null : inSeconds(oldestMs),
    workers: { count: workers, threads },
    throughput: { bands_per_second: rounded(throughput.bandsPerSecond), steps_per_second: inSteps(throughput.speed) },
    outstanding_steps: inSteps(outstanding),
    stored_bytes: storedBytes,
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
