import type { CloudProject, CloudServer } from '../../domain/cloud-resources.ts';
import { awaitGone, awaitShutoff } from './await-server.ts';

/** As long as systemd lets a service end, and a little more; a worker needs five seconds. */
const DRAIN_MS = 120_000;

/** Which workers go when fewer are wanted: those with higher numbers. @param keep the highest number that stays */
export const surplusOf = (workers: readonly CloudServer[], keep: number): readonly CloudServer[] =>
  workers.filter(({ name }) => Number(/-(\d+)$/.exec(name)?.[1] ?? 0) > keep);

/** What is told while workers go. */
export interface DrainWatcher {
  drained(server: CloudServer, inTime: boolean): void;
  removed(server: CloudServer): void;
}

/**
 * Takes workers away: their systems are asked to end, which makes each worker give back what it draws and lets nobody wait for it; then they are deleted. Those who do not end in
 * time are deleted all the same: their leases run out.
 */
export async function removeWorkers(
  { servers }: CloudProject,
  workers: readonly CloudServer[],
  waiting: { readonly signal: AbortSignal; readonly pollMs?: number },
  watcher: DrainWatcher,
): Promise<void> {
  // Who has ended, since somebody was interrupted here, is not asked again.
  for (const { id, status } of workers) if (status === 'ACTIVE') await servers.stop(id);
  await Promise.all(
    workers.map(async (server) => watcher.drained(server, await awaitShutoff(servers, server.id, DRAIN_MS, waiting))),
  );
  for (const { id } of workers) await servers.remove(id);
  await awaitGone(
    servers,
    workers.map(({ id }) => id),
    waiting,
  );
  for (const server of workers) watcher.removed(server);
}
