import type { CloudFloatingIp, CloudGroup, CloudProject, CloudServer } from '../../domain/cloud-resources.ts';
import { credentialName, isMarked, isOf } from './marks.ts';

/** What a project has that belongs to a deployment; a key pair belongs to a person, and is not known by its mark. */
export interface FoundDeployment {
  readonly name: string;
  readonly groups: readonly CloudGroup[];
  readonly servers: readonly CloudServer[];
  readonly floatingIps: readonly CloudFloatingIp[];
  readonly credentials: readonly { readonly id: string; readonly name: string }[];
}

/** Looks for all that is marked with a deployment's name, however it came to be half-made. */
export async function findDeployment(project: CloudProject, name: string): Promise<FoundDeployment> {
  const [groups, servers, floatingIps, credentials] = await Promise.all([
    project.groups.list(),
    project.servers.list(),
    project.floatingIps.list(),
    project.credentials.list(),
  ]);
  return {
    name,
    groups: groups.filter((group) => isMarked(name, group)),
    servers: servers.filter((server) => isOf(name, server)),
    floatingIps: floatingIps.filter((ip) => isMarked(name, ip)),
    credentials: credentials.filter((each) => each.name === credentialName(name)),
  };
}

export const isNothing = ({ groups, servers, floatingIps, credentials }: FoundDeployment): boolean =>
  [groups, servers, floatingIps, credentials].every(({ length }) => length === 0);

/** The private address of a server: the first one that it has. */
export const fixedAddress = ({ addresses }: CloudServer): string | null =>
  addresses.find(({ kind }) => kind === 'fixed')?.address ?? null;

export const floatingAddress = ({ addresses }: CloudServer): string | null =>
  addresses.find(({ kind }) => kind === 'floating')?.address ?? null;
