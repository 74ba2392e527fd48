import { z } from 'zod';
import type { CloudGroup, CloudGroups, RuleSource } from '../domain/cloud-resources.ts';
import type { JsonService } from './json-service.ts';
import { listAll, putTag } from './neutron-lists.ts';

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
