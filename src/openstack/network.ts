import { z } from 'zod';
import type {
  CloudFloatingIp,
  CloudFloatingIps,
  CloudGroup,
  CloudGroups,
  CloudNetworks,
  RuleSource,
} from '../domain/cloud-resources.ts';
import type { JsonService } from './json-service.ts';

const PAGE = 500;

const NETWORK = z.object({
  id: z.string(),
  name: z.string(),
  'router:external': z.boolean().default(false),
  subnets: z.array(z.string()),
});
const SUBNET = z.object({ cidr: z.string() });
const PORT = z.object({ id: z.string(), network_id: z.string(), fixed_ips: z.array(z.object({ ip_address: z.string() })) });
const RULE = z.object({
  id: z.string(),
  direction: z.enum(['ingress', 'egress']),
  protocol: z.string().nullable(),
  port_range_min: z.number().nullable(),
  port_range_max: z.number().nullable(),
  remote_ip_prefix: z.string().nullable(),
  remote_group_id: z.string().nullable(),
});
const GROUP = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()).default([]),
  security_group_rules: z.array(RULE),
});
const FLOATING_IP = z.object({
  id: z.string(),
  floating_ip_address: z.string(),
  description: z.string().default(''),
  tags: z.array(z.string()).default([]),
  port_id: z.string().nullable(),
  fixed_ip_address: z.string().nullable(),
});

const LINKS = z.array(z.object({ rel: z.string(), href: z.string() })).optional();

/** All rows of a list that links its pages: the links are whole addresses, of which the query counts. */
async function listAll<T>(network: JsonService, path: string, row: z.ZodType<T>, query = ''): Promise<T[]> {
  const key = path.replaceAll('-', '_');
  const schema = z
    .object({ [key]: z.array(row), [`${key}_links`]: LINKS })
    .transform((page) => ({ rows: page[key] as T[], links: page[`${key}_links`] as z.infer<typeof LINKS> }));
  const pages = await network.list(schema, `/${path}?limit=${PAGE}${query}`, ({ links = [] }) => {
    const next = links.find(({ rel }) => rel === 'next');
    return next ? `/${path}${new URL(next.href).search}` : null;
  });
  return pages.flatMap(({ rows }) => rows);
}

/** Source: https://docs.openstack.org/api-ref/network/v2/#networks */
export const openNetworks = (network: JsonService): CloudNetworks => ({
  async list() {
    const found = await listAll(network, 'networks', NETWORK);
    return found.map(({ id, name, 'router:external': isExternal, subnets }) => ({ id, name, isExternal, subnetIds: subnets }));
  },
  async cidrsOf(networkId) {
    const found = await listAll(network, 'subnets', SUBNET, `&network_id=${encodeURIComponent(networkId)}`);
    return found.map(({ cidr }) => cidr);
  },
  async portsOf(serverId) {
    const found = await listAll(network, 'ports', PORT, `&device_id=${encodeURIComponent(serverId)}`);
    return found.map(({ id, network_id, fixed_ips }) => ({ id, networkId: network_id, address: fixed_ips[0]?.ip_address ?? '' }));
  },
});

/** Source: https://docs.openstack.org/api-ref/network/v2/#security-groups-security-groups */
export function openGroups(network: JsonService): CloudGroups {
  return {
    list: async () => (await listAll(network, 'security-groups', GROUP)).map(toGroup),
    async make(name, description) {
      const body = { security_group: { name, description } };
      const call = { method: 'POST', path: '/security-groups', body } as const;
      return toGroup((await network.ask(z.object({ security_group: GROUP }), call)).security_group);
    },
    tag: (id, tag) => putTag(network, 'security-groups', id, tag),
    async allow(groupId, port, source) {
      const rule = {
        security_group_id: groupId,
        direction: 'ingress',
        ethertype: 'IPv4',
        protocol: 'tcp',
        port_range_min: port,
        port_range_max: port,
        ...('cidr' in source ? { remote_ip_prefix: source.cidr } : { remote_group_id: source.groupId }),
      };
      // 409: it is there already.
      await network.do({
        method: 'POST',
        path: '/security-group-rules',
        body: { security_group_rule: rule },
        also: [409],
      });
    },
    async disallow(ruleId) {
      await network.do({ method: 'DELETE', path: `/security-group-rules/${ruleId}`, also: [404] });
    },
    async remove(id) {
      await network.do({ method: 'DELETE', path: `/security-groups/${id}`, also: [404] });
    },
  };
}

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

async function putTag(network: JsonService, kind: string, id: string, tag: string): Promise<void> {
  await network.do({ method: 'PUT', path: `/${kind}/${id}/tags/${encodeURIComponent(tag)}` });
}

const toGroup = ({ id, name, description, tags, security_group_rules }: z.infer<typeof GROUP>): CloudGroup => ({
  id,
  name,
  description,
  tags,
  rules: security_group_rules.map((rule) => ({
    id: rule.id,
    direction: rule.direction,
    protocol: rule.protocol,
    fromPort: rule.port_range_min,
    toPort: rule.port_range_max,
    source: sourceOf(rule),
  })),
});

function sourceOf({ remote_ip_prefix, remote_group_id }: z.infer<typeof RULE>): RuleSource | null {
  if (remote_group_id !== null) return { groupId: remote_group_id };
  return remote_ip_prefix === null ? null : { cidr: remote_ip_prefix };
}

const toFloatingIp = (ip: z.infer<typeof FLOATING_IP>): CloudFloatingIp => ({
  id: ip.id,
  address: ip.floating_ip_address,
  description: ip.description,
  tags: ip.tags,
  portId: ip.port_id,
  fixedAddress: ip.fixed_ip_address,
});
