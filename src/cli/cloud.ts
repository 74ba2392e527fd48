import type { Command } from 'commander';
import type { CloudProject } from '../domain/cloud-resources.ts';
import { addDeployments } from './cloud-commands.ts';
import { addFormatOptions, type Column, type FormatOptions, formatList } from './output.ts';

const HELP = `
The cloud is the one that OS_CLOUD names in clouds.yaml, or that OS_AUTH_URL,
OS_USERNAME and so on describe, as for every client of OpenStack.

Examples:
  $ faafo cloud up --topology split --workers 3 --image debian-12 --flavor m1.small
  $ faafo cloud status
  $ faafo cloud images
  $ faafo cloud flavors -f json
  $ faafo cloud servers -c Name -c Status -f value
`;

/** `faafo cloud`, whose heavy parts are loaded when one of its commands is run. */
export function addCloud(program: Command): void {
  const cloud = program
    .command('cloud')
    .description('bring the service up on an OpenStack cloud, and look after it there')
    .addHelpText('after', HELP);
  addDeployments(cloud);
  addLists(cloud);
}

function addLists(cloud: Command): void {
  list(cloud, 'images', 'list what can be booted', async () => (await import('./cloud-lists.ts')).IMAGES);
  list(cloud, 'flavors', 'list the sizes of instances', async () => (await import('./cloud-lists.ts')).FLAVORS);
  list(cloud, 'networks', 'list networks', async () => (await import('./cloud-lists.ts')).NETWORKS);
  list(cloud, 'keypairs', 'list your key pairs', async () => (await import('./cloud-lists.ts')).KEY_PAIRS);
  list(cloud, 'groups', 'list security groups', async () => (await import('./cloud-lists.ts')).GROUPS);
  list(cloud, 'servers', 'list instances', async () => (await import('./cloud-lists.ts')).SERVERS);
  list(cloud, 'ips', 'list floating IPs', async () => (await import('./cloud-lists.ts')).FLOATING_IPS);
}

/** What a list shows, and where it comes from. */
export interface CloudList<T> {
  readonly rows: (project: CloudProject) => Promise<readonly T[]>;
  readonly columns: readonly Column<T>[];
}

function list<T>(cloud: Command, name: string, description: string, load: () => Promise<CloudList<T>>): void {
  addFormatOptions(cloud.command(name).description(description)).action(async (format: FormatOptions) => {
    const { openCloud } = await import('./open-cloud.ts');
    const { rows, columns } = await load();
    await using opened = await openCloud();
    process.stdout.write(await formatList(await rows(opened.project), columns, format));
  });
}
