import type { CloudGroup, CloudRule } from '../../domain/cloud-resources.ts';
import type { DeploymentPlan, GroupRule } from '../../domain/deployment.ts';

/** What a group of a deployment lets in, beside its plan. */
export interface StrayRule {
  readonly group: string;
  readonly rule: CloudRule;
  /** such as `tcp 22 from 0.0.0.0/0` */
  readonly text: string;
}

/** Rules that somebody else has added, or that an older wish left behind, such as another --ssh-from. They are not taken away: somebody may mean them. */
export function strayRules({ steps }: DeploymentPlan, groups: readonly CloudGroup[]): readonly StrayRule[] {
  const planned = (name: string) => steps.flatMap((step) => (step.kind === 'rule' && step.group === name ? [step.rule] : []));
  const nameOf = (id: string) => groups.find((group) => group.id === id)?.name ?? id;
  return groups.flatMap((group) => {
    const wanted = planned(group.name).map(({ port, from }: GroupRule) =>
      textOf('tcp', port, port, 'cidr' in from ? from.cidr : from.group),
    );
    return group.rules
      .filter(({ direction }) => direction === 'ingress')
      .map((rule) => ({
        group: group.name,
        rule,
        text: textOf(rule.protocol, rule.fromPort, rule.toPort, sourceOf(rule, nameOf)),
      }))
      .filter(({ text }) => !wanted.includes(text));
  });
}

/** Neutron says nothing where everybody may come in. */
function sourceOf({ source }: CloudRule, nameOf: (id: string) => string): string {
  if (source === null) return '0.0.0.0/0';
  return 'cidr' in source ? source.cidr : nameOf(source.groupId);
}

const textOf = (protocol: string | null, from: number | null, to: number | null, source: string): string =>
  `${protocol ?? 'everything'}${from === null ? '' : ` ${from === to ? from : `${from}-${to}`}`} from ${source}`;
