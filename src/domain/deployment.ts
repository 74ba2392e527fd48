/** What `faafo cloud` brings up: nouns, and nothing that is done. */

export const TOPOLOGIES = ['all-in-one', 'split', 'scaled'] as const;
export type Topology = (typeof TOPOLOGIES)[number];

/** What an instance is for. */
export type HostKind = 'all-in-one' | 'controller' | 'services' | 'api' | 'balancer' | 'worker';

/** An instance of a deployment, as it is meant to be. */
export interface DeploymentHost {
  /** of the instance */
  readonly name: string;
  readonly kind: HostKind;
  /** of its security group */
  readonly group: string;
}

/** Who may reach a port: everybody in a CIDR, or the instances in a group. */
export interface GroupRule {
  readonly port: number;
  readonly from: { readonly cidr: string } | { readonly group: string };
}

export interface DeploymentGroup {
  readonly name: string;
  readonly rules: readonly GroupRule[];
}

/** What somebody wants; names of the cloud are resolved to ids. */
export interface DeploymentWish {
  /** of the deployment: what it makes is marked with it */
  readonly name: string;
  readonly topology: Topology;
  /** instances that draw and nothing else; none where all is in one */
  readonly workers: number;
  /** only where it is scaled out */
  readonly apis: number;
  readonly image: { readonly id: string; readonly name: string };
  readonly flavor: { readonly id: string; readonly name: string };
  readonly network: { readonly id: string; readonly name: string };
  /** where floating IPs come from */
  readonly external: { readonly id: string; readonly name: string };
  /** the addresses of the private network */
  readonly cidrs: readonly string[];
  readonly key: { readonly name: string; readonly publicKey: string };
  /** from where SSH is let in */
  readonly sshFrom: string;
  /** pictures go to Swift */
  readonly swift: boolean;
  /** of the package, as install.sh takes it */
  readonly source: string;
}

/** Made once for each deployment, and kept where it was brought up. */
export interface DeploymentSecrets {
  readonly brokerPassword: string;
  /** of the user that may only listen */
  readonly workerBrokerPassword: string;
  readonly databasePassword: string;
  /** of the credential by which the API reaches Swift */
  readonly storePassword: string;
  readonly adminToken: string;
}

/** One thing to be made, or waited for. Steps are carried out in their order. */
export type PlanStep =
  | { readonly kind: 'key-pair'; readonly name: string }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'rule'; readonly group: string; readonly rule: GroupRule }
  | { readonly kind: 'credential'; readonly name: string }
  | { readonly kind: 'server'; readonly host: DeploymentHost }
  | { readonly kind: 'boot'; readonly host: DeploymentHost }
  | { readonly kind: 'address'; readonly host: DeploymentHost }
  | { readonly kind: 'ready'; readonly host: DeploymentHost };

/** A pure value: what is needed for a deployment, in an order in which it can be made. What is there already is passed over. */
export interface DeploymentPlan {
  readonly wish: DeploymentWish;
  readonly hosts: readonly DeploymentHost[];
  /** where people and workers reach the service */
  readonly entry: DeploymentHost;
  readonly steps: readonly PlanStep[];
}
