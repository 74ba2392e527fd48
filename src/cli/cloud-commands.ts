import { type Command, Option } from 'commander';
import { DEFAULT_NAME } from '../actions/cloud/marks.ts';
import { EVERYWHERE } from '../actions/cloud/topologies.ts';
import { TOPOLOGIES } from '../domain/deployment.ts';
import { positiveInteger } from './numbers.ts';
import { addFormatOptions } from './output.ts';
import { VERSION } from './version.ts';

const UP_HELP = `
all-in-one   one instance: API, queue, worker, demo
split        app-controller (API, queue), app-worker-1…
scaled       app-services (database, queue), app-api-1…, app-balancer, app-worker-1…

What is there already is passed over, so that an interrupted command goes on when
it is given again. Everything is marked with the deployment's name; faafo cloud
down takes away what is, and nothing else. Its secrets are kept in a file of your
own under ~/.local/state/faafo/deployments.

Examples:
  $ faafo cloud up --image debian-12 --flavor m1.small --dry-run
  $ faafo cloud up --topology split --workers 3 --image debian-12 --flavor m1.small
  $ faafo cloud up --name big --topology scaled --apis 2 --store swift --ssh-from 203.0.113.0/24 …
`;
const WAIT_S = 1800;
const MOST_LINES = 10_000;

/** The commands of `faafo cloud` that bring up a deployment and look after it. */
export function addDeployments(cloud: Command): void {
  addUp(cloud);
  addScale(cloud);
  addFormatOptions(withName(cloud.command('status')))
    .description('show the instances of a deployment, and how the service on each is')
    .action(async (options) => (await import('./cloud-status.ts')).cloudStatus(options));
  withName(cloud.command('ssh'))
    .description('open a shell on an instance, or run a command there')
    .argument('<instance>', 'name or id')
    .argument('[command...]', 'what to run; after --')
    .option('--user <name>', 'who to be there (default: as the image has it)')
    .option('--identity <file>', 'private key (default: as ssh finds it)')
    .action(async (instance, words, options) => (await import('./cloud-reach.ts')).cloudSsh(instance, words, options));
  withName(cloud.command('logs'))
    .description('show what an instance has written to its console')
    .argument('<instance>', 'name or id')
    .option('--lines <number>', `the last so many, ${MOST_LINES} at most`, positiveInteger, 200)
    .action(async (instance, options) => (await import('./cloud-reach.ts')).cloudLogs(instance, options));
  withName(cloud.command('token'))
    .description("print the token of a deployment's admin")
    .action(async (options) => (await import('./cloud-reach.ts')).cloudToken(options));
  withName(cloud.command('down'))
    .description('take a deployment away: all that is marked with its name, and nothing else')
    .option('-y, --yes', 'do not ask')
    .action(async (options) => (await import('./cloud-down.ts')).cloudDown(options));
}

const withName = (command: Command): Command => command.option('--name <name>', 'of the deployment', DEFAULT_NAME);

const withWait = (command: Command): Command =>
  command.option('--wait <seconds>', 'how long the service may take to answer', positiveInteger, WAIT_S);

function addUp(cloud: Command): void {
  addFormatOptions(withWait(withName(cloud.command('up'))))
    .description('bring the service up, or go on with it')
    .addOption(new Option('--topology <topology>', 'what runs where').choices(TOPOLOGIES).default(TOPOLOGIES[0]))
    .option('--workers <number>', 'instances that draw (default: 1 of split, 3 of scaled)', positiveInteger)
    .option('--apis <number>', 'instances of the API, of scaled (default: 2)', positiveInteger)
    .option('--image <image>', 'what to boot: Debian 12, by name or id')
    .option('--flavor <flavor>', 'how large, by name or id')
    .option('--key <name>', 'key pair; imported when there is none of that name', 'demokey')
    .option('--public-key <file>', 'what to import (default: ~/.ssh/id_ed25519.pub, id_ecdsa.pub or id_rsa.pub)')
    .option('--network <network>', 'private network, by name or id (default: the only one)')
    .option('--external <network>', 'where floating IPs come from (default: the only external network)')
    .addOption(new Option('--store <store>', 'where pictures are kept, beside the database or the disk').choices(['swift']))
    .option('--ssh-from <cidr>', 'from where SSH is let in', EVERYWHERE)
    .option(
      '-k, --source <package>',
      "the package on the instances: a URL, or a name in npm's registry",
      `@faafo/faafo@${VERSION}`,
    )
    .option('--dry-run', 'show the plan, and make nothing')
    .addHelpText('after', UP_HELP)
    .action(async (options) => (await import('./cloud-up.ts')).cloudUp(options));
}

function addScale(cloud: Command): void {
  withWait(withName(cloud.command('scale')))
    .description('change the number of workers; those that go end what they draw, or give it back')
    .requiredOption('--workers <number>', 'how many there are to be', positiveInteger)
    .action(async (options) => (await import('./cloud-scale.ts')).cloudScale(options));
}
