import type { DeploymentGroup, DeploymentHost, GroupRule, HostKind, Topology } from '../../domain/deployment.ts';
import { nameIn } from './marks.ts';

const SSH = 22;
const HTTP = 80;
const AMQP = 5672;
const MYSQL = 3306;
export const EVERYWHERE = '0.0.0.0/0';

/** What decides which hosts and groups there are. */
export interface TopologyWish {
  readonly name: string;
  readonly topology: Topology;
  readonly workers: number;
  readonly apis: number;
  readonly sshFrom: string;
}

const GROUP_OF: Readonly<Record<HostKind, string>> = {
  'all-in-one': 'all-in-one',
  controller: 'control',
  services: 'services',
  api: 'api',
  balancer: 'balancer',
  worker: 'worker',
};

/** The hosts in an order in which each needs only those before it. */
export function hostsOf({ name, topology, workers, apis }: TopologyWish): readonly DeploymentHost[] {
  const host = (kind: HostKind, called: string): DeploymentHost => ({
    name: nameIn(name, called),
    kind,
    group: nameIn(name, GROUP_OF[kind]),
  });
  const several = (kind: HostKind, count: number) => Array.from({ length: count }, (_, i) => host(kind, `app-${kind}-${i + 1}`));
  switch (topology) {
    case 'all-in-one':
      return [host('all-in-one', 'all-in-one')];
    case 'split':
      return [host('controller', 'app-controller'), ...several('worker', workers)];
    case 'scaled':
      return [
        host('services', 'app-services'),
        ...several('api', apis),
        ...(apis > 1 ? [host('balancer', 'app-balancer')] : []),
        ...several('worker', workers),
      ];
  }
}

/** The one that people and workers speak to. */
export const entryOf = (hosts: readonly DeploymentHost[]): DeploymentHost =>
  hosts.find(({ kind }) => kind === 'balancer') ?? hosts.find(({ kind }) => ['all-in-one', 'controller', 'api'].includes(kind))!;

/** The groups of those hosts, each with what it lets in. A rule may name a group that comes later. */
export function groupsOf(wish: TopologyWish): readonly DeploymentGroup[] {
  const hosts = hostsOf(wish);
  const kinds = [...new Set(hosts.map(({ kind }) => kind))];
  // The group of workers is there before the first of them, so that any number can be added.
  if (wish.topology !== 'all-in-one' && !kinds.includes('worker')) kinds.push('worker');
  const entry = entryOf(hosts);
  return kinds.map((kind) => ({
    name: nameIn(wish.name, GROUP_OF[kind]),
    rules: [...sshRules(wish, kind, entry), ...rulesFor(wish, kind, kinds.includes('balancer'))],
  }));
}

/** From where the operator says; and, where that is not everywhere, from the one host that has an address outside, on the way to the others. */
function sshRules({ sshFrom }: TopologyWish, kind: HostKind, entry: DeploymentHost): GroupRule[] {
  const direct: GroupRule = { port: SSH, from: { cidr: sshFrom } };
  if (sshFrom === EVERYWHERE || kind === entry.kind) return [direct];
  return [direct, { port: SSH, from: { group: entry.group } }];
}

function rulesFor({ name }: TopologyWish, kind: HostKind, isBalanced: boolean): GroupRule[] {
  const everybody: GroupRule = { port: HTTP, from: { cidr: EVERYWHERE } };
  const from = (port: number, other: HostKind): GroupRule => ({ port, from: { group: nameIn(name, GROUP_OF[other]) } });
  switch (kind) {
    case 'all-in-one':
    case 'balancer':
      return [everybody];
    case 'controller':
      return [everybody, from(AMQP, 'worker')];
    case 'services':
      return [from(MYSQL, 'api'), from(AMQP, 'api'), from(AMQP, 'worker')];
    case 'api':
      return [isBalanced ? from(HTTP, 'balancer') : everybody];
    case 'worker':
      return [];
  }
}
