import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fixedAddress, floatingAddress } from '../actions/cloud/find-deployment.ts';
import { resolveName } from '../actions/cloud/resolve.ts';
import type { CloudServer } from '../domain/cloud-resources.ts';
import { Fault } from '../domain/fault.ts';
import { openSite, stateOf } from './cloud-site.ts';
import { openCloud } from './open-cloud.ts';

interface Reach {
  readonly name: string;
  readonly user?: string;
  readonly identity?: string;
}

/** `faafo cloud ssh`: becomes ssh to an instance; by way of the one that has an address outside, where it has none itself. */
export async function cloudSsh(instance: string, words: readonly string[], { name, user, identity }: Reach): Promise<void> {
  const command = await (async () => {
    await using opened = await openCloud();
    const { find, project } = await openSite(name, opened);
    const { servers } = await find();
    const server = resolveName(servers, instance, 'instance of this deployment', 'its id');
    const image = (await project.images.list()).find(({ id }) => id === server.imageId);
    return sshCommand(server, servers, { user: user ?? usualUser(image?.name ?? ''), identity }, words);
  })();
  const [program, ...rest] = command;
  const [status] = (await once(spawn(program!, rest, { stdio: 'inherit' }), 'exit')) as [number | null];
  process.exitCode = status ?? 1;
}

/** @throws {Fault} when there is no way to it */
export function sshCommand(
  server: CloudServer,
  all: readonly CloudServer[],
  { user, identity }: { readonly user: string; readonly identity?: string },
  words: readonly string[],
): string[] {
  const key = identity === undefined ? [] : ['-i', identity];
  const common = ['ssh', '-o', 'StrictHostKeyChecking=accept-new', ...key];
  const own = floatingAddress(server);
  if (own !== null) return [...common, `${user}@${own}`, ...words];
  const way = all.map(floatingAddress).find((each) => each !== null);
  const address = fixedAddress(server);
  if (!way || address === null)
    throw new Fault('unavailable', `There is no way to ${server.name}: no instance of its deployment has a floating IP.`);
  // Not -J, which would not take the key.
  const jump = ['ssh', '-o', 'StrictHostKeyChecking=accept-new', ...key, '-W', '%h:%p', `${user}@${way}`].join(' ');
  return [...common, '-o', `ProxyCommand=${jump}`, `${user}@${address}`, ...words];
}

/** As the images of the distributions have it. */
const usualUser = (image: string): string =>
  ['debian', 'ubuntu', 'fedora', 'rocky', 'almalinux', 'cirros'].find((each) => image.toLowerCase().includes(each)) ?? 'debian';

/** `faafo cloud logs`: what an instance has written to its console. */
export async function cloudLogs(instance: string, { name, lines }: { name: string; lines: number }): Promise<void> {
  await using opened = await openCloud();
  const { find, project } = await openSite(name, opened);
  const server = resolveName((await find()).servers, instance, 'instance of this deployment', 'its id');
  const text = await project.servers.log(server.id, lines);
  process.stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`);
}

/** `faafo cloud token`: the admin's, which was made when the deployment was. */
export async function cloudToken({ name }: { name: string }): Promise<void> {
  await using opened = await openCloud();
  process.stdout.write(`${stateOf(await openSite(name, opened)).secrets.adminToken}\n`);
}
