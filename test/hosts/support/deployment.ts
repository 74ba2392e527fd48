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
  /** which it will have, or has */
  addressOf(host: DeploymentHost): string;
  /** Boots a host of the plan with the user data that `faafo cloud up` gives its instance. @param token to enrol with, for a worker */
  boot(host: DeploymentHost, options?: Pick<HostOptions, 'onDisk'> & { readonly token?: string }): Promise<Host>;
}

const SOME = { id: '00000000-0000-4000-8000-000000000000', name: 'some' };

/** What `faafo cloud up` plans, on hosts of this machine; each has its address before it is made. @param from the package, or the root of a baked image */
export function deploymentOn(
  network: HostNetwork,
  wish: Pick<DeploymentWish, 'topology' | 'workers' | 'apis'>,
  {
    secrets: given = {},
    ...from
  }: { readonly secrets?: Partial<DeploymentSecrets> } & ({ readonly tarball: string } | { readonly root: string }),
): Deployment {
  const secrets = { ...newSecrets(), ...given };
  const own = { name: 'farm', image: SOME, flavor: SOME, network: SOME, external: SOME, sshFrom: '0.0.0.0/0', swift: false };
  const key = { name: 'farm', publicKey: '' };
  // An image that was baked holds the package.
  const source = 'root' in from ? '@faafo/faafo' : '/root/faafo.tgz';
  const plan = planDeployment({ ...own, ...wish, key, cidrs: [network.cidr], source });
  const addresses = new Map(plan.hosts.map(({ name }) => [name, network.nextAddress()]));
  const addressOf = ({ name }: DeploymentHost) => addresses.get(name)!.split('/')[0]!;
  return {
    plan,
    secrets,
    addressOf,
    boot: async (host, { token, onDisk } = {}) => {
      const { hosts, entry } = plan;
      const facts = { wish: plan.wish, hosts, entry, secrets, addressOf, ...(token !== undefined && { token }) };
      const { name } = host;
      const options = { name, ...from, address: addresses.get(name)!, userData: hostData(host, facts) };
      return await startHost(network, { ...options, ...(onDisk && { onDisk }) });
    },
  };
}
