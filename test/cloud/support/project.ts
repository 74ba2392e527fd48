import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { CloudService } from '../../../src/domain/cloud.ts';
import type { CloudProject } from '../../../src/domain/cloud-resources.ts';
import { findCloud } from '../../../src/openstack/clouds.ts';
import { openConnection } from '../../../src/openstack/connection.ts';
import { JsonService } from '../../../src/openstack/json-service.ts';
import { Keystone } from '../../../src/openstack/keystone.ts';
import { openProject } from '../../../src/openstack/project.ts';
import { serviceOf } from '../../../src/openstack/service.ts';
import { administerKeystone, environmentAt } from '../../support/servers/keystone.ts';
import type { PlaneFacts } from '../../support/servers/openstack/plane.ts';

/** A project that belongs to one test file, with a private network that a router connects to the outside. */
export interface TestProject extends AsyncDisposable {
  readonly facts: PlaneFacts;
  readonly id: string;
  /** OS_* variables of a member */
  readonly env: Readonly<Record<string, string>>;
  readonly cloud: CloudProject;
  /** name of the private network */
  readonly network: string;
  /** A service, as a member asks it, or as the cloud's administrator. */
  ask(type: string, as?: 'member' | 'admin'): JsonService;
}

const ROUTERS = z.object({ routers: z.array(z.object({ id: z.string(), name: z.string() })) });

/** The control plane that runs beside the tests. @throws where there is none */
export function planeFacts(): PlaneFacts {
  const path = process.env.CLOUD_PLANE;
  if (!path) throw new Error('There is no control plane: npm run test:cloud starts one.');
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** @param name of the project and of its user; unique to the file */
export async function openTestProject(name: string): Promise<TestProject> {
  const facts = planeFacts();
  // Another run on the same plane starts with another project.
  const project = `${name}-${crypto.randomUUID().slice(0, 8)}`;
  const keystone = await administerKeystone(facts.keystoneUrl);
  const user = { name: project, password: 'hush: it is a "secret"', project };
  const { projectId } = await keystone.addUser({ ...user, roles: ['member'] });
  const env = environmentAt(facts.keystoneUrl, user);
  const adminEnv = environmentAt(facts.keystoneUrl, { name: 'admin', password: facts.adminPassword, project: 'admin' });
  const opened = new AsyncDisposableStack();
  const cloud = opened.use(openProject(await findCloud(env)));
  const logins = { member: await openLogin(env, opened), admin: await openLogin(adminEnv, opened) };
  const ask: TestProject['ask'] = (type, as = 'member') =>
    new JsonService(
      logins[as](type),
      type,
      async (): Promise<Record<string, string>> => (type === 'compute' ? { 'openstack-api-version': 'compute 2.79' } : {}),
    );
  const network = `${name}-net`;
  await makeNetwork(ask('network'), cloud, network, facts.external.name);
  return { facts, id: projectId, env, cloud, network, ask, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Services of a cloud that share a login. */
async function openLogin(
  env: Record<string, string>,
  opened: AsyncDisposableStack,
): Promise<(type: string) => Pick<CloudService, 'send'>> {
  const cloud = await findCloud(env);
  const connection = opened.use(openConnection(cloud));
  const keystone = new Keystone(cloud, connection);
  return (type) => serviceOf(connection, keystone, type);
}

async function makeNetwork(neutron: JsonService, cloud: CloudProject, name: string, external: string): Promise<void> {
  const post = (path: string, body: object) => neutron.do({ method: 'POST', path: `/v2.0/${path}`, body });
  const externalId = (await cloud.networks.list()).find((each) => each.name === external)!.id;
  await post('networks', { network: { name } });
  const { id } = (await cloud.networks.list()).find((each) => each.name === name)!;
  await post('subnets', { subnet: { network_id: id, name, ip_version: 4, cidr: '10.10.0.0/24' } });
  await post('routers', { router: { name, external_gateway_info: { network_id: externalId } } });
  const { routers } = await neutron.ask(ROUTERS, { method: 'GET', path: '/v2.0/routers' });
  const [subnetId] = (await cloud.networks.list()).find((each) => each.name === name)!.subnetIds;
  const router = routers.find((each) => each.name === name)!;
  // It was slow, and has it already.
  const add = { method: 'PUT', path: `/v2.0/routers/${router.id}/add_router_interface`, body: { subnet_id: subnetId } } as const;
  await neutron.do({ ...add, also: [400, 409] });
}
