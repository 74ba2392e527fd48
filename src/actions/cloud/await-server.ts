import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudServer, CloudServers } from '../../domain/cloud-resources.ts';
import { Fault } from '../../domain/fault.ts';
import { fixedAddress } from './find-deployment.ts';

const POLL_MS = 2_000;
/** A cloud with a large image to fetch takes minutes. */
const PATIENCE_MS = 900_000;

interface Waiting {
  readonly signal: AbortSignal;
  readonly pollMs?: number;
}

/** Asks after a server until it runs and has an address. @throws {Fault} when it will not, with what to do */
export async function awaitServer(servers: CloudServers, server: CloudServer, waiting: Waiting): Promise<CloudServer> {
  let latest: CloudServer | null = server;
  await pollUntil(waiting, `compute: the instance ${server.name} does not come up`, async () => {
    if (latest === null) throw new Fault('unavailable', `compute: the instance ${server.name} is gone.`);
    if (latest.status === 'ERROR') {
      const why = latest.fault ?? 'the cloud does not say why';
      throw new Fault(
        'unavailable',
        `compute: the instance ${server.name} is in ERROR (${why.replace(/\.$/, '')}); remove it and go on: openstack server delete ${server.id}, then this again.`,
      );
    }
    if (['SHUTOFF', 'SUSPENDED', 'PAUSED'].includes(latest.status)) {
      throw new Fault(
        'conflict',
        `compute: the instance ${server.name} is ${latest.status}; start it (openstack server start ${server.id}), or remove it, and run this again.`,
      );
    }
    if (latest.status === 'ACTIVE' && fixedAddress(latest) !== null) return true;
    latest = await servers.find(server.id);
    return latest?.status === 'ACTIVE' && fixedAddress(latest) !== null;
  });
  return latest;
}

/** Resolves when none of them is there any more. */
export async function awaitGone(servers: CloudServers, ids: readonly string[], waiting: Waiting): Promise<void> {
  await pollUntil(waiting, 'compute: the instances are not taken away', async () => {
    const left = (await servers.list()).filter(({ id }) => ids.includes(id));
    const stuck = left.find(({ status }) => status === 'ERROR');
    if (stuck)
      throw new Fault(
        'unavailable',
        `compute: the instance ${stuck.name} (${stuck.id}) cannot be taken away: ${stuck.fault ?? 'it is in ERROR'}.`,
      );
    return left.length === 0;
  });
}

/** Resolves when a server has ended, or is gone; also when it does not end in time. @returns whether it has */
export async function awaitShutoff(servers: CloudServers, id: string, patienceMs: number, waiting: Waiting): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const server = await servers.find(id);
    if (server === null || server.status !== 'ACTIVE') return true;
    if (performance.now() > deadline) return false;
    await sleep(waiting.pollMs ?? POLL_MS, undefined, { signal: waiting.signal });
  }
}

async function pollUntil({ signal, pollMs = POLL_MS }: Waiting, complaint: string, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Fault('unavailable', `${complaint}, after ${PATIENCE_MS / 60_000} minutes.`);
    await sleep(pollMs, undefined, { signal });
  }
}
