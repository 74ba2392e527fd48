import { readFile } from 'node:fs/promises';
import { until } from '../../support/until.ts';
import type { Operator } from './faafo.ts';
import type { TestProject } from './project.ts';

const PATIENCE_MS = 300_000;
const REST_MS = 1_000;

/** Makes what is of somebody else, with names that are near. */
export async function addStrangers(project: TestProject, operator: Operator): Promise<void> {
  const { groups, servers, floatingIps, keyPairs, images, flavors, networks, credentials } = project.cloud;
  const { id } = await groups.make('worker', 'of somebody else: faafo deployment faafo: no');
  await groups.allow(id, 22, { cidr: '0.0.0.0/0' });
  await groups.tag(id, 'faafo-deployment=faafo2');
  await keyPairs.make('strangers', (await readFile(`${operator.home}/.ssh/id_ed25519.pub`, 'utf8')).trim());
  const nets = await networks.list();
  await floatingIps.make(nets.find(({ isExternal }) => isExternal)!.id, 'faafo deployment faafo2: leads to app-controller');
  await credentials.make('faafo-faafo2', 'hush', 'of somebody else');
  await servers.make({
    name: 'app-worker-1',
    imageId: (await images.list())[0]!.id,
    flavorId: (await flavors.list())[0]!.id,
    networkId: nets.find(({ name }) => name === project.network)!.id,
    groupIds: [id],
    keyName: 'strangers',
    metadata: { 'faafo-deployment': 'faafo2' },
    userData: '#!/bin/sh\n',
  });
  await until(async () => (await servers.list())[0]?.status === 'ACTIVE', PATIENCE_MS, REST_MS);
}

/** All that a project has, whole, in an order of its own: what is equal to this later was not touched. */
export async function everythingIn({ cloud }: TestProject): Promise<Record<string, unknown>> {
  const byId = <T extends { readonly id: string }>(all: readonly T[]) => [...all].sort((a, b) => a.id.localeCompare(b.id));
  const groups = byId(await cloud.groups.list());
  return {
    servers: byId(await cloud.servers.list()),
    groups: groups.map(({ rules, ...group }) => ({ ...group, rules: byId(rules) })),
    ips: byId(await cloud.floatingIps.list()),
    keyPairs: await cloud.keyPairs.list(),
    credentials: byId(await cloud.credentials.list()),
    networks: byId(await cloud.networks.list()),
  };
}
