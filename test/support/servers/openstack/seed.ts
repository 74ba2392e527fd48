import { textOf } from '../../../../src/openstack/answer-bytes.ts';
import { findCloud } from '../../../../src/openstack/clouds.ts';
import { openService } from '../../../../src/openstack/service.ts';
import { until } from '../../until.ts';
import type { PrivateKeystone } from '../keystone.ts';
import { runProgram } from '../private-server.ts';
import { CLOUD_HOST, type PlanePlan } from './configs.ts';
import type { PlaneFacts } from './plane.ts';

const FLAVORS = [
  ['m1.tiny', 1, 512, 1],
  ['m1.small', 1, 2048, 20],
  ['m1.medium', 2, 4096, 40],
  ['m1.large', 4, 8192, 80],
] as const;
/** For guests: as small as they can be. */
const GUEST_FLAVOR = ['m1.guest', 2, 1024, 4] as const;
const IMAGES = ['debian-12', 'ubuntu-22.04', 'ubuntu-24.04', 'cirros'];
const PATIENCE_MS = 300_000;
const REST_MS = 500;
const IMAGE_BYTES = 65_536;

/** What a cloud has before its users come: a host that is known, flavors, images, and a network that floating IPs come from. */
export async function seed(keystone: PrivateKeystone, plan: PlanePlan): Promise<PlaneFacts['external']> {
  const cloud = await findCloud(keystone.environmentOf({ name: 'admin', password: keystone.adminPassword, project: 'admin' }));
  const call = async <T>(type: string, method: 'GET' | 'POST' | 'PUT', path: string, body?: object | Buffer): Promise<T> => {
    await using service = openService(cloud, type);
    const isBytes = Buffer.isBuffer(body);
    const answer = await service.send({
      method,
      path,
      headers: { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' },
      ...(body && { body: isBytes ? body : JSON.stringify(body) }),
      expected: [200, 201, 202, 204],
    });
    const text = await textOf(answer.bytes);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };

  await until(
    async () => {
      const { services } = await call<{ services: { binary: string; state: string }[] }>('compute', 'GET', '/os-services');
      return ['nova-compute', 'nova-conductor', 'nova-scheduler'].every((name) =>
        services.some(({ binary, state }) => binary === name && state === 'up'),
      );
    },
    PATIENCE_MS,
    REST_MS,
  );
  await runProgram(['/usr/bin/nova-manage', '--config-file', `${plan.folder}/nova.conf`, 'cell_v2', 'discover_hosts']);
  await until(
    async () => {
      const { agents } = await call<{ agents: { host: string; alive: boolean }[] }>('network', 'GET', '/v2.0/agents');
      return agents.filter(({ host, alive }) => host === CLOUD_HOST && alive).length === (plan.hasGuests ? 4 : 2);
    },
    PATIENCE_MS,
    REST_MS,
  );

  const flavors = plan.hasGuests ? [GUEST_FLAVOR] : FLAVORS;
  for (const [i, [name, vcpus, ram, disk]] of flavors.entries())
    await call('compute', 'POST', '/flavors', { flavor: { id: String(i + 1), name, vcpus, ram, disk } });
  for (const name of plan.hasGuests ? [] : IMAGES) {
    const how = { name, disk_format: 'raw', container_format: 'bare', visibility: 'public' };
    const { id } = await call<{ id: string }>('image', 'POST', '/v2/images', how);
    await call('image', 'PUT', `/v2/images/${id}/file`, Buffer.alloc(IMAGE_BYTES));
  }
  return await addExternalNetwork(call, plan.externalName, plan.hasGuests ? GUEST_NETWORK : someLoopback());
}

/** Addresses for documents (RFC 5737), in a network namespace of their own. */
const GUEST_NETWORK = '203.0.113';

/** On loopback, so that a test can listen where a guest would; which one is left to chance, so that two runs do not meet. */
const someLoopback = (): string => `127.${64 + Math.floor(Math.random() * 128)}.${1 + Math.floor(Math.random() * 250)}`;

async function addExternalNetwork(
  call: <T>(type: string, method: 'POST', path: string, body: object) => Promise<T>,
  name: string,
  beginning: string,
): Promise<PlaneFacts['external']> {
  const { network } = await call<{ network: { id: string } }>('network', 'POST', '/v2.0/networks', {
    network: { name, 'router:external': true, 'provider:network_type': 'flat', 'provider:physical_network': name },
  });
  const cidr = `${beginning}.0/24`;
  await call('network', 'POST', '/v2.0/subnets', {
    subnet: {
      network_id: network.id,
      name: `${name}-subnet`,
      ip_version: 4,
      cidr,
      gateway_ip: `${beginning}.1`,
      enable_dhcp: false,
      allocation_pools: [{ start: `${beginning}.10`, end: `${beginning}.250` }],
    },
  });
  return { name, cidr };
}
