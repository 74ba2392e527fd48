import { z } from 'zod';
import type { CloudFloatingIp, CloudFloatingIps } from '../domain/cloud-resources.ts';
import type { JsonService } from './json-service.ts';
import { listAll, putTag } from './neutron-lists.ts';

const FLOATING_IP = z.object({
  id: z.string(),
  floating_ip_address: z.string(),
  description: z.string().default(''),
  tags: z.array(z.string()).default([]),
  port_id: z.string().nullable(),
  fixed_ip_address: z.string().nullable(),
});

/** Source: https://docs.openstack.org/api-ref/network/v2/#floating-ips-floatingips */
export function openFloatingIps(network: JsonService): CloudFloatingIps {
  const one = z.object({ floatingip: FLOATING_IP });
  return {
    list: async () => (await listAll(network, 'floatingips', FLOATING_IP)).map(toFloatingIp),
    async make(networkId, description) {
      const body = { floatingip: { floating_network_id: networkId, description } };
      return toFloatingIp((await network.ask(one, { method: 'POST', path: '/floatingips', body })).floatingip);
    },
    tag: (id, tag) => putTag(network, 'floatingips', id, tag),
    async lead(id, portId) {
      const body = { floatingip: { port_id: portId } };
      await network.do({ method: 'PUT', path: `/floatingips/${id}`, body });
    },
    async remove(id) {
      await network.do({ method: 'DELETE', path: `/floatingips/${id}`, also: [404] });
    },
  };
}

const toFloatingIp = (ip: z.infer<typeof FLOATING_IP>): CloudFloatingIp => ({
  id: ip.id,
  address: ip.floating_ip_address,
  description: ip.description,
  tags: ip.tags,
  portId: ip.port_id,
  fixedAddress: ip.fixed_ip_address,
});
