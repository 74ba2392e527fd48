import type { DeploymentHost, DeploymentSecrets, DeploymentWish } from '../../domain/deployment.ts';
import { Fault } from '../../domain/fault.ts';
import { type HostPlan, userData } from './user-data.ts';

/** What is known when an instance is made. */
export interface HostFacts {
  readonly wish: Pick<DeploymentWish, 'name' | 'topology' | 'source' | 'swift' | 'cidrs'>;
  readonly hosts: readonly DeploymentHost[];
  /** the one that people and workers speak to */
  readonly entry: DeploymentHost;
  readonly secrets: DeploymentSecrets;
  /** the private address of a host that was made before */
  addressOf(host: DeploymentHost): string;
  /** to enrol with; only for workers */
  readonly token?: string;
  /** variables by which an API reaches Swift; only with `swift` */
  readonly store?: Readonly<Record<string, string>>;
}

const BROKER_USER = 'faafo';
const WORKER_USER = 'faafo-worker';

/** The text that a new instance is given. @throws {Fault} `invalid` when it becomes too large */
export const hostData = (host: DeploymentHost, facts: HostFacts): string => userData(hostPlan(host, facts));

/** What install.sh is told on a host. A worker's holds nothing that lasts, but for a password that lets it listen. */
export function hostPlan(host: DeploymentHost, facts: HostFacts): HostPlan {
  const { wish, hosts, secrets } = facts;
  const common = { name: host.name, source: wish.source };
  const addressOf = (kind: DeploymentHost['kind']) => facts.addressOf(hosts.find((each) => each.kind === kind)!);
  const broker = () => addressOf(wish.topology === 'split' ? 'controller' : 'services');
  const brokerUrl = (at: string) => `amqp://${BROKER_USER}:${secrets.brokerPassword}@${at}:5672/faafo`;
  const workerUrl = (at: string) => `amqp://${WORKER_USER}:${secrets.workerBrokerPassword}@${at}:5672/faafo`;
  const databaseUrl = (at: string) => `mysql://faafo:${secrets.databasePassword}@${at}:3306/faafo`;
  const api = { adminToken: secrets.adminToken, ...(wish.swift && { storageUrl: `swift://${containerName(wish.name)}` }) };
  switch (host.kind) {
    case 'all-in-one':
      return { ...common, ...api, install: ['messaging', 'faafo'], run: ['api', 'worker', 'demo'], settings: facts.store ?? {} };
    case 'controller':
      return {
        ...common,
        ...api,
        install: ['messaging', 'faafo'],
        run: ['api'],
        transportUrl: brokerUrl('127.0.0.1'),
        workerTransportUrl: workerUrl('127.0.0.1'),
        settings: facts.store ?? {},
      };
    case 'services':
      return {
        ...common,
        install: ['database', 'messaging'],
        run: [],
        transportUrl: brokerUrl('127.0.0.1'),
        workerTransportUrl: workerUrl('127.0.0.1'),
        databaseUrl: databaseUrl('127.0.0.1'),
      };
    case 'api': {
      // Its port is open to the balancer alone, so that whoever comes from this network is the balancer.
      const isBalanced = hosts.some(({ kind }) => kind === 'balancer');
      return {
        ...common,
        ...api,
        install: ['faafo'],
        run: ['api'],
        transportUrl: brokerUrl(broker()),
        databaseUrl: databaseUrl(broker()),
        settings: { ...facts.store, ...(isBalanced && { trusted_proxies: wish.cidrs.join(',') }) },
      };
    }
    case 'balancer': {
      const apis = hosts.filter(({ kind }) => kind === 'api');
      return { ...common, install: ['balancer'], run: [], balancerFor: apis.map((each) => `http://${facts.addressOf(each)}`) };
    }
    case 'worker': {
      if (facts.token === undefined) throw new Fault('invalid', `${host.name} has no token to enrol with.`);
      return {
        ...common,
        install: ['faafo'],
        run: ['worker'],
        endpointUrl: `http://${facts.addressOf(facts.entry)}/`,
        transportUrl: workerUrl(broker()),
        token: facts.token,
      };
    }
  }
}

/** Where the pictures of a deployment are; it outlives the deployment. */
export const containerName = (deployment: string): string => `faafo-${deployment}-pictures`;
