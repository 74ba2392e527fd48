import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { type PrivateKeystone, startKeystone } from '../keystone.ts';
import { startMariadb } from '../mariadb.ts';
import { needProgram, type PrivateServer, serverFolder, startServer } from '../private-server.ts';
import { freePort } from '../processes.ts';
import { startRabbitmq } from '../rabbitmq.ts';
import { startSwift } from '../swift.ts';
import { startServices } from './cast.ts';
import { PLANE_PORTS, type PlanePlan } from './configs.ts';
import { seed } from './seed.ts';
import type { Cast } from './serve.ts';
import { startSignedUrls } from './signed-urls.ts';

/** What tests have to know of a control plane; it goes to them as JSON. */
export interface PlaneFacts {
  readonly keystoneUrl: string;
  readonly region: string;
  readonly adminPassword: string;
  /** the network that floating IPs come from, and its subnet, which lies on loopback: a test can listen where a guest would */
  readonly external: { readonly name: string; readonly cidr: string };
}

export interface ControlPlane extends AsyncDisposable {
  readonly facts: PlaneFacts;
  readonly keystone: PrivateKeystone;
}

const SERVICE_PASSWORD = 'service-secret';
const EXTERNAL = 'public';
const DATABASES = ['glance', 'placement', 'nova_api', 'nova_cell0', 'nova', 'neutron', 'heat', 'cinder'];
const LAST_LINES = 25;

/**
 * Keystone, Glance, Placement, Nova and Cinder with their fake drivers, Neutron, Heat and Swift: Debian's, of one machine, with all that they stand on, in a folder of their own.
 * @param say a line of progress
 * @param options.hasGuests with a hypervisor and the agents of a network instead of stand-ins, and without Cinder, Heat and Swift; only in namespaces as test/guests makes them
 * @throws with the end of the log of what did not come up
 */
export async function startControlPlane(
  say: (line: string) => void,
  { hasGuests = false }: { hasGuests?: boolean } = {},
): Promise<ControlPlane> {
  await using undo = new AsyncDisposableStack();
  const folder = await serverFolder('openstack');
  await makeFolders(folder);
  const startedAt = performance.now();
  const step = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const done = await work.catch((error: Error) => {
      throw new Error(`${what} failed; the end of what it said:\n${lastLines(error)}`);
    });
    say(`${String(Math.round((performance.now() - startedAt) / 1000)).padStart(4)} s  ${what}`);
    return done;
  };
  const keep = async <T extends AsyncDisposable>(what: string, work: Promise<T>): Promise<T> => undo.use(await step(what, work));

  const ports = await somePorts();
  const [keystone, database, broker] = await Promise.all([
    keep('Keystone', startKeystone({ tokenSeconds: 86_400, cached: true })),
    keep('MariaDB', startMariadb()),
    keep('RabbitMQ', startRabbitmq()),
    keep('memcached', startMemcached(ports.memcached)),
  ]);
  const plan: PlanePlan = {
    folder,
    keystoneUrl: keystone.url,
    region: keystone.region,
    servicePassword: SERVICE_PASSWORD,
    brokerUrl: broker.url,
    database: new URL(database.url).host,
    ports,
    externalName: EXTERNAL,
    hasGuests,
  };
  await makeDatabases(database.url);
  await step('users and catalogue', introduce(keystone, plan));
  await keep('Keystone for signed URLs', startSignedUrls(keystone, plan));
  const cast: Cast = { plan, step, keep };
  await Promise.all([startServices(cast), ...(hasGuests ? [] : [keep('Swift', startSwift({ keystone }))])]);
  const external = await step('flavors, images, external network', seed(keystone, plan));
  const all = undo.move();
  return {
    facts: { keystoneUrl: keystone.url, region: keystone.region, adminPassword: keystone.adminPassword, external },
    keystone,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function somePorts(): Promise<PlanePlan['ports']> {
  const found = new Set<number>();
  while (found.size < PLANE_PORTS.length) found.add(await freePort());
  const free = [...found];
  return Object.fromEntries(PLANE_PORTS.map((name, i) => [name, free[i]!])) as PlanePlan['ports'];
}

async function makeFolders(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  const names = ['glance-images', 'glance-staging', 'glance-work', 'nova/instances', 'neutron', 'cinder', 'locks'];
  for (const name of names) await mkdir(join(folder, name), { recursive: true });
}

async function startMemcached(port: number): Promise<PrivateServer> {
  const program = needProgram('/usr/bin/memcached', 'memcached');
  const folder = await serverFolder('memcached');
  const words = ['-u', 'root', '-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '64'];
  return await startServer({
    folder,
    url: `127.0.0.1:${port}`,
    command: [program, ...words],
    stopSignal: 'SIGTERM',
    isReady: async () => true,
  });
}

async function makeDatabases(uri: string): Promise<void> {
  const connection = await createConnection({ uri });
  try {
    // So many processes with pools of their own; nothing that has to outlive a power cut.
    await connection.query('SET GLOBAL max_connections = 500');
    await connection.query('SET GLOBAL innodb_flush_log_at_trx_commit = 0');
    for (const name of DATABASES) await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb3`);
  } finally {
    await connection.end();
  }
}

/** Tells Keystone of the services: their users, and where they are. */
async function introduce(keystone: PrivateKeystone, { ports }: PlanePlan): Promise<void> {
  const users = ['glance', 'placement', 'nova', 'neutron', 'heat', 'cinder'];
  for (const name of users)
    await keystone.addUser({ name, password: SERVICE_PASSWORD, project: 'service', roles: ['admin', 'service'] });
  for (const name of ['heat_stack_owner', 'heat_stack_user']) await keystone.call('POST', '/roles', { role: { name } });
  const { domain } = await keystone.call<{ domain: { id: string } }>('POST', '/domains', { domain: { name: 'heat' } });
  const { user } = await keystone.call<{ user: { id: string } }>('POST', '/users', {
    user: { name: 'heat_domain_admin', domain_id: domain.id, password: SERVICE_PASSWORD },
  });
  const { roles } = await keystone.call<{ roles: { id: string }[] }>('GET', '/roles?name=admin');
  await keystone.call('PUT', `/domains/${domain.id}/users/${user.id}/roles/${roles[0]!.id}`);
  const at = (port: number, path = '') => `http://127.0.0.1:${port}${path}`;
  await keystone.addService('image', at(ports.glance));
  await keystone.addService('placement', at(ports.placement));
  await keystone.addService('compute', at(ports.nova, '/v2.1'));
  await keystone.addService('network', at(ports.neutron));
  // As most clouds call it still.
  await keystone.addService('volumev3', at(ports.cinder, '/v3/%(project_id)s'));
  await keystone.addService('orchestration', at(ports.heat, '/v1/%(tenant_id)s'));
  await keystone.addService('cloudformation', at(ports.heatCfn, '/v1'));
}

/** Where a program was run to its end, of what it said to stderr. */
const lastLines = (error: Error & { stderr?: string }): string =>
  (error.stderr || error.message).trimEnd().split('\n').slice(-LAST_LINES).join('\n');
