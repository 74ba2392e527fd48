import { z } from 'zod';
import type { CloudNetworks, CloudRouters } from '../domain/cloud-resources.ts';
import type { JsonService } from './json-service.ts';
import { listAll } from './neutron-lists.ts';

const NETWORK = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().default(''),
  'router:external': z.boolean().default(false),
  subnets: z.array(z.string()),
});
const ROUTER = z.object({ id: z.string(), name: z.string(), description: z.string().default('') });
const MADE = z.object({ id: z.string() });
const SUBNET = z.object({ cidr: z.string() });
const PORT = z.object({
  id: z.string(),
  network_id: z.string(),
  fixed_ips: z.array(z.object({ ip_address: z.string(), subnet_id: z.string() })),
});

/** Source: https://docs.openstack.org/api-ref/network/v2/#networks */
export const openNetworks = (network: JsonService): CloudNetworks => ({
  async list() {
    const found = await listAll(network, 'networks', NETWORK);
    return found.map(({ id, name, description, 'router:external': isExternal, subnets }) => ({
      ...{ id, name, description, isExternal },
      subnetIds: subnets,
    }));
  },
  async cidrsOf(networkId) {
    const found = await listAll(network, 'subnets', SUBNET, `&network_id=${encodeURIComponent(networkId)}`);
    return found.map(({ cidr }) => cidr);
  },
  async portsOf(serverId) {
    const found = await listAll(network, 'ports', PORT, `&device_id=${encodeURIComponent(serverId)}`);
    return found.map(({ id, network_id, fixed_ips }) => ({ id, networkId: network_id, address: fixed_ips[0]?.ip_address ?? '' }));
  },
  async make(name, description) {
    const call = { method: 'POST', path: '/networks', body: { network: { name, description } } } as const;
    return (await network.ask(z.object({ network: MADE }), call)).network;
  },
  async addSubnet(networkId, name, cidr) {
    const body = { subnet: { network_id: networkId, name, cidr, ip_version: 4 } };
    return (await network.ask(z.object({ subnet: MADE }), { method: 'POST', path: '/subnets', body })).subnet;
  },
  async remove(id) {
    await network.do({ method: 'DELETE', path: `/networks/${id}`, also: [404] });
  },
});

/** Source: https://docs.openstack.org/api-ref/network/v2/#routers-routers */
export const openRouters = (network: JsonService): CloudRouters => ({
  list: () => listAll(network, 'routers', ROUTER),
  async make(name, description, externalId) {
    const router = { name, description, external_gateway_info: { network_id: externalId } };
    const call = { method: 'POST', path: '/routers', body: { router } } as const;
    return (await network.ask(z.object({ router: MADE }), call)).router;
  },
  async connect(id, subnetId) {
    const isThere = async () => {
      const ports = await listAll(network, 'ports', PORT, `&device_id=${encodeURIComponent(id)}`);
      return ports.some((port) => port.fixed_ips.some((ip) => ip.subnet_id === subnetId));
    };
    if (await isThere()) return;
    const call = { method: 'PUT', path: `/routers/${id}/add_router_interface`, body: { subnet_id: subnetId } } as const;
    await network.do(call).catch(async (error: Error) => {
      // Sent a second time, because the first answer was lost, it is refused.
      if (!(await isThere())) throw error;
    });
  },
  async remove(id) {
    const inside = `&device_id=${encodeURIComponent(id)}&device_owner=network:router_interface`;
    for (const port of await listAll(network, 'ports', PORT, inside)) {
      const path = `/routers/${id}/remove_router_interface`;
      await network.do({ method: 'PUT', path, body: { port_id: port.id }, also: [404] });
    }
    await network.do({ method: 'DELETE', path: `/routers/${id}`, also: [404] });
  },
});
