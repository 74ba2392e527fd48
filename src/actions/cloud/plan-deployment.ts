import type { DeploymentHost, DeploymentPlan, DeploymentWish, PlanStep } from '../../domain/deployment.ts';
import { credentialName } from './marks.ts';
import { entryOf, groupsOf, hostsOf } from './topologies.ts';

/** Everything that a deployment needs, in the order in which it is made: each step needs only those before it. */
export function planDeployment(wish: DeploymentWish): DeploymentPlan {
  const hosts = hostsOf(wish);
  const entry = entryOf(hosts);
  const groups = groupsOf(wish);
  const isWorker = ({ kind }: DeploymentHost) => kind === 'worker';
  const steps: PlanStep[] = [
    { kind: 'key-pair', name: wish.key.name },
    ...groups.map((group): PlanStep => ({ kind: 'group', group: group.name })),
    ...groups.flatMap((group) => group.rules.map((rule): PlanStep => ({ kind: 'rule', group: group.name, rule }))),
    ...(wish.swift ? [{ kind: 'credential', name: credentialName(wish.name) } as const] : []),
    // Who comes later is told the addresses of those before.
    ...hosts
      .filter((host) => !isWorker(host))
      .flatMap((host): PlanStep[] => [
        { kind: 'server', host },
        { kind: 'boot', host },
      ]),
    { kind: 'address', host: entry },
    { kind: 'ready', host: entry },
    // Workers are enrolled by the API that answers now, and start together.
    ...hosts.filter(isWorker).map((host): PlanStep => ({ kind: 'server', host })),
    ...hosts.filter(isWorker).map((host): PlanStep => ({ kind: 'boot', host })),
  ];
  return { wish, hosts, entry, steps };
}

/** For people: what a step is about, and what about it. */
export function describeStep(
  step: PlanStep,
  { wish }: DeploymentPlan,
): { readonly what: string; readonly name: string; readonly how: string } {
  const { image, flavor, network, external } = wish;
  switch (step.kind) {
    case 'key-pair':
      return { what: 'key pair', name: step.name, how: '' };
    case 'group':
      return { what: 'security group', name: step.group, how: '' };
    case 'rule': {
      const { port, from } = step.rule;
      return { what: 'rule', name: step.group, how: `${port} from ${'cidr' in from ? from.cidr : from.group}` };
    }
    case 'credential':
      return { what: 'credential', name: step.name, how: 'for Swift' };
    case 'server':
      return {
        what: 'instance',
        name: step.host.name,
        how: `${image.name}, ${flavor.name}, ${network.name}, ${step.host.group}`,
      };
    case 'boot':
      return { what: 'boot', name: step.host.name, how: 'until it runs' };
    case 'address':
      return { what: 'floating IP', name: step.host.name, how: `from ${external.name}` };
    case 'ready':
      return { what: 'service', name: step.host.name, how: 'until it answers' };
  }
}
