import { z } from 'zod';
import { isMarked } from '../../../src/actions/cloud/marks.ts';
import type { CloudGroup } from '../../../src/domain/cloud-resources.ts';
import type { TestProject } from './project.ts';

/** Names of all that a project has that can be left behind, but for its network. */
export interface CloudInventory {
  readonly servers: readonly string[];
  readonly groups: readonly string[];
  readonly ips: number;
  readonly keyPairs: readonly string[];
  readonly credentials: readonly string[];
  /** that belong to instances */
  readonly ports: number;
}

export const NOTHING: CloudInventory = { servers: [], groups: ['default'], ips: 0, keyPairs: [], credentials: [], ports: 0 };

const PORTS = z.object({ ports: z.array(z.object({ device_owner: z.string() })) });

export async function inventoryOf({ cloud, ask, id }: TestProject): Promise<CloudInventory> {
  const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name).sort();
  const call = { method: 'GET', path: `/v2.0/ports?project_id=${id}` } as const;
  const { ports } = await ask('network').ask(PORTS, call);
  return {
    servers: names(await cloud.servers.list()),
    groups: names(await cloud.groups.list()),
    ips: (await cloud.floatingIps.list()).length,
    keyPairs: names(await cloud.keyPairs.list()),
    credentials: names(await cloud.credentials.list()),
    ports: ports.filter(({ device_owner }) => device_owner.startsWith('compute:')).length,
  };
}

const USER_DATA = z.object({ server: z.object({ 'OS-EXT-SRV-ATTR:user_data': z.string() }) });

/** What an instance (its name or id) was given, which only an administrator is shown. */
export async function userDataOf({ cloud, ask }: TestProject, name: string): Promise<string> {
  const { id } = (await cloud.servers.list()).find((each) => each.name === name || each.id === name)!;
  const { server } = await ask('compute', 'admin').ask(USER_DATA, { method: 'GET', path: `/servers/${id}` });
  return Buffer.from(server['OS-EXT-SRV-ATTR:user_data'], 'base64').toString();
}

/** What each group lets in, such as `5672 from worker`. @param deployment only its groups */
export async function rulesOf({ cloud }: TestProject, deployment?: string): Promise<Record<string, string[]>> {
  const groups = await cloud.groups.list();
  const nameOf = (id: string) => groups.find((each) => each.id === id)!.name;
  const isOurs = ({ name, description, tags }: CloudGroup) =>
    deployment === undefined ? name !== 'default' : isMarked(deployment, { description, tags });
  const ours = groups.filter(isOurs);
  return Object.fromEntries(
    ours.map(({ name, rules }) => {
      const ingress = rules.filter(({ direction }) => direction === 'ingress');
      const said = ingress.map(({ fromPort, toPort, protocol, source }) => {
        const from = source === null ? 'everywhere' : 'cidr' in source ? source.cidr : nameOf(source.groupId);
        return `${protocol} ${fromPort}${toPort === fromPort ? '' : `-${toPort}`} from ${from}`;
      });
      return [name, said.sort()];
    }),
  );
}
