import { DELIVERY } from '../domain/delivery.ts';
import { Fault } from '../domain/fault.ts';
import type { Ports } from '../domain/ports.ts';
import type { Backlog, Pause, Scrub, SeenWorker } from '../domain/repository.ts';

/** What the workers have delivered lately, all together. */
export interface Throughput {
  /** in units of COST_UNIT, a second */
  readonly speed: number;
  readonly bandsPerSecond: number;
  readonly pixelsPerSecond: number;
}

export interface Status {
  readonly backlog: Backlog;
  readonly workers: number;
  readonly threads: number;
  readonly throughput: Throughput;
  /** doorbells that no worker has heard yet; null while the queue cannot be reached */
  readonly queueDepth: number | null;
  readonly scrub: Scrub;
  /** null while the queue goes on */
  readonly pause: Pause | null;
}

/** The workers that one may count on: those heard of lately, by host and id. */
export function findLiveWorkers({ repository }: Pick<Ports, 'repository'>): Promise<SeenWorker[]> {
  return repository.workers.list(DELIVERY.workerSilentMs);
}

export function throughputOf(workers: readonly Throughput[]): Throughput {
  const sum = (of: (each: Throughput) => number) => workers.reduce((total, each) => total + of(each), 0);
  return {
    speed: sum(({ speed }) => speed),
    bandsPerSecond: sum(({ bandsPerSecond }) => bandsPerSecond),
    pixelsPerSecond: sum(({ pixelsPerSecond }) => pixelsPerSecond),
  };
}

/** The whole farm at a glance: what is ordered, who draws, and how fast. */
export async function readStatus(ports: Pick<Ports, 'repository' | 'ringer'>): Promise<Status> {
  const [backlog, workers, scrub, pause, queueDepth] = await Promise.all([
    ports.repository.backlog.read(),
    findLiveWorkers(ports),
    ports.repository.scrub.read(),
    ports.repository.pause.read(),
    ports.ringer.depth().catch(nullWhenAway),
  ]);
  const threads = workers.reduce((sum, worker) => sum + worker.threads, 0);
  return { backlog, workers: workers.length, threads, throughput: throughputOf(workers), queueDepth, scrub, pause };
}

function nullWhenAway(error: unknown): null {
  if (error instanceof Fault && error.code === 'unavailable') return null;
  throw error;
}
