import { hostData } from '../../../src/actions/cloud/host-data.ts';
import { planDeployment } from '../../../src/actions/cloud/plan-deployment.ts';
import { newSecrets } from '../../../src/cli/cloud-state.ts';
import type { DeploymentHost, DeploymentPlan, DeploymentSecrets, DeploymentWish } from '../../../src/domain/deployment.ts';
import type { Host, HostOptions } from './host.ts';
import { startHost } from './host.ts';
import type { HostNetwork } from './network.ts';

export interface Deployment {
  readonly plan: DeploymentPlan;
  readonly secrets: DeploymentSecrets;
  /** Boots a host of the plan with the user data that `faafo cloud up` gives its instance. @param token to enrol with, for a worker */
  boot(host: DeploymentHost, options?: Pick<HostOptions, 'onDisk'> & { readonly token?: string }): Promise<Host>;
}

const SOME = { id: '00000000-0000-4000-8000-000000000000', name: 'some' };

/** What `faafo cloud up` plans, on hosts of this machine; each has its address before it is made. */
export function deploymentOn(
  network: HostNetwork,
  wish: Pick<DeploymentWish, 'topology' | 'workers' | 'apis'>,
  { tarball, secrets: given = {} }: { readonly tarball: string; readonly secrets?: Partial<DeploymentSecrets> },
): Deployment {
  const secrets = { ...newSecrets(), ...given };
  const own = { name: 'farm', image: SOME, flavor: SOME, network: SOME, external: SOME, sshFrom: '0.0.0.0/0', swift: false };
  const key = { name: 'farm', publicKey: '' };
  const plan = planDeployment({ ...own, ...wish, key, cidrs: [network.cidr], source: '/root/faafo.tgz' });
  const addresses = new Map(plan.hosts.map(({ name }) => [name, network.nextAddress()]));
  const addressOf = ({ name }: DeploymentHost) => addresses.get(name)!.split('/')[0]!;
  return {
    plan,
    secrets,
    boot: async (host, { token, onDisk } = {}) => {
      const { hosts, entry } = plan;
      const facts = { wish: plan.wish, hosts, entry, secrets, addressOf, ...(token !== undefined && { token }) };
      const { name } = host;
      const options = { name, tarball, address: addresses.get(name)!, userData: hostData(host, facts) };
      return await startHost(network, { ...options, ...(onDisk && { onDisk }) });
    },
  };
}
