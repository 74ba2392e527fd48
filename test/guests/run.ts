import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTestProject } from '../cloud/support/project.ts';
import { startControlPlane } from '../support/servers/openstack/plane.ts';
import { until } from '../support/until.ts';
import { play } from './play.ts';
import { Transcript } from './transcript.ts';

// What `npm run test:guests` does in its namespaces (enter.sh): a control plane with guests, a user with a home of their own, and what they do.

const [image = '', ...words] = process.argv.slice(2);
const HOME = '/home/ann';
const ROOT = join(import.meta.dirname, '../..');
const DOCUMENT = join(ROOT, 'docs/tutorial/guests.md');

const say = (line: string): void => console.error(`faafo: ${line}`);

process.exitCode = await run().catch((error: Error) => {
  say(error.message);
  return 1;
});
process.exit();

async function run(): Promise<number> {
  say('starting a control plane with guests (some minutes) …');
  await using plane = await startControlPlane(say, { hasGuests: true });
  const facts = join(process.env.TMPDIR!, 'plane.json');
  await writeFile(facts, JSON.stringify(plane.facts));
  process.env.CLOUD_PLANE = facts;
  await using project = await openTestProject('fractals');
  const transcript = new Transcript({ ...(await homeOf(image)), ...project.env });
  if (words[0] === 'up') {
    say(
      `the cloud is up until Ctrl-C; its user: env ${Object.entries(project.env)
        .map(([name, value]) => `${name}='${value}'`)
        .join(' ')}`,
    );
    return await until(() => null, 2 ** 31);
  }
  await play(transcript, project);
  await writeFile(DOCUMENT, heading() + transcript.text());
  say(`all of it went well, and is in ${DOCUMENT.slice(ROOT.length + 1)}`);
  return 0;
}

/** Somebody who has the image, a key, and the programs. @returns their environment */
async function homeOf(baked: string): Promise<NodeJS.ProcessEnv> {
  const bin = join(HOME, 'bin');
  await mkdir(bin, { recursive: true });
  await mkdir(join(HOME, '.ssh'), { mode: 0o700 });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ann', '-f', join(HOME, '.ssh/id_ed25519')]);
  // Keys of hosts belong to root's home, whatever HOME says.
  const ssh = `#!/bin/sh\nexec /usr/bin/ssh -F ${HOME}/.ssh/config "$@"\n`;
  const quiet = `IdentityFile ${HOME}/.ssh/id_ed25519\nUserKnownHostsFile ${HOME}/.ssh/known_hosts\nLogLevel ERROR\nConnectTimeout 60\n`;
  await writeFile(join(HOME, '.ssh/config'), quiet);
  await writeFile(join(bin, 'ssh'), ssh);
  const flags = '--disable-warning=ExperimentalWarning';
  await writeFile(join(bin, 'faafo'), `#!/bin/sh\nexec ${process.execPath} ${flags} ${ROOT}/bin/faafo.js "$@"\n`);
  for (const name of ['ssh', 'faafo']) await chmod(join(bin, name), 0o755);
  await symlink(baked, join(HOME, 'faafo.qcow2'));
  return {
    PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME,
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    USER: 'ann',
    TMPDIR: process.env.TMPDIR,
  };
}

function heading(): string {
  return `# A deployment on guests that boot

<!-- Written by npm run test:guests: change test/guests/play.ts, not this. -->

What somebody typed and saw on a cloud whose instances really boot: OpenStack Zed of Debian 12 with libvirt and QEMU, which emulates the processors of the
instances here, so that a boot takes minutes. The network has no way out: everything comes from the image that \`deploy/image/faafo-image\` has baked.

`;
}
