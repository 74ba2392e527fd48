import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { needProgram, runProgram } from '../../support/servers/private-server.ts';

/** Where roots are kept, beside npm's caches. */
export const CACHE = resolve(import.meta.dirname, '../../../node_modules/.cache/faafo-hosts');
const SOURCES = '/etc/apt/sources.list.d/debian.sources';

/** What an image of a cloud has, as far as it matters here; and no more, so that install.sh has to bring the rest. */
const PACKAGES = ['cloud-init', 'iproute2', 'procps', 'ca-certificates', 'netbase', 'sysvinit-utils', 'logrotate'];

/**
 * The first process of a host: cloud-init at the first boot, the services that are enabled at a later one. A shell is enough; Debian's systemd does not
 * come up beside another system's control groups.
 */
const INIT = `#!/bin/bash
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock
ip link set lo up
if [ ! -e /var/lib/cloud/instance/boot-finished ]; then
  cloud-init init --local && cloud-init init && cloud-init modules --mode=config
  cloud-init modules --mode=final
else
  hostname "$(cat /etc/hostname)"
  for service in /etc/rc2.d/S*; do [ ! -e "$service" ] || "$service" start </dev/null; done
fi >>/var/log/boot.log 2>&1
touch /run/booted
while true; do sleep 3600 & wait $!; done
`;

/** How cloud-init finds its seed, and what it leaves alone. */
const CLOUD = `datasource_list: [NoCloud]
apt_preserve_sources_list: true
network: {config: disabled}
locale: false
`;

/** A folder that holds a Debian as the image of a cloud does; made once from this machine's own mirror (a minute or two), and kept beside npm's caches. */
export async function debianRoot(): Promise<string> {
  const mmdebstrap = needProgram('/usr/bin/mmdebstrap', 'mmdebstrap');
  const key = createHash('sha256')
    .update(PACKAGES.join() + INIT + CLOUD)
    .digest('hex')
    .slice(0, 12);
  const root = join(CACHE, `debian-${key}`);
  if (existsSync(root)) return root;
  await mkdir(CACHE, { recursive: true });
  const old = readdirSync(CACHE).filter((name) => name.startsWith('debian-'));
  await Promise.all(old.map((name) => rm(join(CACHE, name), { recursive: true, force: true })));
  const unfinished = `${root}.${process.pid}`;
  // What it mounts is gone when it is killed.
  const alone = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const words = ['--variant=minbase', `--include=${PACKAGES.join()}`, '--quiet', 'bookworm', unfinished, SOURCES];
  await runProgram([...alone, mmdebstrap, ...words]);
  await makeBootable(unfinished);
  await rename(unfinished, root);
  return root;
}

/** Gives a root what boots it as a host of this machine. */
export async function makeBootable(root: string): Promise<void> {
  for (const folder of ['sbin', 'etc/cloud/cloud.cfg.d']) await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, 'sbin/faafo-init'), INIT, { mode: 0o755 });
  await writeFile(join(root, 'etc/cloud/cloud.cfg.d/99-faafo.cfg'), CLOUD);
}

/** Where what hosts fetch is kept, so that the next run fetches it from here. */
export const CACHED_DOWNLOADS = join(CACHE, 'downloads');
