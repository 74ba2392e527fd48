import type { CloudProject } from '../../domain/cloud-resources.ts';
import { awaitGone } from './await-server.ts';
import type { FoundDeployment } from './find-deployment.ts';

/** One thing that is taken away. */
export interface Removal {
  readonly what: 'instance' | 'floating IP' | 'credential' | 'security group' | 'key pair';
  readonly name: string;
  readonly id: string;
}

/** What belongs to a deployment, in an order in which it can be taken away. @param keyPair one that was made for it; null: none, or it has others */
export function removalsOf(
  { servers, floatingIps, credentials, groups }: FoundDeployment,
  keyPair: string | null,
): readonly Removal[] {
  return [
    ...servers.map(({ id, name }): Removal => ({ what: 'instance', name, id })),
    ...floatingIps.map(({ id, address }): Removal => ({ what: 'floating IP', name: address, id })),
    ...credentials.map(({ id, name }): Removal => ({ what: 'credential', name, id })),
    ...groups.map(({ id, name }): Removal => ({ what: 'security group', name, id })),
    ...(keyPair === null ? [] : [{ what: 'key pair', name: keyPair, id: keyPair } as const]),
  ];
}

/**
 * Takes it all away. What is gone already is no fault, so that an interrupted one goes on when it is started again.
 * @param onRemoved told of each
 */
export async function takeDown(
  project: CloudProject,
  removals: readonly Removal[],
  { signal, pollMs, onRemoved }: { readonly signal: AbortSignal; readonly pollMs?: number; onRemoved(removal: Removal): void },
): Promise<void> {
  const remove = async (removal: Removal) => {
    signal.throwIfAborted();
    await removalOf(project, removal)(removal.id);
    onRemoved(removal);
  };
  const isServer = ({ what }: Removal) => what === 'instance';
  const servers = removals.filter(isServer);
  for (const removal of servers) await remove(removal);
  // A group that an instance is in cannot be taken away.
  if (servers.length > 0)
    await awaitGone(
      project.servers,
      servers.map(({ id }) => id),
      { signal, pollMs },
    );
  const groups = removals.filter(({ what }) => what === 'security group');
  await emptyGroups(
    project,
    groups.map(({ id }) => id),
  );
  for (const removal of removals.filter((each) => !isServer(each))) await remove(removal);
}

/** Rules that name other groups of the same deployment keep those from being taken away. */
async function emptyGroups({ groups }: CloudProject, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  for (const { rules } of (await groups.list()).filter(({ id }) => ids.includes(id))) {
    for (const { id, source } of rules) if (source !== null && 'groupId' in source) await groups.disallow(id);
  }
}

function removalOf(
  { servers, floatingIps, credentials, groups, keyPairs }: CloudProject,
  { what }: Removal,
): (id: string) => Promise<void> {
  switch (what) {
    case 'instance':
      return (id) => servers.remove(id);
    case 'floating IP':
      return (id) => floatingIps.remove(id);
    case 'credential':
      return (id) => credentials.remove(id);
    case 'security group':
      return (id) => groups.remove(id);
    case 'key pair':
      return (id) => keyPairs.remove(id);
  }
}
