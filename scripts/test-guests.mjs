// npm run test:guests: a real OpenStack whose instances really boot (emulated), in namespaces of its own, and `faafo cloud` on it with an image that is baked
// first. Takes some twenty minutes and 7 GB of memory, and is no part of continuous integration. It writes what was seen to docs/tutorial/guests.md.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLOUD_PACKAGES, GUEST_PACKAGES, installDebianPackages, installPackages, NODE, ROOT, run, stop } from './install.mjs';

const CACHE = join(ROOT, 'node_modules/.cache/faafo-guests');
const PREFIX = 'faafo-guests-';

if (process.getuid() !== 0) stop('it makes namespaces and the file system of another machine: run it as root.');
installPackages();
installDebianPackages([...CLOUD_PACKAGES, ...GUEST_PACKAGES]);
removeLeftovers();
const image = bake();
const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
// dnsmasq reads in there as nobody.
chmodSync(folder, 0o755);
try {
  // Whoever kills this process kills the first one in there, and with that one all others: no process, no mount, no network outlives it.
  const command = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--net', '--pid', '--uts', '--ipc', '--mount-proc'];
  const words = ['--fork', '--kill-child', 'sh', 'test/guests/enter.sh', NODE, image, ...process.argv.slice(2)];
  const { status } = spawnSync(command[0], [...command.slice(1), ...words], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: folder },
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Of runs that were killed: nothing of them runs any more, but files are there. */
function removeLeftovers() {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const name of names)
    if (!existsSync(`/proc/${name.split('-')[2]}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
}

/** An image with the package as it is here; kept until one of them is another. @returns its path */
function bake() {
  mkdirSync(CACHE, { recursive: true });
  const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', CACHE], { cwd: ROOT, encoding: 'utf8' });
  if (packed.status !== 0) stop(`npm pack failed: ${packed.stderr}`);
  const tarball = join(CACHE, packed.stdout.trim());
  const hash = createHash('sha256');
  for (const path of [tarball, 'deploy/image/faafo-image', 'deploy/install.sh']) hash.update(readFileSync(path));
  const baked = join(CACHE, `${hash.digest('hex').slice(0, 12)}.qcow2`);
  if (existsSync(baked)) return baked;
  for (const name of readdirSync(CACHE).filter((each) => each.includes('.qcow2'))) rmSync(join(CACHE, name));
  const unfinished = join(CACHE, 'unfinished.qcow2');
  // Emulated processors have no holes to be mended.
  run(
    'deploy/image/faafo-image',
    ['-k', tarball, '-s', '3G', '-a', 'quiet mitigations=off', unfinished],
    'the image was not baked: see above.',
  );
  renameSync(unfinished, baked);
  return baked;
}
