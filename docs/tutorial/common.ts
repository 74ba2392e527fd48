import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CloudGroup,
  type CloudProject,
  type CloudServer,
  newAccessToken,
  type RuleSource,
  userData,
} from '@faafo/faafo/openstack';

// What is yours: change it here, or set the variable.
export const IMAGE = process.env.TUTORIAL_IMAGE ?? 'debian-12';
export const FLAVOR = process.env.TUTORIAL_FLAVOR ?? 'm1.small';
/** of the project, with a router to the outside */
export const NETWORK = process.env.TUTORIAL_NETWORK ?? 'private';
/** where floating IPs come from */
export const EXTERNAL = process.env.TUTORIAL_EXTERNAL ?? 'public';
/** the package that instances install: a name of npm's registry, or the path or URL of a tarball */
export const SOURCE = process.env.TUTORIAL_SOURCE ?? '@faafo/faafo';
export const PUBLIC_KEY = process.env.TUTORIAL_PUBLIC_KEY ?? join(homedir(), '.ssh', 'id_rsa.pub');
export const KEY = 'demokey';
/** What this tutorial has made is known by it (chapter 16). */
export const MARK = { tutorial: 'faafo' };
export const EVERYWHERE: RuleSource = { cidr: '0.0.0.0/0' };

/** The one of that name. */
export function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find((each) => each.name === name);
  if (!found) throw new Error(`There is no ${name}; there are: ${all.map((each) => each.name).join(', ')}`);
  return found;
}

/** The server, as soon as it runs. */
export async function running({ servers }: CloudProject, id: string): Promise<CloudServer> {
  for (;;) {
    const server = await servers.find(id);
    if (server?.status === 'ACTIVE' && server.addresses.length > 0) return server;
    if (!server || server.status === 'ERROR') throw new Error(`It will never run: ${server?.fault ?? 'it is gone'}`);
    await sleep(2_000);
  }
}

/** The private address of a server. */
export const privateAddress = ({ name, addresses }: CloudServer): string => {
  const fixed = addresses.find(({ kind }) => kind === 'fixed');
  if (!fixed) throw new Error(`${name} has no private address.`);
  return fixed.address;
};

/** A security group that lets TCP in, made where it is not there (chapter 8). */
export async function group(
  project: CloudProject,
  name: string,
  rules: readonly [port: number, from: RuleSource][],
): Promise<CloudGroup> {
  const there = (await project.groups.list()).find((each) => each.name === name);
  console.log(`security group ${name}: ${there ? 'is there already' : 'made'}`);
  const { id } = there ?? (await project.groups.make(name, `faafo tutorial: ${name}`));
  // To allow the same twice is fine.
  for (const [port, from] of rules) await project.groups.allow(id, port, from);
  return named(await project.groups.list(), name);
}

/** An instance that runs, made where it is not there (chapters 4 and 9). */
export async function instance(
  project: CloudProject,
  name: string,
  inGroup: CloudGroup,
  dataOf: () => string | Promise<string>,
  network = NETWORK,
): Promise<CloudServer> {
  const there = (await project.servers.list()).find((each) => each.name === name);
  console.log(`instance ${name}: ${there ? 'is there already' : 'made'}`);
  const { id } =
    there ??
    (await project.servers.make({
      name,
      imageId: named(await project.images.list(), IMAGE).id,
      flavorId: named(await project.flavors.list(), FLAVOR).id,
      networkId: named(await project.networks.list(), network).id,
      groupIds: [inGroup.id],
      keyName: KEY,
      metadata: MARK,
      userData: await dataOf(),
    }));
  return await running(project, id);
}

/** An address outside that leads to a server: what it has, else an unused one, else a new one (chapter 10). */
export async function publicAddress(project: CloudProject, server: CloudServer): Promise<string> {
  const ips = await project.floatingIps.list();
  const [port] = await project.networks.portsOf(server.id);
  // The server itself hears of its address a little later than the network knows it.
  const has = ips.find(({ portId }) => portId === port!.id);
  if (has) return has.address;
  const external = named(await project.networks.list(), EXTERNAL);
  const ip =
    ips.find(({ portId }) => portId === null) ?? (await project.floatingIps.make(external.id, `faafo tutorial: ${server.name}`));
  await project.floatingIps.lead(ip.id, port!.id);
  return ip.address;
}

/** Passwords of this tutorial's own, made once, and kept in this folder for you alone. */
export function secrets(): {
  readonly admin: string;
  readonly broker: string;
  readonly listener: string;
  readonly database: string;
} {
  const path = 'tutorial-secrets.json';
  if (!existsSync(path)) {
    const password = () => randomBytes(18).toString('base64url');
    const fresh = { admin: newAccessToken().text, broker: password(), listener: password(), database: password() };
    writeFileSync(path, JSON.stringify(fresh), { mode: 0o600, flag: 'wx' });
  }
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Resolves when the API there answers. */
export async function answering(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.ok) return;
    await sleep(2_000);
  }
}

/** A token that one worker can be enrolled with, within two hours: it may stand in user data. */
export async function enrolmentToken(url: string, name: string): Promise<string> {
  const answer = await fetch(`${url}/v1/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secrets().admin}` },
    body: JSON.stringify({ name, role: 'worker', uses: 1, expires_in: 7_200 }),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { token: string }).token;
}

const queueAt = (user: string, password: string, host: string) => `amqp://${user}:${password}@${host}:5672/faafo`;

/** What a controller is told: API and queue (chapter 12). */
export function controllerData(name: string): string {
  const { admin, broker, listener } = secrets();
  return userData({
    ...{ name, install: ['messaging', 'faafo'], run: ['api'], adminToken: admin, source: SOURCE },
    transportUrl: queueAt('faafo', broker, '127.0.0.1'),
    workerTransportUrl: queueAt('listener', listener, '127.0.0.1'),
  });
}

/** What a worker of that controller is told (chapter 12). @param url where the API answers us */
export async function workerData(name: string, controller: CloudServer, url: string): Promise<string> {
  return userData({
    ...{ name, install: ['faafo'], run: ['worker'], source: SOURCE },
    endpointUrl: `http://${privateAddress(controller)}/`,
    transportUrl: queueAt('listener', secrets().listener, privateAddress(controller)),
    token: await enrolmentToken(url, name),
  });
}
