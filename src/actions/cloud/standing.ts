import type { CloudProject } from '../../domain/cloud-resources.ts';
import type { DeploymentPlan, PlanStep } from '../../domain/deployment.ts';
import { findDeployment } from './find-deployment.ts';

/** A step of a plan, and whether what it is about is there. `wait`: it makes nothing. */
export interface StandingStep {
  readonly step: PlanStep;
  readonly standing: 'there' | 'to be made' | 'wait';
}

/** What a plan would find. Rules are looked at by what they let in, everything else by its name. */
export async function stepsWithStanding(plan: DeploymentPlan, project: CloudProject): Promise<readonly StandingStep[]> {
  const [{ groups, servers, floatingIps, credentials }, keyPairs] = await Promise.all([
    findDeployment(project, plan.wish.name),
    project.keyPairs.list(),
  ]);
  const groupNamed = (name: string) => groups.find((group) => group.name === name);
  const isThere = (step: PlanStep): boolean => {
    switch (step.kind) {
      case 'key-pair':
        return keyPairs.some(({ name }) => name === step.name);
      case 'group':
        return groupNamed(step.group) !== undefined;
      case 'rule':
        return groupNamed(step.group)?.rules.some(({ fromPort }) => fromPort === step.rule.port) ?? false;
      case 'credential':
        return credentials.length > 0;
      case 'address':
        return floatingIps.some(({ portId }) => portId !== null);
      case 'server':
      case 'boot':
      case 'ready':
        return servers.some(({ name, isLeaving }) => name === step.host.name && !isLeaving);
    }
  };
  return plan.steps.map((step) => {
    if (step.kind === 'boot' || step.kind === 'ready') return { step, standing: 'wait' };
    return { step, standing: isThere(step) ? 'there' : 'to be made' };
  });
}
